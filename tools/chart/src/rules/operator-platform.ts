import { clusterRules, leaderRules } from '@csms/operator/rules';
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

/** The rights of the operator in the chart, and those that its code says it needs under the same platform, as sorted lines. */
export function operatorRights(manifests: Manifest[]): { given: string[]; needed: string[] } {
  const platform = platformOf(manifests);
  const of = (kind: string): PolicyRule[] => manifests.filter((each) => each.kind === kind && /csms-operator$/.test(each.metadata.name)).flatMap((each) => Rules.parse(each).rules);
  const names = Object.values(platform.secrets).filter((name) => name !== undefined);
  // Server-side apply names what it creates, so that even this right is tied to the names.
  const tied = clusterRules(platform).map((rule) => (rule.resources.includes('secrets') && rule.resourceNames === undefined ? { ...rule, resourceNames: names } : rule));
  return { given: rightsOf([...of('ClusterRole'), ...of('Role')]), needed: rightsOf([...tied, ...leaderRules()]) };
}
