import { newConnector, type Connector, type ConnectorEvent } from '../connector/connector.ts';
import type { EnergyRegister } from '../energy.ts';
import type { MeterReading } from '../ports.ts';
import type { OpenTransaction, Snapshot } from './snapshot.ts';

/** One connector as it runs: its state machine, its register, its meter and its transaction. */
export interface ConnectorRuntime {
  connector: Connector;
  register: EnergyRegister;
  lastReading: MeterReading;
  transaction: OpenTransaction | null;
  /** On the monotonic clock: when the next periodic reading of the running transaction is due. */
  nextSampleAtMs: number;
}

/** The connectors of a station by their number, from 1; the set never changes, what is in it does. */
export type ConnectorRuntimes = ReadonlyMap<number, ConnectorRuntime>;

/** Gives an event to the state machine of one connector and carries out what follows. */
export type Dispatch = (connectorId: number, event: ConnectorEvent) => void;

/** The connectors as the station remembers them; unplugged and idle until the hardware says otherwise. */
export function loadConnectorRuntimes(stored: Snapshot, connectorCount: number): ConnectorRuntimes {
  const runtimes = new Map<number, ConnectorRuntime>();
  for (let connectorId = 1; connectorId <= connectorCount; connectorId += 1) {
    const known = stored.connectors[String(connectorId)];
    runtimes.set(connectorId, {
      connector: { ...newConnector(connectorId), operative: known?.operative ?? true },
      register: { registerWh: known?.registerWh ?? 0, readAtMs: null },
      lastReading: { powerW: 0 },
      transaction: known?.transaction ?? null,
      nextSampleAtMs: 0,
    });
  }
  return runtimes;
}

/** True while a transaction runs at any connector. */
export function isBusy(runtimes: ConnectorRuntimes): boolean {
  return [...runtimes.values()].some((runtime) => runtime.connector.transaction);
}
