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
const kind = (apiVersion: string, name: string, plural: string): Kind => ({ apiVersion, kind: name, plural, namespaced: true });

export const podKind = kind('v1', 'Pod', 'pods');
export const serviceKind = kind('v1', 'Service', 'services');
export const serviceAccountKind = kind('v1', 'ServiceAccount', 'serviceaccounts');
export const configMapKind = kind('v1', 'ConfigMap', 'configmaps');
export const eventKind = kind('v1', 'Event', 'events');
export const leaseKind = kind('coordination.k8s.io/v1', 'Lease', 'leases');
export const roleKind = kind('rbac.authorization.k8s.io/v1', 'Role', 'roles');
export const roleBindingKind = kind('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings');
export const networkPolicyKind = kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies');
export const ingressKind = kind('networking.k8s.io/v1', 'Ingress', 'ingresses');
export const podDisruptionBudgetKind = kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets');
export const horizontalPodAutoscalerKind = kind('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers');
export const scaledObjectKind = kind('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects');
export const httpRouteKind = kind('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes');
export const tlsRouteKind = kind('gateway.networking.k8s.io/v1', 'TLSRoute', 'tlsroutes');
export const certificateKind = kind('cert-manager.io/v1', 'Certificate', 'certificates');
export const serviceMonitorKind = kind('monitoring.coreos.com/v1', 'ServiceMonitor', 'servicemonitors');
export const prometheusRuleKind = kind('monitoring.coreos.com/v1', 'PrometheusRule', 'prometheusrules');

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
