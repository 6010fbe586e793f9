import type { ChargingSiteStatus } from '@csms/contracts/charging-site/index';
import type { SiteReason } from '@csms/contracts/charging-site/reasons';
import type { EventRecorder, KubernetesObject } from '@csms/kube';

/** What a new site goes through anyway. */
const notYet: ReadonlySet<string> = new Set<SiteReason>(['ComponentNotReady', 'BooksPending', 'GatewaysMissing', 'GatewaysStarting', 'DashboardMissing', 'DashboardStarting', 'TrainersMissing', 'RoutesPending', 'NotApplied']);

/**
 * Tells of each condition whose reason changed, once: what `kubectl describe` shows. Of what was never heard of before only what went wrong is news, so that
 * a new site says a handful of things and not thirty.
 */
export function announce(events: Pick<EventRecorder, 'record'>, site: KubernetesObject, before: ChargingSiteStatus | undefined, after: ChargingSiteStatus): void {
  for (const { type, status, reason, message } of after.conditions ?? []) {
    const old = before?.conditions?.find((each) => each.type === type);
    if (old?.reason === reason && old.status === status) continue;
    if (old === undefined && (status !== 'False' || notYet.has(reason))) continue;
    events.record(site, { type: status === 'False' && !notYet.has(reason) ? 'Warning' : 'Normal', reason, message: `${type}: ${message}` });
  }
}
