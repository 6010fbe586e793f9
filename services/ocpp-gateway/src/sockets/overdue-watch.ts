/** One place where something may take too long. It stays with its owner and is set anew for each piece of work: this is on every message's way. */
export class OverdueSlot {
  /** Infinity: nothing is in work. */
  deadlineMs = Infinity;
  onOverdue: () => void = nothing;

  set(deadlineMs: number, onOverdue: () => void): void {
    this.deadlineMs = deadlineMs;
    this.onOverdue = onOverdue;
  }

  clear(): void { this.set(Infinity, nothing); }
}

function nothing(): void {}

/** One timer for all slots: each is looked at a few times a second, and told once when its time is over. */
export class OverdueWatch {
  #slots = new Set<OverdueSlot>();
  #timer: NodeJS.Timeout | null = null;
  readonly #tickMs: number;

  constructor(tickMs = 250) { this.#tickMs = tickMs; }

  /** Looks after a slot until `leave`; it is told at most a tick late. */
  join(slot: OverdueSlot): void {
    this.#slots.add(slot);
    this.#timer ??= setInterval(() => this.#look(Date.now()), this.#tickMs).unref();
  }

  leave(slot: OverdueSlot): void { this.#slots.delete(slot); }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(nowMs: number): void {
    for (const slot of this.#slots) {
      if (nowMs < slot.deadlineMs) continue;
      const { onOverdue } = slot;
      slot.clear();
      onOverdue();
    }
  }
}
