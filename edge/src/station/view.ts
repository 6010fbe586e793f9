import { statusOf, type ConnectorStatus } from '../connector/connector.ts';
import type { FaultCode } from '../ports.ts';
import type { RecordQueue } from '../queue/record-queue.ts';
import type { ConnectorRuntime } from './connector-runtime.ts';

export interface ConnectorView {
  connectorId: number;
  status: ConnectorStatus;
  plugged: boolean;
  fault: FaultCode | null;
  registerWh: number;
  powerW: number;
  transaction: { localId: string; transactionId?: number; idTag: string; startedAt: string; meterStartWh: number } | null;
}

export interface StationView {
  identity: string;
  dialect: '1.6' | '2.0.1';
  connected: boolean;
  booted: boolean;
  /** Heartbeats that the CSMS has answered since the process began. */
  heartbeatsAnswered: number;
  /** True after `cut`, until `restore`. */
  cut: boolean;
  connectors: ConnectorView[];
  /** Transaction messages that the CSMS has not answered yet. */
  waiting: number;
}

/** What one connector shows at this moment; the queue knows the number that a 1.6 CSMS gave to its transaction. */
export function viewOfConnector(runtime: ConnectorRuntime, queue: Pick<RecordQueue, 'transactionIdOf'>): ConnectorView {
  const { connector, register, lastReading, transaction } = runtime;
  return {
    connectorId: connector.connectorId, status: statusOf(connector), plugged: connector.plugged, fault: connector.fault,
    registerWh: register.registerWh, powerW: connector.transaction ? lastReading.powerW : 0,
    transaction: transaction && {
      localId: transaction.localId, transactionId: queue.transactionIdOf(transaction.localId), idTag: transaction.idToken,
      startedAt: transaction.startedAt, meterStartWh: transaction.meterStartWh,
    },
  };
}
