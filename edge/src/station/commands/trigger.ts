import type { Dialect, StationCommands, StationIdentity } from '../../dialect/dialect.ts';
import type { Firmware } from '../firmware.ts';
import type { Uploads } from '../uploads.ts';
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
  firmware: Pick<Firmware, 'report'>;
  uploads: Pick<Uploads, 'report'>;
  /** Asks for a new certificate; false when this charger cannot. */
  signCertificate: () => boolean;
  timers: Pick<Timers, 'later'>;
}

/** TriggerMessage: says once more what the CSMS wants to hear, soon after the answer. */
export function createTrigger({ about, runtimes, dialect, reports, samples, firmware, uploads, signCertificate, timers }: TriggerParts): Pick<StationCommands, 'trigger'> {
  function repeat(message: 'boot' | 'heartbeat' | 'status' | 'meterValues' | 'transaction', connectorId: number | undefined): 'Accepted' | 'Rejected' {
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
  }

  return {
    trigger(message, connectorId) {
      switch (message) {
        case 'signCertificate':
          return signCertificate() ? 'Accepted' : 'Rejected';
        case 'firmwareStatus':
        case 'signedFirmwareStatus':
          timers.later(0, () => firmware.report(message === 'signedFirmwareStatus'));
          return 'Accepted';
        case 'diagnosticsStatus':
        case 'logStatus':
          timers.later(0, () => uploads.report(message === 'logStatus' ? 'log' : 'diagnostics'));
          return 'Accepted';
        default:
          return repeat(message, connectorId);
      }
    },
  };
}
