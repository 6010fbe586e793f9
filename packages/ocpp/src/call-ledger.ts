/**
 * The calls of one direction on one socket: at most one is in flight, each ends once, and an answer that comes after its call was given up is
 * recognised as late and never taken for the next one's (G-24, G-27). Pure: time and ids come in as arguments.
 */
export interface CallInFlight<C> { id: string; call: C; deadlineMs: number }

export type AnswerVerdict<C> =
  | { verdict: 'answered'; call: C }
  | { verdict: 'late'; call: C }
  | { verdict: 'unknown' };

/** How many calls that ended without an answer are remembered, so that their late answers can be told. */
const rememberedMax = 32;

export class CallLedger<C> {
  #inFlight: CallInFlight<C> | null = null;
  #givenUp = new Map<string, C>();

  get inFlight(): CallInFlight<C> | null { return this.#inFlight; }

  /** Opens a call. False, and nothing changes, while another one is in flight. */
  begin(id: string, call: C, deadlineMs: number): boolean {
    if (this.#inFlight !== null) return false;
    this.#inFlight = { id, call, deadlineMs };
    return true;
  }

  /** A CALLRESULT or CALLERROR with this id came. */
  answer(id: string): AnswerVerdict<C> {
    if (this.#inFlight !== null && this.#inFlight.id === id) {
      const { call } = this.#inFlight;
      this.#inFlight = null;
      return { verdict: 'answered', call };
    }
    const call = this.#givenUp.get(id);
    if (call === undefined) return { verdict: 'unknown' };
    this.#givenUp.delete(id);
    return { verdict: 'late', call };
  }

  /** Ends the call in flight if its deadline has come, and returns it. */
  expire(nowMs: number): C | null {
    if (this.#inFlight === null || nowMs < this.#inFlight.deadlineMs) return null;
    const { id, call } = this.#inFlight;
    this.#inFlight = null;
    this.#givenUp.set(id, call);
    if (this.#givenUp.size > rememberedMax) {
      for (const oldest of this.#givenUp.keys()) { this.#givenUp.delete(oldest); break; }
    }
    return call;
  }

  /** The socket is gone: ends the call in flight, if any, and returns it. */
  lose(): C | null {
    const call = this.#inFlight?.call ?? null;
    this.#inFlight = null;
    this.#givenUp.clear();
    return call;
  }
}
