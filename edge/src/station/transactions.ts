import type { ConnectorEffect } from '../connector/connector.ts';
import type { Link } from '../link.ts';
import type { ClockPort } from '../ports.ts';
import type { Delivery } from '../queue/delivery.ts';
import type { RecordQueue } from '../queue/record-queue.ts';
import type { ChargingState, TransactionRecord } from '../queue/transaction-record.ts';
import type { Configuration } from './configuration.ts';
import type { ConnectorRuntime } from './connector-runtime.ts';
import type { Tell } from './event.ts';
import type { SavedState } from './saved-state.ts';
import type { TruthLog } from './truth-log.ts';

export interface TransactionsParts {
  queue: Pick<RecordQueue, 'put'>;
  delivery: Pick<Delivery, 'nudge'>;
  truthLog: Pick<TruthLog, 'note'>;
  state: Pick<SavedState, 'save'>;
  configuration: Pick<Configuration, 'integer' | 'text'>;
  link: Pick<Link, 'connected'>;
  clock: Pick<ClockPort, 'monotonicMs'>;
  tell: Tell;
  now: () => string;
}

type Effect<Kind extends ConnectorEffect['kind']> = Extract<ConnectorEffect, { kind: Kind }>;

export interface Transactions {
  start(runtime: ConnectorRuntime, effect: Effect<'startTransaction'>): void;
  /** Puts one fact about the running transaction into the queue; on the disk before it is sent. */
  record(runtime: ConnectorRuntime, fact: Pick<TransactionRecord, 'kind' | 'trigger'> & Partial<TransactionRecord>): void;
  stop(runtime: ConnectorRuntime, effect: Effect<'stopTransaction'>): void;
}

/** Transactions from their start to their stop, as facts for the queue and for the truth log. */
export function createTransactions(parts: TransactionsParts): Transactions {
  const { queue, delivery, truthLog, state, configuration, link, clock, tell, now } = parts;

  const record: Transactions['record'] = (runtime, fact) => {
    const { transaction } = runtime;
    if (!transaction) return;
    const seqNo = transaction.nextSeqNo;
    runtime.transaction = fact.kind === 'stopped' ? null : { ...transaction, nextSeqNo: seqNo + 1 };
    // A stop is queued before the snapshot forgets the transaction, everything else after the snapshot has counted it:
    // a crash between the two repeats a stop that the CSMS knows, or leaves a gap in seqNo, and never loses one.
    if (fact.kind !== 'stopped') state.save();
    queue.put({
      localId: transaction.localId, seqNo, connectorId: runtime.connector.connectorId, at: now(),
      chargingState: chargingStateOf(runtime, fact.kind), offline: !link.connected, ...fact,
    });
    if (fact.kind === 'stopped') state.save();
    delivery.nudge();
  };

  return {
    start(runtime, effect) {
      const { connectorId } = runtime.connector;
      const startedAt = now();
      const meterStartWh = Math.round(runtime.register.registerWh);
      runtime.transaction = { localId: effect.localId, idToken: effect.token.idToken, startedAt, meterStartWh, nextSeqNo: 0 };
      runtime.nextSampleAtMs = clock.monotonicMs() + configuration.integer('MeterValueSampleInterval') * 1_000;
      record(runtime, {
        kind: 'started', trigger: effect.trigger, at: startedAt, idToken: effect.token.idToken, idTokenType: effect.token.type,
        remoteStartId: effect.remoteStartId, reservationId: effect.reservationId, context: 'begin',
        reading: { registerWh: runtime.register.registerWh },
      });
      truthLog.note(effect.localId, { connectorId, idTag: effect.token.idToken, startedAt, meterStartWh });
      tell({ kind: 'transactionStarted', connectorId, localId: effect.localId });
    },
    record,
    stop(runtime, effect) {
      const { transaction } = runtime;
      if (!transaction) return;
      const at = now();
      record(runtime, {
        kind: 'stopped', trigger: effect.trigger, at, reason: effect.reason, context: 'end',
        idToken: effect.token?.idToken, idTokenType: effect.token?.type,
        reading: { registerWh: runtime.register.registerWh, socPercent: runtime.lastReading.socPercent },
        ...(configuration.text('StopTxnSampledData') !== '' && { begin: { at: transaction.startedAt, registerWh: transaction.meterStartWh } }),
      });
      truthLog.note(transaction.localId, { stoppedAt: at, meterStopWh: Math.round(runtime.register.registerWh), reason: effect.reason });
      tell({ kind: 'transactionStopped', connectorId: runtime.connector.connectorId, localId: transaction.localId, reason: effect.reason });
    },
  };
}

function chargingStateOf({ connector }: ConnectorRuntime, kind: TransactionRecord['kind']): ChargingState {
  if (kind === 'stopped') return connector.plugged ? 'evConnected' : 'idle';
  return connector.transaction?.supply ?? 'charging';
}
