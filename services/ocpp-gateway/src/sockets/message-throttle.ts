export interface MessageRate {
  /** How many messages of one station are taken in a row, and a second after that. */
  burst: number;
  perSecond: number;
  /** A station that is too fast for this long, and does not wait for its answers, is closed. */
  overloadMs: number;
}

/** Messages that are in our hands though reading rests: none of a station that waits for its answers, some of a firmware that pipelines. */
const unawaitedMax = 4;

/** What was already in our hands when reading stopped is taken, and is paid for with at most so long a pause. */
const pauseSecondsMax = 30;

/**
 * How fast one station may talk (C-08): whoever is faster is not read for a while, which its own rule of one open call turns into patience. Who does not wait for
 * answers either, for long, has no such rule. Time comes in as an argument; kept small, because there is one for every socket.
 */
export class MessageThrottle {
  readonly #rate: MessageRate;
  #tokens: number;
  #filledMs: number;
  #tooFastSinceMs = 0;
  #restsUntilMs = 0;
  #unawaited = 0;

  constructor(rate: MessageRate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledMs = nowMs;
  }

  /** A message came. How long the station is not to be read now, in milliseconds; 0 for a usual one; null: it has to be closed. */
  heard(nowMs: number): number | null {
    const { burst, perSecond, overloadMs } = this.#rate;
    this.#unawaited = nowMs < this.#restsUntilMs ? this.#unawaited + 1 : 0;
    this.#tokens = Math.min(burst, this.#tokens + ((nowMs - this.#filledMs) / 1000) * perSecond);
    this.#filledMs = nowMs;
    if (this.#tokens > burst / 2) this.#tooFastSinceMs = 0;
    this.#tokens = Math.max(this.#tokens - 1, -pauseSecondsMax * perSecond);
    if (this.#tokens >= 0) return 0;
    if (this.#tooFastSinceMs === 0) this.#tooFastSinceMs = nowMs;
    if (nowMs - this.#tooFastSinceMs >= overloadMs && this.#unawaited > unawaitedMax) return null;
    const waitMs = Math.ceil((-this.#tokens / perSecond) * 1000);
    this.#restsUntilMs = Math.max(this.#restsUntilMs, nowMs + waitMs);
    return waitMs;
  }
}
