import type { ClockPort, RandomPort, Cancel } from '../ports.ts';
import { backoffDelayMs, type BackoffRule } from '../backoff.ts';
import type { QueuedRecord, RecordQueue } from './record-queue.ts';
import type { TransactionRecord } from './transaction-record.ts';

/** What came of sending one record once. */
export type SendOutcome =
  | { kind: 'answered'; transactionId?: number; tokenStatus?: string }
  /** A CALLERROR, or an answer that breaks the schema: the CSMS got it and could not take it. */
  | { kind: 'refused'; code: string; description: string }
  /** No answer: the socket closed, or the time ran out. Nobody knows whether it was stored. */
  | { kind: 'unanswered' };

export interface DeliveryOptions {
  queue: RecordQueue;
  clock: ClockPort;
  random: RandomPort;
  /** Sends one record as a new CALL (with a new message id) on the present connection. Never rejects. */
  send: (record: TransactionRecord, transactionId: number | undefined) => Promise<SendOutcome>;
  /** After how many refusals a record is given up (1.6: TransactionMessageAttempts). */
  attemptsMax: () => number;
  /** Wait after the first refusal; each further one waits that much longer (1.6: TransactionMessageRetryInterval). */
  retryIntervalMs: () => number;
  /** How many may be unanswered at once; one, as OCPP has it, if it is not given. More is a deviation, for tests. */
  inFlightMax?: () => number;
  onAnswered: (record: TransactionRecord, answer: { transactionId?: number; tokenStatus?: string }) => void;
  onAbandoned: (record: TransactionRecord, code: string) => void;
}

export interface Delivery {
  /** Tells whether transaction messages may be sent now (connected, and the boot was accepted). */
  setReady(ready: boolean): void;
  /** Something was put into the queue. */
  nudge(): void;
  /** Resolves once the queue is empty. */
  drained(): Promise<void>;
}

const unansweredBackoff: BackoffRule = { firstMs: 1_000, maxMs: 60_000, jitter: 0.25 };

/**
 * Sends the queue in order, one record at a time: the next is sent when the one before is answered or given up. A
 * record that got no answer is sent again until it gets one, however often that takes.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  const { queue, clock, random } = options;
  let ready = false;
  let generation = 0;
  const inFlight = new Set<number>();
  let unansweredInARow = 0;
  let cancelRetry: Cancel | undefined;
  const waiters: Array<() => void> = [];

  function pump(): void {
    if (!ready || cancelRetry) return;
    const oldest = queue.first(options.inFlightMax?.() ?? 1);
    if (oldest.length === 0) {
      for (const resolve of waiters.splice(0)) resolve();
      return;
    }
    oldest.forEach((queued, index) => {
      // What overtakes is only a reading whose transaction has its number; a start and a stop wait for their turn.
      const mayOvertake = queued.record.kind === 'updated' && queue.transactionIdOf(queued.record.localId) !== undefined;
      if (!inFlight.has(queued.position) && (index === 0 || mayOvertake)) send(queued);
    });
  }

  function send(queued: QueuedRecord): void {
    inFlight.add(queued.position);
    const startedIn = generation;
    void options.send(queued.record, queue.transactionIdOf(queued.record.localId)).then((outcome) => {
      inFlight.delete(queued.position);
      if (outcome.kind === 'answered') {
        unansweredInARow = 0;
        queue.settle(queued.position, outcome.transactionId);
        options.onAnswered(queued.record, outcome);
      } else if (outcome.kind === 'refused') {
        unansweredInARow = 0;
        queue.refused(queued.position);
        if (queued.refusals >= options.attemptsMax()) {
          queue.settle(queued.position);
          options.onAbandoned(queued.record, outcome.code);
        } else {
          pause(options.retryIntervalMs() * queued.refusals);
        }
      } else if (startedIn === generation) {
        // Still the same connection: the answer is late, not the line cut.
        unansweredInARow += 1;
        pause(backoffDelayMs(unansweredBackoff, unansweredInARow, random));
      }
      pump();
    });
  }

  function pause(delayMs: number): void {
    cancelRetry?.();
    cancelRetry = clock.schedule(delayMs, () => {
      cancelRetry = undefined;
      pump();
    });
  }

  return {
    setReady(next) {
      if (next === ready) return;
      ready = next;
      generation += 1;
      cancelRetry?.();
      cancelRetry = undefined;
      pump();
    },
    nudge: pump,
    drained: () => (queue.size === 0 && inFlight.size === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
  };
}
