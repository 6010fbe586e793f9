import type { Clock } from './clock.ts';
import type { KubernetesObject } from './object.ts';

/** A copy of one kind that follows the cluster, however it does so. */
export type Followed = Pick<Follower, 'get' | 'list' | 'synced' | 'start' | 'stop' | 'silentForMs'>;

/** What every copy has that follows the cluster in a loop of its own, from `start` to `stop`. */
export abstract class Follower {
  protected readonly clock: Clock;
  protected readonly objects = new Map<string, KubernetesObject>();
  #synced = Promise.withResolvers<void>();
  #ends = new AbortController();
  #run: Promise<void> | undefined;
  #signMs: number;

  constructor(clock: Clock) {
    this.clock = clock;
    this.#signMs = clock.nowMs();
  }

  /** For how long it did nothing at all: nothing came, nothing was asked, nothing failed. A server that is away is not silence, for it is asked again and again. */
  silentForMs(): number {
    return this.#run === undefined || this.ends.aborted ? 0 : this.clock.nowMs() - this.#signMs;
  }

  /** Resolves when the copy is whole for the first time, or when the cluster says that it does not offer the kind. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  get(key: string): KubernetesObject | undefined {
    return this.objects.get(key);
  }

  list(): KubernetesObject[] {
    return [...this.objects.values()];
  }

  start(): void {
    this.#run ??= this.follow();
  }

  async stop(): Promise<void> {
    this.#ends.abort();
    await this.#run;
  }

  protected get ends(): AbortSignal {
    return this.#ends.signal;
  }

  protected isSynced(): void {
    this.#synced.resolve();
  }

  /** It lives: `silentForMs` counts from here. */
  protected showLife(): void {
    this.#signMs = this.clock.nowMs();
  }

  /** Runs until `ends` is aborted, and never throws. */
  protected abstract follow(): Promise<void>;
}
