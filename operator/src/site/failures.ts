import type { SiteConditionType } from '@csms/contracts/charging-site/reasons';
import type { Refusal } from '@csms/kube/apply-and-prune';
import type { Owner } from './names.ts';

export type ComponentFailures = Partial<Record<SiteConditionType, { reason: Refusal['reason']; message: string }>>;

const byKind: Record<string, SiteConditionType> = {
  NetworkPolicy: 'NetworkPolicyReady',
  ServiceMonitor: 'MonitoringReady',
  PrometheusRule: 'MonitoringReady',
  ConfigMap: 'MonitoringReady',
  HTTPRoute: 'IngressReady',
  TLSRoute: 'IngressReady',
  Ingress: 'IngressReady',
  Certificate: 'IngressReady',
};

const byOwner: Record<Owner['kind'], SiteConditionType> = { pool: 'GatewayAvailable', namespace: 'DashboardAvailable', site: 'TrainerScheduled' };

/** Sorts what was refused by the component that suffers from it: one failure each, the first, with a count of the others. */
export function failuresByComponent(refusals: Partial<Record<Owner['kind'], readonly Refusal[]>>): ComponentFailures {
  const sorted = new Map<SiteConditionType, Refusal[]>();
  for (const owner of ['pool', 'namespace', 'site'] as const)
    for (const refusal of refusals[owner] ?? []) {
      const type = byKind[refusal.kind] ?? byOwner[owner];
      sorted.set(type, [...(sorted.get(type) ?? []), refusal]);
    }
  return Object.fromEntries(
    [...sorted].flatMap(([type, [first, ...more]]) => (first === undefined ? [] : [[type, { reason: first.reason, message: more.length === 0 ? first.message : `${first.message} (and ${more.length} more)` }]])),
  );
}
