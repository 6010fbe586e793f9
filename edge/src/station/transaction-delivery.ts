import type { Dialect } from '../dialect/dialect.ts';
import type { Link } from '../link.ts';
import type { ClockPort, RandomPort } from '../ports.ts';
import { createDelivery, type Delivery } from '../queue/delivery.ts';
import type { RecordQueue } from '../queue/record-queue.ts';
import type { Authorization } from './authorization.ts';
import type { StationBehaviour } from './behaviour.ts';
import type { Configuration } from './configuration.ts';
import type { Dispatch } from './connector-runtime.ts';
import type { Tell } from './event.ts';
import type { TruthLog } from './truth-log.ts';

export interface TransactionDeliveryParts {
  queue: RecordQueue;
  clock: ClockPort;
  random: RandomPort;
  dialect: Pick<Dialect, 'transaction' | 'readTransaction'>;
  link: Pick<Link, 'call'>;
  configuration: Pick<Configuration, 'integer' | 'isOn'>;
  authorization: Pick<Authorization, 'remember'>;
  truthLog: Pick<TruthLog, 'of' | 'note'>;
  dispatch: Dispatch;
  behaviour: Pick<StationBehaviour, 'repeats' | 'callsInFlightMax'>;
  tell: Tell;
}

/** Sends the queue in the station's dialect, and does what the answers ask for. */
export function createTransactionDelivery(parts: TransactionDeliveryParts): Delivery {
  const { queue, clock, random, dialect, link, configuration, authorization, truthLog, dispatch, behaviour, tell } = parts;

  return createDelivery({
    queue, clock, random,
    inFlightMax: () => behaviour.callsInFlightMax ?? 1,
    attemptsMax: () => configuration.integer('TransactionMessageAttempts'),
    retryIntervalMs: () => configuration.integer('TransactionMessageRetryInterval') * 1_000,
    async send(record, transactionId) {
      const call = dialect.transaction(record, transactionId);
      if (!call) return { kind: 'answered' };
      const outcome = await link.call(call.action, call.params);
      if (outcome.kind !== 'answered') return outcome;
      for (let said = 0; said < (behaviour.repeats ?? 0); said += 1) await link.call(call.action, call.params);
      const { transactionId: given, verdict } = dialect.readTransaction(record, outcome.answer);
      authorization.remember(record.idToken, verdict);
      return { kind: 'answered', transactionId: given, tokenStatus: verdict?.status };
    },
    onAnswered(record, { transactionId, tokenStatus }) {
      const truth = truthLog.of(record.localId);
      if (record.kind === 'started') truthLog.note(record.localId, { startAcknowledged: true, ...(transactionId !== undefined && { transactionId }) });
      else if (record.kind === 'stopped') truthLog.note(record.localId, { stopAcknowledged: true });
      else if (record.reading) truthLog.note(record.localId, { readingsAcknowledged: (truth?.readingsAcknowledged ?? 0) + 1 });
      tell({ kind: 'acknowledged', record });
      const isRefused = tokenStatus !== undefined && tokenStatus !== 'Accepted';
      if (record.kind === 'started' && isRefused && configuration.isOn('StopTransactionOnInvalidId')) {
        dispatch(record.connectorId, { kind: 'deauthorized', localId: record.localId });
      }
    },
    onAbandoned(record, code) {
      truthLog.note(record.localId, { abandoned: code });
      tell({ kind: 'abandoned', record, code });
    },
  });
}
