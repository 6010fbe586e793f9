import { CallLedger, encodeFrame, type ErrorFrame, type Protocol, type ResultFrame } from '@csms/ocpp';
import type { Observer } from './observer.ts';
import { storableAnswer, storableText } from './storable-payload.ts';
import type { CallOptions, CallOutcome } from './session-registry.ts';

/** Our calls waiting for their turn on one socket. */
export const outboundQueueMax = 16;

export interface OutboundParts {
  protocol: Protocol;
  write: (text: string) => void;
  newMessageId: () => string;
  now: () => Date;
  /** How long the station has to answer, from the moment the frame is written. */
  answerTimeoutMs: number;
  observer: Observer;
}

interface Pending { action: string; payload: unknown; options: CallOptions; writtenAt: Date | null; end: (outcome: CallOutcome) => void }

/**
 * Our calls on one socket: one in flight, the rest waiting in order (G-24). The deadline is tested when a call's turn comes, so that what the caller
 * gave up on is never written (G-45). Independent of the station's own calls (G-25).
 */
export class OutboundCalls {
  readonly #parts: OutboundParts;
  readonly #ledger = new CallLedger<Pending>();
  #queue: Pending[] = [];
  #turnTaken = false;
  #closed = false;
  #draining = false;
  #idle: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: OutboundParts) { this.#parts = parts; }

  get busy(): boolean { return this.#turnTaken || this.#queue.length > 0; }

  call(action: string, payload: unknown, options: CallOptions): Promise<CallOutcome> {
    if (this.#closed || this.#draining) return Promise.resolve({ kind: 'refused', reason: 'closing' });
    const { protocol, observer } = this.#parts;
    if (!protocol.asks(action) || protocol.checkOutgoing(action, payload) !== null) {
      observer.invalid('outgoing', 'our-request');
      return Promise.resolve({ kind: 'refused', reason: 'invalid-request' });
    }
    if (this.#queue.length >= outboundQueueMax) return Promise.resolve({ kind: 'refused', reason: 'queue-full' });
    return new Promise((resolve) => {
      const end = (outcome: CallOutcome): void => {
        observer.call('to-station', action, outcome.kind, pending.writtenAt === null ? 0 : (this.#parts.now().getTime() - pending.writtenAt.getTime()) / 1000);
        resolve(outcome);
      };
      const pending: Pending = { action, payload, options, writtenAt: null, end };
      this.#queue.push(pending);
      void this.#takeTurns();
    });
  }

  /** The station answered one of our calls, or says so. */
  answered(frame: ResultFrame | ErrorFrame): void {
    const verdict = this.#ledger.answer(String(frame.id));
    if (verdict.verdict === 'unknown') { this.#parts.observer.invalid('answer', 'unknown-id'); return; }
    const outcome = this.#outcomeOf(verdict.call.action, frame);
    if (verdict.verdict === 'late') {
      this.#parts.observer.call('to-station', verdict.call.action, 'late', 0);
      verdict.call.options.onLate?.(outcome);
      return;
    }
    this.#stopTimer();
    this.#giveTurnBack();
    verdict.call.end(outcome);
    void this.#takeTurns();
  }

  /** Takes no more calls, gives back the waiting ones unwritten, and resolves when the one in flight has ended. */
  drain(): Promise<void> {
    this.#draining = true;
    for (const pending of this.#queue.splice(0)) pending.end({ kind: 'refused', reason: 'closing' });
    return this.#turnTaken && !this.#closed ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  /** The socket is gone: the call in flight has an unknown end, the waiting ones were never written. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopTimer();
    this.#ledger.lose()?.end({ kind: 'socket-lost' });
    for (const pending of this.#queue.splice(0)) pending.end({ kind: 'refused', reason: 'closing' });
    this.#giveTurnBack();
  }

  #giveTurnBack(): void {
    this.#turnTaken = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #takeTurns(): Promise<void> {
    while (!this.#turnTaken) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#turnTaken = true;
      const outcome = await this.#write(next);
      if (outcome === null) return; // in flight; its answer, its timeout or the end of the socket gives the turn back
      this.#giveTurnBack();
      next.end(outcome);
    }
  }

  /** Writes one call, or says why it was not written. */
  async #write(pending: Pending): Promise<CallOutcome | null> {
    const { now, newMessageId, answerTimeoutMs, write } = this.#parts;
    const overdue = (): boolean => now().getTime() >= pending.options.deadline.getTime();
    if (overdue()) return { kind: 'expired' };
    const id = newMessageId();
    if (!(await mayWrite(pending.options, id))) return { kind: 'not-sent' };
    // The ledger may have said yes and the socket or the time may be gone since: nothing was written, and nothing will be.
    if (this.#closed) return { kind: 'socket-lost' };
    if (overdue()) return { kind: 'expired' };
    const writtenAt = now();
    if (!this.#ledger.begin(id, pending, writtenAt.getTime() + answerTimeoutMs)) throw new Error('two calls in flight on one socket');
    pending.writtenAt = writtenAt;
    this.#timer = setTimeout(() => this.#expire(), answerTimeoutMs);
    write(encodeFrame({ kind: 'call', id, action: pending.action, payload: pending.payload as Record<string, unknown> }));
    return null;
  }

  #expire(): void {
    this.#timer = null;
    const deadlineMs = this.#ledger.inFlight?.deadlineMs ?? 0;
    const pending = this.#ledger.expire(Math.max(deadlineMs, this.#parts.now().getTime()));
    if (pending === null) return;
    this.#giveTurnBack();
    pending.end({ kind: 'timeout' });
    void this.#takeTurns();
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #outcomeOf(action: string, frame: ResultFrame | ErrorFrame): { kind: 'result'; payload: unknown } | { kind: 'error'; code: string; description: string; details: unknown } {
    if (frame.kind === 'error') return { kind: 'error', code: storableText(frame.code), description: storableText(frame.description), details: storableAnswer(frame.details) };
    // Some libraries write an absent optional field as null; what is left after leaving those out is what was meant.
    // A padded C string ends in U+0000, which the books cannot hold: the answer must not be lost for it.
    const payload = storableAnswer(withoutNulls(frame.payload));
    const violation = this.#parts.protocol.checkAnswer(action, payload);
    if (violation !== null) this.#parts.observer.invalid(action, violation.keyword);
    return { kind: 'result', payload };
  }
}

/** A ledger that cannot be asked has not said yes. */
async function mayWrite(options: CallOptions, messageId: string): Promise<boolean> {
  try {
    return await options.beforeWrite(messageId);
  } catch {
    return false;
  }
}


function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== null).map(([name, inner]) => [name, withoutNulls(inner)]));
}
