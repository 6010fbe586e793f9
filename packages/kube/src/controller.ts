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
}

export interface ControllerOptions {
  name: string;
  workers: number;
  clock: Clock;
  backoff?: Backoff;
  metrics?: ControllerMetrics;
  /** One sentence per failure; a throw in here would be a bug of the host. */
  onFailure?: (key: string, error: unknown) => void;
  /** Level triggered: reads what is, decides, writes. A throw is counted, reported and retried with backoff; it ends nothing. */
  reconcile(key: string): Promise<Outcome>;
}

/** A named set of workers over one queue. */
export class Controller {
  #options: ControllerOptions;
  #queue: WorkQueue;
  #workers: Promise<void>[] = [];
  #active = 0;

  constructor(options: ControllerOptions) {
    this.#options = options;
    this.#queue = new WorkQueue(options.clock, options.backoff);
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

  /** Takes no more keys and waits for the runs under way. */
  async stop(): Promise<void> {
    this.#queue.close();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      const { name, clock, metrics } = this.#options;
      const startedMs = clock.nowMs();
      metrics?.depth(name, this.#queue.depth);
      metrics?.active(name, (this.#active += 1));
      const result = await this.#run(key);
      metrics?.active(name, (this.#active -= 1));
      metrics?.reconciled(name, result, (clock.nowMs() - startedMs) / 1000);
      this.#queue.done(key);
    }
  }

  async #run(key: string): Promise<ReconcileResult> {
    try {
      const outcome = await this.#options.reconcile(key);
      if (outcome.kind === 'retry') {
        this.#options.onFailure?.(key, outcome.reason);
        this.#queue.addAfterFailure(key);
        return 'retry';
      }
      this.#queue.forget(key);
      if (outcome.kind === 'terminal') return 'terminal';
      if (outcome.againAfterMs === undefined) return 'success';
      this.#queue.addAfter(key, outcome.againAfterMs);
      return 'requeue_after';
    } catch (error) {
      this.#options.onFailure?.(key, error);
      this.#queue.addAfterFailure(key);
      return 'error';
    }
  }
}
