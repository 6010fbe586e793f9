import type { FactSource } from '../station/station.ts';
import type { Reading } from '../meter/reading.ts';
import type { AuthorizationStatus } from '../authorization/token.ts';

/** A 1.6 StartTransaction in our words. */
export interface StartFact {
  evseId: number; connectorId: number;
  tokenUid: string;
  startedAt: Date;
  meterStartWh: number;
  reservationRef: string | null;
  /** The card was accepted from a gateway's memory while the books could not be reached. */
  authorizedWithoutBooks?: boolean | undefined;
  /** The whole request, kept as evidence. */
  payload: unknown;
}

export interface StartOutcome {
  sessionId: string;
  transactionRef: string;
  authorization: AuthorizationStatus;
  /** True when this start was already on the books: same row, same transaction id (G-01). */
  duplicate: boolean;
}

/** A 1.6 StopTransaction in our words. */
export interface StopFact {
  transactionRef: string;
  tokenUid: string | null;
  endedAt: Date;
  meterStopWh: number;
  reason: string;
  /** transactionData, normalised; connector ids are filled in from the session. */
  readings: Reading[];
  payload: unknown;
}

export interface StopOutcome {
  sessionId: string | null;
  verdict: 'ended' | 'duplicate' | 'orphan';
  authorization: AuthorizationStatus | null;
}

/** A 2.x TransactionEvent in our words (G-40). */
export interface TransactionEventFact {
  kind: 'Started' | 'Updated' | 'Ended';
  transactionRef: string;
  seqNo: number;
  at: Date;
  offline: boolean;
  trigger: string;
  evseId: number | null; connectorId: number | null;
  tokenUid: string | null;
  remoteStartId: string | null;
  stopReason: string | null;
  chargingState: 'Charging' | 'EVConnected' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle' | null;
  /** As in StartFact. */
  authorizedWithoutBooks?: boolean | undefined;
  readings: Reading[];
  payload: unknown;
}

export interface TransactionEventOutcome {
  sessionId: string;
  verdict: 'applied' | 'duplicate';
  authorization: AuthorizationStatus | null;
}

/** Transactions and readings. Every promise resolves after commit, so that a CALLRESULT may follow (I-1). */
export interface SessionBooks {
  start(source: FactSource, fact: StartFact): Promise<StartOutcome>;
  stop(source: FactSource, fact: StopFact): Promise<StopOutcome>;
  transactionEvent(source: FactSource, fact: TransactionEventFact): Promise<TransactionEventOutcome>;
  /** MeterValues: each (connector, transaction, time) is stored once, merged with what is there. */
  readings(source: FactSource, readings: Reading[], payload: unknown): Promise<void>;
}
