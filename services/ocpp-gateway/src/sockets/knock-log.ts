import type { StationBooks } from '@csms/domain';

type Knock = Parameters<StationBooks['knocked']>[1];

/**
 * Writes down who knocked, one at a time and the newest per identity: a storm of strangers takes one connection of the books, and never more.
 */
export class KnockLog {
  readonly #stations: Pick<StationBooks, 'knocked'>;
  readonly #knocksMax: number;
  readonly #onError: (error: unknown) => void;
  #knocks = new Map<string, { tenantId: string; knock: Knock }>();
  #writing: Promise<void> | null = null;

  constructor(stations: Pick<StationBooks, 'knocked'>, onError: (error: unknown) => void, knocksMax = 1_000) {
    this.#stations = stations;
    this.#onError = onError;
    this.#knocksMax = knocksMax;
  }

  record(tenantId: string, knock: Knock): void {
    const key = `${tenantId}/${knock.identity}`;
    if (!this.#knocks.has(key) && this.#knocks.size >= this.#knocksMax) return;
    this.#knocks.set(key, { tenantId, knock });
    this.#writing ??= this.#write().finally(() => { this.#writing = null; });
  }

  /** Resolves when what was recorded so far is written or given up. */
  async settled(): Promise<void> { await this.#writing; }

  async #write(): Promise<void> {
    for (const [key, { tenantId, knock }] of this.#knocks) {
      this.#knocks.delete(key);
      try {
        await this.#stations.knocked(tenantId, knock);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
