import { countedAs, severityOf } from '@csms/domain/security-event/security-event';
import { Counter, type Registry } from '@csms/kit';

/** `csms_security_events_total` in this registry; the returned function counts one event. */
export function securityEventMetric(registry: Registry): (kind: string) => void {
  const events = new Counter({ name: 'csms_security_events_total', help: 'Security events, by the name of the standard or of ours', labelNames: ['type', 'severity'], registers: [registry] });
  return (kind) => events.inc({ type: countedAs(kind), severity: severityOf(kind) });
}
