import type { ConnectorStatus } from '../connector/connector.ts';
import type { TransactionRecord } from '../queue/transaction-record.ts';

export type StationEvent =
  | { kind: 'connected' }
  | { kind: 'disconnected'; reason: string }
  | { kind: 'retrying'; reason: string; delayMs: number }
  | { kind: 'booted'; status: string; intervalSeconds: number }
  | { kind: 'status'; connectorId: number; status: ConnectorStatus }
  | { kind: 'cardholder'; connectorId: number; message: 'accepted' | 'refused' | 'busy'; detail?: string }
  | { kind: 'transactionStarted'; connectorId: number; localId: string }
  | { kind: 'transactionStopped'; connectorId: number; localId: string; reason: string }
  | { kind: 'acknowledged'; record: TransactionRecord }
  | { kind: 'abandoned'; record: TransactionRecord; code: string }
  | { kind: 'firmware'; status: string }
  | { kind: 'upload'; status: string }
  | { kind: 'command'; action: string }
  | { kind: 'failed'; what: string; error: string };

/** Tells whoever listens to the station what has just happened. */
export type Tell = (event: StationEvent) => void;
