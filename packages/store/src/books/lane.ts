import { FactRefused } from '@csms/domain/station/fact-refused';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';

export interface LaneOptions {
  /** How long the first fact of a batch waits for company, in ms. */
  windowMs: number;
  /** A batch has at most so many facts. */
  factsMax: number;
  /** So many facts may wait; beyond, a caller's promise waits for room before it is even queued (back-pressure, nothing is dropped). */
  waitingMax: number;
}

/** 8 ms: at 200 messages a second two or three share a commit, which is most of what one of them costs, and the answer still comes within 25 ms. */
export const usualLane: LaneOptions = { windowMs: 8, factsMax: 400, waitingMax: 20_000 };

interface Waiting<F> { fact: F; resolve: (outcome: unknown) => void; reject: (error: unknown) => void }

/**
 * One lane of group commit: facts that arrive within a few milliseconds share one transaction, and each caller's promise settles after it is committed.
 * While a batch is being written the next one collects, so that a backlog makes larger batches and not more transactions.
 * An outcome that is a FactRefused rejects its own fact alone. A batch that fails for a reason of its own is split in halves until the bad fact fails alone; order within the lane is kept.
 */
export class Lane<F> {
  readonly #commit: (facts: F[]) => Promise<unknown[]>;
  readonly #options: LaneOptions;
  #waiting: Waiting<F>[] = [];
  #roomWanted: (() => void)[] = [];
  #running: Promise<void> | null = null;

  constructor(commit: (facts: F[]) => Promise<unknown[]>, options: LaneOptions = usualLane) {
    this.#commit = commit;
    this.#options = options;
  }

  /** Resolves with the fact's outcome after COMMIT; rejects with BooksUnavailable, or with what is wrong with this fact. */
  async put(fact: F): Promise<unknown> {
    while (this.#waiting.length >= this.#options.waitingMax) await new Promise<void>((room) => this.#roomWanted.push(room));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ fact, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise((done) => setTimeout(done, this.#options.windowMs));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.factsMax);
      for (const room of this.#roomWanted.splice(0)) room();
      await this.#write(batch);
    }
    // In the same step as the last look at the queue: a fact that is put a moment later must find no one running, or it would wait for ever.
    this.#running = null;
  }

  async #write(batch: Waiting<F>[]): Promise<void> {
    try {
      const outcomes = await this.#withRetries(batch.map((each) => each.fact));
      batch.forEach((each, index) => {
        const outcome = outcomes[index];
        if (outcome instanceof FactRefused) each.reject(outcome);
        else each.resolve(outcome);
      });
    } catch (error) {
      if (error instanceof BooksUnavailable || batch.length === 1) {
        for (const each of batch) each.reject(error);
        return;
      }
      const half = batch.length >> 1;
      await this.#write(batch.slice(0, half));
      await this.#write(batch.slice(half));
    }
  }

  /** Two transactions that met (serialization, deadlock, the same natural key at once) are tried again: the second look finds what the first could not see. */
  async #withRetries(facts: F[]): Promise<unknown[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#commit(facts);
      } catch (error) {
        const code = (error as { code?: string }).code ?? '';
        if (attempt > 3 || !['40001', '40P01', '23505'].includes(code)) throw error;
      }
    }
  }
}
