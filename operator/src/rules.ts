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
  const kinds = [...essentialKinds, ...optionalKindsOf(platform)];
  // Nobody may grant what they do not have.
  const sites = ['get', 'list', 'watch', 'patch', ...(platform.access.editors === undefined ? [] : ['create', 'update', 'delete'])];
  return [
    { apiGroups: [CHARGING_SITE_GROUP], resources: ['chargingsites'], verbs: sites },
    { apiGroups: [CHARGING_SITE_GROUP], resources: ['chargingsites/status'], verbs: ['patch'] },
    // Owner references that block the owner's deletion.
    { apiGroups: [CHARGING_SITE_GROUP], resources: ['chargingsites/finalizers'], verbs: ['update'] },
    rule(namespaceKind, ['list', 'watch']),
    ...kinds.map((kind) => rule(kind, ['get', 'list', 'watch', 'create', 'patch', 'delete'])),
    { apiGroups: [''], resources: ['secrets'], resourceNames: Object.values(platform.secrets).filter((name) => name !== undefined), verbs: ['get', 'create', 'patch', 'delete'] },
    rule(eventKind, ['create', 'patch']),
    // Whose connections autoscalers are told, and who is marked to end first.
    ...(platform.autoscaling.metricsApi ? [rule(podKind, ['list', 'patch'])] : []),
  ];
}

/** What it may do in the platform's own namespace: hold the lease of the leader. */
export const leaderRules = (): PolicyRule[] => [rule(leaseKind, ['get', 'create', 'patch'])];
