/** Something to be looked at once an interval. */
export interface Inspected { inspect(nowMs: number): void }

/**
 * One timer for all sockets: members are spread over slices and one slice is looked at per tick, so that pings never go out all at once and a socket
 * costs no timer of its own.
 */
export class Sweeper<T extends Inspected> {
  readonly #slices: Set<T>[];
  readonly #tickMs: number;
  #next = 0;
  #timer: NodeJS.Timeout | null = null;
  #sliceOf = new Map<T, Set<T>>();

  constructor(intervalMs: number, sliceCount = 30) {
    this.#slices = Array.from({ length: sliceCount }, () => new Set<T>());
    this.#tickMs = intervalMs / sliceCount;
  }

  add(member: T): void {
    const smallest = this.#slices.reduce((least, slice) => (slice.size < least.size ? slice : least));
    smallest.add(member);
    this.#sliceOf.set(member, smallest);
  }

  remove(member: T): void {
    this.#sliceOf.get(member)?.delete(member);
    this.#sliceOf.delete(member);
  }

  start(): void {
    if (this.#timer !== null) return;
    let dueMs = performance.now() + this.#tickMs;
    // Timers of a busy process come late, each a little: what fell due meanwhile is made up for, one round at most, so that a round takes no longer than it may.
    this.#timer = setInterval(() => {
      dueMs = Math.max(dueMs, performance.now() - this.#slices.length * this.#tickMs);
      for (; dueMs <= performance.now(); dueMs += this.#tickMs) this.tick(Date.now());
    }, this.#tickMs).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Looks at the next slice. */
  tick(nowMs: number): void {
    const slice = this.#slices[this.#next];
    this.#next = (this.#next + 1) % this.#slices.length;
    for (const member of slice ?? []) member.inspect(nowMs);
  }
}
