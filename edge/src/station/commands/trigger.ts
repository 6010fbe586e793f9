import type { Dialect, StationCommands, StationIdentity } from '../../dialect/dialect.ts';
import type { ConnectorRuntimes } from '../connector-runtime.ts';
import type { Samples } from '../meter-and-samples.ts';
import type { Reports } from '../reports.ts';
import type { Timers } from '../timers.ts';

export interface TriggerParts {
  about: StationIdentity;
  runtimes: ConnectorRuntimes;
  dialect: Pick<Dialect, 'boot' | 'heartbeat'>;
  reports: Pick<Reports, 'send' | 'reportStatus'>;
  samples: Pick<Samples, 'sample'>;
  timers: Pick<Timers, 'later'>;
}

/** TriggerMessage: says once more what the CSMS wants to hear, soon after the answer. */
export function createTrigger({ about, runtimes, dialect, reports, samples, timers }: TriggerParts): Pick<StationCommands, 'trigger'> {
  return {
    trigger(message, connectorId) {
      const targets = connectorId === undefined ? [...runtimes.values()] : [runtimes.get(connectorId)].filter((runtime) => runtime !== undefined);
      if (targets.length === 0 && connectorId !== 0) return 'Rejected';
      timers.later(0, () => {
        if (message === 'boot' || message === 'heartbeat') {
          void reports.send(message === 'boot' ? dialect.boot(about, 'triggered') : dialect.heartbeat());
        } else if (message === 'status') {
          if (connectorId === undefined || connectorId === 0) void reports.reportStatus(0);
          for (const { connector } of targets) void reports.reportStatus(connector.connectorId);
        } else {
          for (const runtime of targets) if (message === 'meterValues' || runtime.transaction) samples.sample(runtime, 'trigger');
        }
      });
      return 'Accepted';
    },
  };
}
