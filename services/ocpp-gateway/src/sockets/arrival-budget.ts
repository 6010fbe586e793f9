import { TokenBucket } from './admission.ts';

/** How somebody stands who arrives; `cost` is what the arrival takes of the share of its address until it is proved. */
export interface ArrivalTerms { cost: number; mayUseReserve: boolean }

const sourcesMax = 20_000;

/**
 * New sockets of this process a second. A part of them is kept for stations that are known at their address; and of the rest no address has more than its
 * share, a tenth of the rate and half of a burst, for arrivals that have not proved who they are: whoever proves it gives the share back, so that a whole site
 * behind one address is not held up, and one address of strangers shuts nobody out.
 */
export class ArrivalBudget {
  readonly #all: TokenBucket;
  readonly #reserve: number;
  readonly #perSecond: number;
  readonly #shareBurst: number;
  #shares = new Map<string, TokenBucket>();

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#all = new TokenBucket(perSecond, burst, nowMs);
    this.#reserve = Math.floor(burst / 4);
    this.#perSecond = perSecond / 10;
    this.#shareBurst = Math.max(1, burst / 2);
  }

  /** Whether somebody may go on, and if not, whether its own address or everybody together is the reason. */
  take(source: string, { cost, mayUseReserve }: ArrivalTerms, nowMs: number): 'taken' | 'share-used-up' | 'all-used-up' {
    const share = cost === 0 ? null : this.#shareOf(source, nowMs);
    const taken = Math.min(cost, this.#shareBurst);
    if (share !== null && !share.take(nowMs, taken)) return 'share-used-up';
    if (this.#all.take(nowMs, 1, mayUseReserve ? 0 : this.#reserve)) return 'taken';
    share?.giveBack(taken);
    return 'all-used-up';
  }

  /** Whoever arrived on these terms proved who it is, or was turned away for what others did. */
  giveBack(source: string, { cost }: ArrivalTerms): void {
    this.#shares.get(source)?.giveBack(Math.min(cost, this.#shareBurst));
  }

  #shareOf(source: string, nowMs: number): TokenBucket {
    let share = this.#shares.get(source);
    if (share === undefined) {
      this.#shares.set(source, share = new TokenBucket(this.#perSecond, this.#shareBurst, nowMs));
      if (this.#shares.size > sourcesMax) for (const oldest of this.#shares.keys()) { this.#shares.delete(oldest); break; }
    }
    return share;
  }
}
