import { backoffMs } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import type { Clock } from './clock.ts';

/** 1 s doubling to 5 min (O-13). */
export const RECONCILE_BACKOFF: Backoff = { firstMs: 1000, maxMs: 300_000, jitter: 0.2 };

/** Who is told what a queue does, by controller-runtime's words. */
export interface QueueObserver {
  added(): void;
  retried(): void;
  /** How long the key waited for a worker. */
  taken(waitedMs: number): void;
}

/**
 * Keys waiting for work, with the semantics of client-go's workqueue: a key that is waiting is not added twice, a key in work is never
 * given out again before `done`, and a key added meanwhile comes once more after it. Delays are kept here, never slept in a worker.
 */
export class WorkQueue {
  #clock: Clock;
  #backoff: Backoff;
  #dirty = new Set<string>();
  #processing = new Set<string>();
  #ready: string[] = [];
  #takers: ((key: string | undefined) => void)[] = [];
  /** Sorted by time; a key stands in it once. */
  #delayed: { key: string; atMs: number }[] = [];
  #cancelTimer: () => void = () => undefined;
  #failures = new Map<string, number>();
  #closed = false;
  #observer: QueueObserver | undefined;
  /** Since when a dirty key waits. */
  #sinceMs = new Map<string, number>();

  constructor(clock: Clock, backoff: Backoff = RECONCILE_BACKOFF, observer?: QueueObserver) {
    this.#clock = clock;
    this.#backoff = backoff;
    this.#observer = observer;
  }

  get depth(): number {
    return this.#ready.length;
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    this.#observer?.added();
    this.#sinceMs.set(key, this.#clock.nowMs());
    if (this.#processing.has(key)) return;
    this.#give(key);
  }

  /** Adds the key after a while. Of two delays of one key the earlier holds. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return;
    if (delayMs <= 0) return this.add(key);
    const atMs = this.#clock.nowMs() + delayMs;
    const current = this.#delayed.findIndex((entry) => entry.key === key);
    if (current >= 0) {
      if ((this.#delayed[current]?.atMs ?? 0) <= atMs) return;
      this.#delayed.splice(current, 1);
    }
    const place = this.#delayed.findIndex((entry) => entry.atMs > atMs);
    this.#delayed.splice(place < 0 ? this.#delayed.length : place, 0, { key, atMs });
    this.#arm();
  }

  /** Adds the key after its own exponential delay, which grows until `forget`. */
  addAfterFailure(key: string): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    this.#observer?.retried();
    this.addAfter(key, backoffMs(this.#backoff, failures, this.#clock.random()));
  }

  /** The key succeeded: its next failure waits the first delay again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, as soon as there is one; undefined once the queue is closed. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const key = this.#ready.shift();
    if (key === undefined) return new Promise((resolve) => this.#takers.push(resolve));
    this.#begin(key);
    return Promise.resolve(key);
  }

  done(key: string): void {
    this.#processing.delete(key);
    if (this.#dirty.has(key) && !this.#closed) this.#give(key);
  }

  /** Takes no more keys, and lets every taker go. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer();
    this.#delayed = [];
    this.#ready = [];
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #give(key: string): void {
    const taker = this.#takers.shift();
    if (taker === undefined) return void this.#ready.push(key);
    this.#begin(key);
    taker(key);
  }

  #begin(key: string): void {
    this.#dirty.delete(key);
    this.#processing.add(key);
    const sinceMs = this.#sinceMs.get(key);
    this.#sinceMs.delete(key);
    if (sinceMs !== undefined) this.#observer?.taken(this.#clock.nowMs() - sinceMs);
  }

  #arm(): void {
    this.#cancelTimer();
    const first = this.#delayed[0];
    if (first === undefined) return;
    this.#cancelTimer = this.#clock.after(first.atMs - this.#clock.nowMs(), () => {
      const nowMs = this.#clock.nowMs();
      const due = this.#delayed.filter((entry) => entry.atMs <= nowMs);
      this.#delayed = this.#delayed.filter((entry) => entry.atMs > nowMs);
      for (const entry of due) this.add(entry.key);
      this.#arm();
    });
  }
}
