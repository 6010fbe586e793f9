/** How many may still come in now: a bucket that fills at `perSecond` up to `burst`. Time comes in as an argument. */
export class TokenBucket {
  #tokens: number;
  #filledMs: number;
  readonly #perSecond: number;
  readonly #burst: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledMs = nowMs;
  }

  /** Takes `cost` tokens and leaves `floor` of them; false, and takes none, when there are fewer. */
  take(nowMs: number, cost = 1, floor = 0): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * this.#perSecond);
    this.#filledMs = nowMs;
    if (this.#tokens < cost + floor) return false;
    this.#tokens -= cost;
    return true;
  }

  /** What was taken for nothing. */
  giveBack(cost: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + cost);
  }
}
