import { CHARGING_SITE_GROUP } from '@csms/contracts/charging-site/schema';
import { eventKind, leaseKind, namespaceKind, podKind } from '@csms/kube/kind';
import type { Kind } from '@csms/kube/kind';
import { essentialKinds, optionalKindsOf } from './site/kinds.ts';
import type { Platform } from './site/platform.ts';

export interface PolicyRule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const groupOf = (kind: Kind): string => (kind.apiVersion.includes('/') ? (kind.apiVersion.split('/')[0] ?? '') : '');
const rule = (kind: Kind, verbs: string[]): PolicyRule => ({ apiGroups: [groupOf(kind)], resources: [kind.plural], verbs });

/**
 * What the operator may do in the whole cluster, and nothing more: what it calls for the kinds that it makes, under the given platform.
 * Secrets are only those that the platform names, also where they are made (server-side apply says the name first), and are never listed; roles are made only where the platform gives tenants access.
 */
export function clusterRules(platform: Platform): PolicyRule[] {
  return [
    ...siteRules(platform),
    rule(namespaceKind, ['list', 'watch']),
    secretsRule(platform, ['get', 'create', 'patch', 'delete']),
  ];
}

/** What it may do in each namespace that it watches, where it does not watch all of them (a Role); together with `leaderRules` that is all. */
export const watchedNamespaceRules = (platform: Platform): PolicyRule[] => [...siteRules(platform), rule(namespaceKind, ['get']), secretsRule(platform, ['get', 'create', 'patch', 'delete'])];

function siteRules(platform: Platform): PolicyRule[] {
  const kinds = [...essentialKinds, ...optionalKindsOf(platform)];
  // Nobody may grant what they do not have.
  const sites = ['get', 'list', 'watch', 'patch', ...(platform.access.editors === undefined ? [] : ['create', 'update', 'delete'])];
  return [
    { apiGroups: [CHARGING_SITE_GROUP], resources: ['chargingsites'], verbs: sites },
    { apiGroups: [CHARGING_SITE_GROUP], resources: ['chargingsites/status'], verbs: ['patch'] },
    // Owner references that block the owner's deletion.
    { apiGroups: [CHARGING_SITE_GROUP], resources: ['chargingsites/finalizers'], verbs: ['update'] },
    ...kinds.map((kind) => rule(kind, ['get', 'list', 'watch', 'create', 'patch', 'delete'])),
    rule(eventKind, ['create', 'patch']),
    // Whether gateways still drain; whose connections autoscalers are told, and who is marked to end first.
    rule(podKind, platform.autoscaling.metricsApi ? ['list', 'patch'] : ['list']),
  ];
}

const secretsRule = (platform: Platform, verbs: string[]): PolicyRule => ({ apiGroups: [''], resources: ['secrets'], resourceNames: Object.values(platform.secrets).filter((name) => name !== undefined), verbs });

/** What it may do in the platform's own namespace: hold the lease of the leader. */
export const leaderRules = (): PolicyRule[] => [rule(leaseKind, ['get', 'create', 'patch'])];

/** The same where it does not watch all namespaces: it also reads there the Secrets that it copies. */
export const platformNamespaceRules = (platform: Platform): PolicyRule[] => [...leaderRules(), secretsRule(platform, ['get'])];
