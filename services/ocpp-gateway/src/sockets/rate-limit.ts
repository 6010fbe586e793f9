/** Counts of all processes together; what cannot be asked is not waited for. */
export type SharedCount = (key: string, windowMs: number) => Promise<number>;

export interface RateLimitOptions {
  /** For the keys of the shared count. */
  name: string;
  /** More than this many in a window is too many. */
  countMax: number;
  windowMs: number;
  /** How long who was too fast has to wait, twice as long each time in a row, up to the greatest. */
  waitMs: number;
  waitMsMax: number;
  /** From which own count on all processes count together: what is far from the limit costs the bus nothing. */
  sharedFrom: number;
  /** Null: this process counts alone. */
  shared: SharedCount | null;
  /** How many keys are remembered; the oldest are forgotten first. */
  keysMax?: number;
}

interface Counted { count: number; windowEndsMs: number; waitUntilMs: number; refusedInARow: number }

/**
 * How often each key may do something. A key that did it too often has to wait; whoever comes back too fast again waits twice as long. Memory is bounded, and
 * while the bus is away each process holds the limit by itself. Time comes in as an argument.
 */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #keys = new Map<string, Counted>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  get size(): number { return this.#keys.size; }

  /** How long this key still has to wait; 0 for one that may go on. */
  waitMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#keys.get(key)?.waitUntilMs ?? 0) - nowMs);
  }

  /** It happened once more. */
  count(key: string, nowMs: number): void {
    const { countMax, windowMs, sharedFrom, shared, name } = this.#options;
    const counted = this.#at(key, nowMs);
    counted.count += 1;
    if (counted.count > countMax) this.#refuse(counted, nowMs);
    if (shared === null || counted.count < sharedFrom) return;
    // The bus is not waited for: what all processes counted together holds from the next time on.
    shared(`${name}/${key}`, windowMs).then((together) => { if (together > countMax && counted.waitUntilMs <= nowMs) this.#refuse(counted, nowMs); }, () => undefined);
  }

  /** It went well: what was counted of this key is forgotten. */
  forget(key: string): void {
    this.#keys.delete(key);
  }

  #refuse(counted: Counted, nowMs: number): void {
    const { waitMs, waitMsMax } = this.#options;
    counted.waitUntilMs = nowMs + Math.min(waitMsMax, waitMs * 2 ** Math.min(20, counted.refusedInARow));
    counted.refusedInARow += 1;
    // Once the wait is over one more try is let through, and not a whole window of them.
    counted.count = this.#options.countMax;
    counted.windowEndsMs = counted.waitUntilMs + this.#options.windowMs;
  }

  #at(key: string, nowMs: number): Counted {
    const known = this.#keys.get(key);
    if (known !== undefined && known.windowEndsMs > nowMs) return known;
    const counted: Counted = { count: 0, windowEndsMs: nowMs + this.#options.windowMs, waitUntilMs: 0, refusedInARow: 0 };
    this.#keys.delete(key);
    this.#keys.set(key, counted);
    if (this.#keys.size > (this.#options.keysMax ?? 20_000)) for (const oldest of this.#keys.keys()) { this.#keys.delete(oldest); break; }
    return counted;
  }
}
