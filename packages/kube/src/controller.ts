import { randomUUID } from 'node:crypto';
import { pause } from './clock.ts';
import type { Clock } from './clock.ts';
import type { Backoff } from './backoff.ts';
import { WorkQueue } from './work-queue.ts';

/** What one run decided. `terminal`: nothing here can heal it, so it waits for the next change of the object itself (O-14). */
export type Outcome = { kind: 'done'; againAfterMs?: number } | { kind: 'retry'; reason: string } | { kind: 'terminal'; reason: string };

export type ReconcileResult = 'success' | 'requeue_after' | 'retry' | 'terminal' | 'error';

/** Where counts go; controller-runtime's words, so that known dashboards work. */
export interface ControllerMetrics {
  reconciled(controller: string, result: ReconcileResult, seconds: number): void;
  depth(controller: string, keys: number): void;
  active(controller: string, workers: number): void;
  added(controller: string): void;
  retried(controller: string): void;
  queued(controller: string, seconds: number): void;
}

/** One run, as a log line tells it. `reason` where it failed or gave up. */
export interface Run {
  id: string;
  controller: string;
  key: string;
  result: ReconcileResult;
  seconds: number;
  reason?: string;
}

export interface ControllerOptions {
  name: string;
  workers: number;
  clock: Clock;
  backoff?: Backoff;
  metrics?: ControllerMetrics;
  /** One sentence per failure; a throw in here would be a bug of the host. */
  onFailure?: (key: string, error: unknown) => void;
  /** After every run, whatever came of it. */
  onRun?: (run: Run) => void;
  /** Level triggered: reads what is, decides, writes. A throw is counted, reported and retried with backoff; it ends nothing. */
  reconcile(key: string): Promise<Outcome>;
}

/** A named set of workers over one queue. */
export class Controller {
  #options: ControllerOptions;
  #queue: WorkQueue;
  #workers: Promise<void>[] = [];
  /** When each run under way began. */
  #runs = new Map<string, number>();

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { name, metrics } = options;
    const observer = metrics && { added: () => metrics.added(name), retried: () => metrics.retried(name), taken: (waitedMs: number) => metrics.queued(name, waitedMs / 1000) };
    this.#queue = new WorkQueue(options.clock, options.backoff, observer);
  }

  enqueue(key: string): void {
    this.#queue.add(key);
    this.#options.metrics?.depth(this.#options.name, this.#queue.depth);
  }

  enqueueAfter(key: string, delayMs: number): void {
    this.#queue.addAfter(key, delayMs);
  }

  start(): void {
    this.#workers = Array.from({ length: this.#options.workers }, () => this.#work());
  }

  get name(): string {
    return this.#options.name;
  }

  /** For how long each run under way has run, in milliseconds. */
  runningMs(): number[] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#runs.values()].map((startedMs) => nowMs - startedMs);
  }

  /** Takes no more keys and waits for the runs under way, at most as long as is said: what has not ended by then is left to itself. */
  async stop(withinMs?: number): Promise<void> {
    this.#queue.close();
    const ended = Promise.all(this.#workers);
    if (withinMs === undefined) return void (await ended);
    const enough = new AbortController();
    await Promise.race([ended, pause(this.#options.clock, withinMs, enough.signal)]);
    enough.abort();
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      const { name, clock, metrics, onRun } = this.#options;
      const startedMs = clock.nowMs();
      metrics?.depth(name, this.#queue.depth);
      this.#runs.set(key, startedMs);
      metrics?.active(name, this.#runs.size);
      const { result, reason } = await this.#run(key);
      const seconds = (clock.nowMs() - startedMs) / 1000;
      this.#runs.delete(key);
      metrics?.active(name, this.#runs.size);
      metrics?.reconciled(name, result, seconds);
      onRun?.({ id: randomUUID().slice(0, 8), controller: name, key, result, seconds, ...(reason === undefined ? {} : { reason }) });
      this.#queue.done(key);
    }
  }

  async #run(key: string): Promise<{ result: ReconcileResult; reason?: string }> {
    try {
      const outcome = await this.#options.reconcile(key);
      if (outcome.kind === 'retry') {
        this.#options.onFailure?.(key, outcome.reason);
        this.#queue.addAfterFailure(key);
        return { result: 'retry', reason: outcome.reason };
      }
      this.#queue.forget(key);
      if (outcome.kind === 'terminal') return { result: 'terminal', reason: outcome.reason };
      if (outcome.againAfterMs === undefined) return { result: 'success' };
      this.#queue.addAfter(key, outcome.againAfterMs);
      return { result: 'requeue_after' };
    } catch (error) {
      this.#options.onFailure?.(key, error);
      this.#queue.addAfterFailure(key);
      return { result: 'error', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
