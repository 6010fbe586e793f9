/** One timer for everything that must not take too long: what is watched is looked at a few times a second, and told once when its time is over. */
export class OverdueWatch {
  #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;
  readonly #tickMs: number;

  constructor(tickMs = 250) { this.#tickMs = tickMs; }

  /** Calls `onOverdue` once `deadlineMs` has passed, at most a tick late, unless `forget` was called before. */
  watch(deadlineMs: number, onOverdue: () => void): Watched {
    const watched = { deadlineMs, onOverdue };
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.#look(Date.now()), this.#tickMs).unref();
    return watched;
  }

  forget(watched: Watched): void { this.#watched.delete(watched); }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(nowMs: number): void {
    if (this.#watched.size === 0) { this.close(); return; }
    for (const watched of this.#watched) {
      if (nowMs < watched.deadlineMs) continue;
      this.#watched.delete(watched);
      watched.onOverdue();
    }
  }
}

export interface Watched { readonly deadlineMs: number; readonly onOverdue: () => void }
