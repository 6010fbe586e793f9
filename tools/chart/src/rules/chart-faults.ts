import { z } from 'zod';
import { podsOf } from '../rendered/manifests.ts';
import type { Manifest, Pod } from '../rendered/manifests.ts';
import { accessFaults } from './access.ts';
import { deniesByDefault, edgesOf, halfOpen } from './network.ts';
import { houseFaults, restrictedFaults } from './pod-security.ts';

const Budget = z.looseObject({ spec: z.looseObject({ selector: z.looseObject({ matchLabels: z.record(z.string(), z.string()) }) }) });

/** Everything that is wrong with a rendered chart, one sentence a fault: Pod Security, policies, rights, budgets, Secrets written out. */
export function chartFaults(manifests: Manifest[]): string[] {
  const pods = podsOf(manifests);
  const components = pods.map(({ component }) => component);
  return [
    ...pods.flatMap(restrictedFaults), ...pods.flatMap(houseFaults), ...accessFaults(manifests),
    ...halfOpen(edgesOf(manifests), components).map(({ from, to, port }) => `${from} -> ${to}:${port} is allowed at one end alone`),
    ...pods.filter(({ labels }) => !deniesByDefault(manifests, labels)).map(({ owner }) => `${owner}: no policy denies by default`),
    ...pods.filter((pod) => pod.serving && !budgeted(manifests, pod)).map(({ owner }) => `${owner}: no PodDisruptionBudget`),
    ...pods.flatMap(writtenOut), ...twice(manifests),
  ];
}

function budgeted(manifests: Manifest[], pod: Pod): boolean {
  return manifests.some((manifest) => manifest.kind === 'PodDisruptionBudget' && Object.entries(Budget.parse(manifest).spec.selector.matchLabels).every(([key, value]) => pod.labels[key] === value));
}

const secretWord = /PASSWORD|SECRET|TOKEN|PEPPER|PRIVATE/;
const userinfo = /:\/\/[^/@\s:]*:[^/@\s]+@/;

/** Values that belong into a Secret and stand in the open (K-05). */
function writtenOut(pod: Pod): string[] {
  return [...pod.spec.containers, ...pod.spec.initContainers].flatMap((container) => [
    ...container.env.filter(({ name, value }) => value !== undefined && value !== '' && (userinfo.test(value) || (secretWord.test(name) && !value.startsWith('/')))).map(({ name }) => `${pod.owner}: ${name} is written out`),
    ...[...container.args, ...container.command].filter((word) => userinfo.test(word) || /(password|secret|token)=[^$]/i.test(word)).map((word) => `${pod.owner}: the argument ${word} shows a secret`),
  ]);
}

/** Server-side apply and upgrades know an object by its name: two of one name are a fault. */
function twice(manifests: Manifest[]): string[] {
  const names = manifests.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is rendered twice`);
}
