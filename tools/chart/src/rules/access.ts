import { z } from 'zod';
import type { Manifest } from '../rendered/manifests.ts';

const Rule = z.strictObject({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()), resourceNames: z.array(z.string()).optional() });
const Rules = z.looseObject({ rules: z.array(Rule) });

const neverVerbs = ['*', 'escalate', 'bind', 'impersonate'];
const neverResources = ['*', 'pods/exec', 'pods/attach', 'serviceaccounts/token', 'nodes/proxy'];

/** What a Role or ClusterRole of the chart grants that it must not (K-03): one sentence a fault. */
export function accessFaults(manifests: Manifest[]): string[] {
  return manifests.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole').flatMap((manifest) =>
    Rules.parse(manifest).rules.flatMap((rule) => [
      ...rule.verbs.filter((verb) => neverVerbs.includes(verb)).map((verb) => `verb ${verb}`),
      ...rule.resources.filter((resource) => neverResources.includes(resource)).map((resource) => `resource ${resource}`),
      ...(rule.apiGroups.includes('*') ? ['every API group'] : []),
      ...(rule.resources.includes('secrets') && rule.verbs.some((verb) => ['list', 'watch'].includes(verb)) ? ['lists Secrets'] : []),
      ...(rule.resources.includes('secrets') && rule.resourceNames === undefined ? ['Secrets without their names'] : []),
    ].map((fault) => `${manifest.kind} ${manifest.metadata.name}: ${fault}`)),
  );
}
