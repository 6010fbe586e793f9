import { Counter, Gauge, Histogram, createMetrics, type Registry } from '@csms/kit';
import { CallTally } from './call-tally.ts';
import { transferTally } from './profiles/data-transfer-16.ts';
import type { Observer } from './sockets/observer.ts';

/** The gateway's metrics (names and labels: docs/reference; never a station, a card or a text from the wire as a label). */
export function gatewayMetrics(): { registry: Registry; observer: Observer; draining: () => void; insecureListener: () => void; commandEnded: (action: string, state: string, seconds: number) => void; tookOver: (outcome: string) => void; decidedWithoutBooks: (outcome: string) => void; busIsUp: (up: boolean) => void } {
  const registry = createMetrics('ocpp-gateway');
  const registers = [registry];
  const open = new Gauge({ name: 'csms_gateway_connections', help: 'Open sockets with an authenticated station', labelNames: ['tenant', 'ocpp_version', 'security_profile'], registers });
  const handshakes = new Counter({ name: 'csms_gateway_handshakes_total', help: 'Upgrade requests by what came of them', labelNames: ['result'], registers });
  const limited = new Counter({ name: 'csms_ocpp_rate_limited_total', help: 'Attempts and messages that a limit held back, by whose limit it was', labelNames: ['scope'], registers });
  const closes = new Counter({ name: 'csms_gateway_closes_total', help: 'Sockets that ended, by why', labelNames: ['reason'], registers });
  const duplicates = new Counter({ name: 'csms_gateway_duplicate_connections_total', help: 'Sockets that took the place of another one of the same station', labelNames: ['outcome'], registers });
  const lifetimes = new Histogram({ name: 'csms_gateway_connection_duration_seconds', help: 'How long sockets lived', buckets: [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800], registers });
  const draining = new Gauge({ name: 'csms_gateway_draining', help: '1 while this process lets nobody in and closes its sockets', registers });
  const insecure = new Gauge({ name: 'csms_insecure_listener', help: '1 where a port without TLS is open to stations: lab mode', registers });
  const invalid = new Counter({ name: 'csms_ocpp_invalid_messages_total', help: 'Messages that could not be read or were not valid', labelNames: ['action', 'kind'], registers });
  const deviations = new Counter({ name: 'csms_ocpp_deviations_total', help: 'What stations did differently from the standard, by kind', labelNames: ['kind'], registers });
  const commands = new Counter({ name: 'csms_commands_total', help: 'Commands that ended here', labelNames: ['action', 'outcome'], registers });
  const commandDurations = new Histogram({ name: 'csms_command_duration_seconds', help: 'From a command\'s entry in the ledger to its end', labelNames: ['action'], registers });
  const withoutBooks = new Counter({ name: 'csms_authorizations_without_books_total', help: 'Cards that were decided on from memory, because PostgreSQL could not be reached', labelNames: ['outcome'], registers });
  const busUp = new Gauge({ name: 'csms_bus_up', help: '1 while the bus answers; without it commands wait and everything else goes on', registers });
  const tally = new CallTally();
  tally.registerIn(registry);
  new Counter({
    name: 'csms_data_transfers_total', help: 'DataTransfer of 1.6 stations by how it was answered; UnknownVendorId are those of vendors that are not registered', labelNames: ['status'], registers,
    collect() { this.reset(); for (const [status, count] of transferTally) this.inc({ status }, count); },
  });

  return {
    registry,
    draining: () => draining.set(1),
    insecureListener: () => insecure.set(1),
    tookOver: (outcome) => duplicates.inc({ outcome }),
    decidedWithoutBooks: (outcome) => withoutBooks.inc({ outcome }),
    busIsUp: (up) => busUp.set(up ? 1 : 0),
    commandEnded: (action, state, seconds) => { commands.inc({ action, outcome: state }); commandDurations.observe({ action }, seconds); },
    observer: {
      call: (direction, action, result, seconds) => tally.count(direction, action, result, seconds),
      invalid: (action, kind) => invalid.inc({ action, kind }),
      deviated: (kind) => deviations.inc({ kind }),
      handshake: (result) => handshakes.inc({ result }),
      limited: (scope) => limited.inc({ scope }),
      opened: (tenant, version, profile) => open.inc({ tenant, ocpp_version: version, security_profile: String(profile) }),
      closed: (tenant, version, profile, reason, openSeconds) => {
        open.dec({ tenant, ocpp_version: version, security_profile: String(profile) });
        closes.inc({ reason });
        lifetimes.observe(openSeconds);
      },
    },
  };
}
