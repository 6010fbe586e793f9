import { clusterRules, leaderRules, platformNamespaceRules, watchedNamespaceRules } from '@csms/operator/rules';
import type { PolicyRule } from '@csms/operator/rules';
import { Platform } from '@csms/operator/site/platform';
import { z } from 'zod';
import type { Manifest } from '../rendered/manifests.ts';

const PlatformMap = z.looseObject({ data: z.object({ 'platform.json': z.string() }) });
const Rules = z.looseObject({ rules: z.array(z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()), resourceNames: z.array(z.string()).optional() })) });

/** What the chart gives to the operator as CSMS_PLATFORM. Throws where the operator would refuse it. */
export function platformOf(manifests: Manifest[]): Platform {
  const map = manifests.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'csms-operator');
  return Platform.parse(JSON.parse(PlatformMap.parse(map).data['platform.json']));
}

const rightsOf = (rules: PolicyRule[]): string[] =>
  [...new Set(rules.flatMap(({ apiGroups, resources, verbs, resourceNames = ['any'] }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.flatMap((verb) => resourceNames.map((name) => `${verb} ${group}/${resource} ${name}`))))))].sort();

/** The rights of the operator in the chart, by where they hold (`cluster` or a namespace), and those that its code says it needs under the same platform, as sorted lines. */
export function operatorRights(manifests: Manifest[]): { given: Record<string, string[]>; needed: Record<string, string[]> } {
  const platform = platformOf(manifests);
  const rules = manifests.filter(({ kind, metadata }) => (kind === 'ClusterRole' || kind === 'Role') && /csms-operator$/.test(metadata.name));
  const given = Object.fromEntries(rules.map((each) => [each.kind === 'ClusterRole' ? 'cluster' : (each.metadata.namespace ?? ''), rightsOf(Rules.parse(each).rules)]));
  const home = manifests.find(({ kind, metadata }) => kind === 'Role' && metadata.name === 'csms-operator')?.metadata.namespace ?? '';
  const watched = Object.keys(given).filter((where) => where !== 'cluster' && where !== home);
  const needed: Record<string, PolicyRule[]> =
    watched.length === 0
      ? { cluster: clusterRules(platform), [home]: leaderRules() }
      : { ...Object.fromEntries(watched.map((where) => [where, watchedNamespaceRules(platform)])), [home]: platformNamespaceRules(platform) };
  return { given, needed: Object.fromEntries(Object.entries(needed).map(([where, list]) => [where, rightsOf(list)])) };
}
