/** A kind and the words of its REST path. `plural` is the path's word, `namespaced` whether a namespace stands before it. */
export interface Kind {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

export const namespaceKind: Kind = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
export const secretKind: Kind = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
export const deploymentKind: Kind = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
export const cronJobKind: Kind = { apiVersion: 'batch/v1', kind: 'CronJob', plural: 'cronjobs', namespaced: true };
export const serviceKind: Kind = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true };
export const networkPolicyKind: Kind = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', plural: 'networkpolicies', namespaced: true };
export const podDisruptionBudgetKind: Kind = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', namespaced: true };
export const podMonitorKind: Kind = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', plural: 'podmonitors', namespaced: true };
export const httpRouteKind: Kind = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced: true };

/** `/api/v1` for the core group, `/apis/<group>/<version>` for all others. */
export const groupPath = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`);

/**
 * The REST path of a kind's collection, of one object, or of its subresource.
 * Without `namespace` a namespaced kind's path is that of all namespaces.
 */
export function pathOf(kind: Kind, namespace?: string, name?: string, subresource?: 'status'): string {
  const parts = [groupPath(kind.apiVersion)];
  if (kind.namespaced && namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(kind.plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return parts.join('/');
}

/** What a REST path means. */
export interface Target {
  kind: Kind;
  namespace?: string;
  name?: string;
  subresource?: string;
}

/** The inverse of pathOf among the given kinds; undefined for a path that none of them has. */
export function targetOf(kinds: readonly Kind[], path: string): Target | undefined {
  const [, root, ...parts] = path.split('/').map(decodeURIComponent);
  const rest = parts.slice(root === 'api' ? 1 : 2);
  const apiVersion = parts.slice(0, root === 'api' ? 1 : 2).join('/');
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && rest[2] !== 'status';
  const [plural, name, subresource] = inNamespace ? rest.slice(2) : rest;
  const kind = kinds.find((each) => each.apiVersion === apiVersion && each.plural === plural);
  if (kind === undefined || (subresource !== undefined && subresource !== 'status')) return undefined;
  if (name !== undefined && kind.namespaced !== inNamespace) return undefined;
  return {
    kind,
    ...(inNamespace ? { namespace: rest[1] ?? '' } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}
