import { FactRefused } from '@csms/domain/station/fact-refused';

/** Facts that were answered from memory while the books were out of reach: the newest one per key, written when they are back. Bounded. */
export class UnwrittenFacts {
  #facts = new Map<string, () => Promise<unknown>>();
  #timer: NodeJS.Timeout | null = null;
  #writing = false;
  readonly #factsMax: number;
  readonly #retryMs: number;
  readonly #onDropped: () => void;

  constructor(options: { factsMax?: number; retryMs?: number; onDropped?: () => void } = {}) {
    this.#factsMax = options.factsMax ?? 50_000;
    this.#retryMs = options.retryMs ?? 2_000;
    this.#onDropped = options.onDropped ?? (() => {});
  }

  get size(): number { return this.#facts.size; }

  keep(key: string, write: () => Promise<unknown>): void {
    if (!this.#facts.has(key) && this.#facts.size >= this.#factsMax) { this.#onDropped(); return; }
    this.#facts.set(key, write);
    this.#timer ??= setInterval(() => void this.flush(), this.#retryMs).unref();
  }

  /** Tries to write everything that is kept; stops at the first failure, because the next one would fail too. */
  async flush(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    try {
      for (const [key, write] of this.#facts) {
        await write().catch((error: unknown) => {
          // Trying again is of no use, and the others wait behind it.
          if (!(error instanceof FactRefused)) throw error;
          this.#onDropped();
        });
        if (this.#facts.get(key) === write) this.#facts.delete(key);
      }
      if (this.#facts.size === 0) this.close();
    } catch {
      // Still out of reach: the timer tries again.
    } finally {
      this.#writing = false;
    }
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
