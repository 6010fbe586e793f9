import { stopReasons, type StopReason, type Trigger } from '../connector/connector.ts';
import { boolean, number, object, oneOf, optionalNumber, optionalText, text, type Json } from '../fields.ts';

/** One reading of the meter, in our units. */
export interface Reading {
  registerWh: number;
  powerW?: number;
  voltageV?: number;
  currentA?: number;
  socPercent?: number;
}

export type ReadingContext = 'begin' | 'periodic' | 'clock' | 'end' | 'trigger';

export type ChargingState = 'charging' | 'evConnected' | 'suspendedEv' | 'suspendedEvse' | 'idle';

/**
 * One fact about a transaction, in words of neither OCPP version; the dialects translate it when it is sent. This is
 * what lies in the offline queue.
 */
export interface TransactionRecord {
  kind: 'started' | 'updated' | 'stopped';
  /** The charger's own id of the transaction: on 2.0.1 it is the transactionId (at most 36 characters). */
  localId: string;
  /** Counts the records of one transaction from 0. */
  seqNo: number;
  connectorId: number;
  /** When it happened, RFC 3339 UTC. */
  at: string;
  trigger: Trigger;
  chargingState: ChargingState;
  /** True when there was no connection at that moment. */
  offline: boolean;
  idToken?: string;
  idTokenType?: string;
  reservationId?: number;
  remoteStartId?: number;
  reason?: StopReason;
  reading?: Reading;
  context?: ReadingContext;
  /** With a stop: the reading at the start, where the CSMS wants it said again (1.6: StopTxnSampledData). */
  begin?: { at: string; registerWh: number };
}

const kinds = ['started', 'updated', 'stopped'] as const;
const triggers: readonly Trigger[] = [
  'authorized', 'cablePlugged', 'remoteStart', 'remoteStop', 'stopAuthorized', 'evDeparted', 'deauthorized',
  'chargingStateChanged', 'meterPeriodic', 'meterClock', 'triggered', 'reset', 'unlock', 'abnormal',
];
const chargingStates: readonly ChargingState[] = ['charging', 'evConnected', 'suspendedEv', 'suspendedEvse', 'idle'];
const contexts: readonly ReadingContext[] = ['begin', 'periodic', 'clock', 'end', 'trigger'];

/** Reads a record back from the disk. @throws FieldError when it is not one */
export function parseRecord(json: Json): TransactionRecord {
  return {
    kind: oneOf(json, 'kind', kinds),
    localId: text(json, 'localId'),
    seqNo: number(json, 'seqNo'),
    connectorId: number(json, 'connectorId'),
    at: text(json, 'at'),
    trigger: oneOf(json, 'trigger', triggers),
    chargingState: oneOf(json, 'chargingState', chargingStates),
    offline: boolean(json, 'offline'),
    idToken: optionalText(json, 'idToken'),
    idTokenType: optionalText(json, 'idTokenType'),
    reservationId: optionalNumber(json, 'reservationId'),
    remoteStartId: optionalNumber(json, 'remoteStartId'),
    reason: json['reason'] === undefined ? undefined : oneOf(json, 'reason', stopReasons),
    reading: json['reading'] === undefined ? undefined : parseReading(object(json['reading'], 'reading')),
    context: json['context'] === undefined ? undefined : oneOf(json, 'context', contexts),
    begin: json['begin'] === undefined ? undefined : parseBegin(object(json['begin'], 'begin')),
  };
}

function parseBegin(json: Json): { at: string; registerWh: number } {
  return { at: text(json, 'at'), registerWh: number(json, 'registerWh') };
}

function parseReading(json: Json): Reading {
  return {
    registerWh: number(json, 'registerWh'),
    powerW: optionalNumber(json, 'powerW'),
    voltageV: optionalNumber(json, 'voltageV'),
    currentA: optionalNumber(json, 'currentA'),
    socPercent: optionalNumber(json, 'socPercent'),
  };
}

/** Parses a list of lines, leaving out those that are no JSON objects. */
export function readLines(lines: string[]): Json[] {
  const objects: Json[] = [];
  for (const line of lines) {
    try {
      objects.push(object(JSON.parse(line)));
    } catch {
      // A damaged line in the middle is a disk fault. The records around it are still owed to the CSMS.
    }
  }
  return objects;
}
