import { statusOf, type ConnectorStatus } from '../connector/connector.ts';
import type { Dialect, OutgoingCall } from '../dialect/dialect.ts';
import type { Link } from '../link.ts';
import type { StationBehaviour } from './behaviour.ts';
import type { ConnectorRuntimes } from './connector-runtime.ts';
import type { Tell } from './event.ts';

export interface ReportsParts {
  runtimes: ConnectorRuntimes;
  dialect: Pick<Dialect, 'status'>;
  link: Pick<Link, 'call'>;
  /** Connected, and the boot was accepted. */
  isReady: () => boolean;
  behaviour: Pick<StationBehaviour, 'callsInFlightMax'>;
  tell: Tell;
  now: () => string;
}

export interface Reports {
  /** Sends a message whose answer says nothing; a refusal is told to whoever listens. True when it was answered. */
  send(call: OutgoingCall): Promise<boolean>;
  /** Tells the status of one connector, or of the station as a whole (0). */
  reportStatus(connectorId: number): Promise<void>;
  /** Tells that the local list and the CSMS do not agree on a card, with the station's status as it is. */
  reportListConflict(): void;
  /** Tells every status, for as long as the connection is the one on which this began. */
  reportAll(isSameConnection: () => boolean): Promise<void>;
}

/** What the station tells the CSMS of itself, and does not keep when it cannot be told. */
export function createReports({ runtimes, dialect, link, isReady, behaviour, tell, now }: ReportsParts): Reports {
  async function send(call: OutgoingCall): Promise<boolean> {
    const ended = await link.call(call.action, call.params);
    if (ended.kind === 'refused') tell({ kind: 'failed', what: call.action, error: `${ended.code} ${ended.description}` });
    return ended.kind === 'answered';
  }

  async function reportStatus(connectorId: number): Promise<void> {
    if (!isReady()) return;
    const connector = runtimes.get(connectorId)?.connector;
    const status = connector ? statusOf(connector) : stationStatus();
    const call = dialect.status({ connectorId, status, fault: connector?.fault ?? null, at: now() });
    if (call) await send(call);
  }

  /** Connector 0 speaks for the whole station: Unavailable when all of it is. */
  function stationStatus(): ConnectorStatus {
    return [...runtimes.values()].every((runtime) => !runtime.connector.operative) ? 'Unavailable' : 'Available';
  }

  return {
    send,
    reportListConflict() {
      const call = isReady() ? dialect.status({ connectorId: 0, status: stationStatus(), fault: 'LocalListConflict', at: now() }) : undefined;
      if (call) void send(call);
    },
    reportStatus,
    async reportAll(isSameConnection) {
      if ((behaviour.callsInFlightMax ?? 1) > 1) {
        await Promise.all([0, ...runtimes.keys()].map(reportStatus));
        return;
      }
      await reportStatus(0);
      for (const connectorId of runtimes.keys()) {
        if (!isSameConnection()) return;
        await reportStatus(connectorId);
      }
    },
  };
}
