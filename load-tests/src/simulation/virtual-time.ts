/** A timer as Node's own look to their callers. */
interface VirtualTimer { at: number; order: number; run: () => void; everyMs: number | null; done: boolean; ref(): VirtualTimer; unref(): VirtualTimer; hasRef(): boolean }

const real = { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, Date };

/**
 * Time that passes only when everything that is ready has run: timers, intervals and dates of the whole process come from here between `install` and
 * `uninstall`. Two timers of one moment run in the order in which they were set, so a run is the same each time.
 */
export class VirtualTime {
  #nowMs: number;
  #order = 0;
  #heap: VirtualTimer[] = [];

  constructor(startMs: number) { this.#nowMs = startMs; }

  get nowMs(): number { return this.#nowMs; }

  install(): void {
    const now = (): number => this.#nowMs;
    const { Date: RealDate } = real;
    class VirtualDate extends RealDate {
      constructor(...given: unknown[]) {
        if (given.length === 0) super(now());
        else super(...(given as [number]));
      }

      static override now(): number { return now(); }
    }
    const set = (run: (...given: unknown[]) => void, delayMs: number | undefined, everyMs: number | null, given: unknown[]): VirtualTimer =>
      this.#push({ at: this.#nowMs + Math.max(1, delayMs ?? 1), run: () => run(...given), everyMs });
    const clear = (timer: unknown): void => { if (typeof timer === 'object' && timer !== null) (timer as VirtualTimer).done = true; };
    Object.assign(globalThis, {
      Date: VirtualDate, clearTimeout: clear, clearInterval: clear,
      setTimeout: (run: () => void, delayMs?: number, ...given: unknown[]) => set(run, delayMs, null, given),
      setInterval: (run: () => void, delayMs?: number, ...given: unknown[]) => set(run, delayMs, Math.max(1, delayMs ?? 1), given),
    });
  }

  uninstall(): void { Object.assign(globalThis, real); }

  /** Lets time pass until `untilMs`, or until `stop` says that enough has happened. */
  async run(untilMs: number, stop: () => boolean = () => false): Promise<void> {
    await settle();
    for (let next = this.#pop(untilMs); next !== null; next = this.#pop(untilMs)) {
      this.#nowMs = next.at;
      if (next.everyMs !== null) this.#put(Object.assign(next, { at: next.at + next.everyMs, order: (this.#order += 1) }));
      next.run();
      await settle();
      if (stop()) return;
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(given: Pick<VirtualTimer, 'at' | 'run' | 'everyMs'>): VirtualTimer {
    const timer: VirtualTimer = { ...given, order: (this.#order += 1), done: false, ref: () => timer, unref: () => timer, hasRef: () => false };
    this.#put(timer);
    return timer;
  }

  #put(timer: VirtualTimer): void {
    const heap = this.#heap;
    let child = heap.push(timer) - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) break;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  /** The next live timer that is due by `untilMs`, taken out. */
  #pop(untilMs: number): VirtualTimer | null {
    const heap = this.#heap;
    while (heap.length > 0 && heap[0]!.at <= untilMs) {
      const top = heap[0]!;
      const last = heap.pop()!;
      if (heap.length > 0) { heap[0] = last; this.#sink(); }
      if (!top.done) return top;
    }
    return null;
  }

  #sink(): void {
    const heap = this.#heap;
    for (let parent = 0; ;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      if (least === parent) return;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}

function isBefore(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Resolves when every promise that is ready has run: nothing in a simulated world waits for the machine. */
function settle(): Promise<void> {
  return new Promise((resolve) => { real.setImmediate(resolve); });
}
