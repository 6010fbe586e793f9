import type { ChargingSiteStatus } from '@csms/contracts/charging-site/index';
import type { EventRecorder, KubernetesObject } from '@csms/kube';

/** Tells of each condition whose reason changed, once: what `kubectl describe` shows. A component that was never heard of and is merely unknown is no news. */
export function announce(events: EventRecorder, site: KubernetesObject, before: ChargingSiteStatus | undefined, after: ChargingSiteStatus): void {
  for (const { type, status, reason, message } of after.conditions ?? []) {
    const old = before?.conditions?.find((each) => each.type === type);
    if (old?.reason === reason && old.status === status) continue;
    if (old === undefined && status === 'Unknown') continue;
    events.record(site, { type: status === 'False' ? 'Warning' : 'Normal', reason, message: `${type}: ${message}` });
  }
}
