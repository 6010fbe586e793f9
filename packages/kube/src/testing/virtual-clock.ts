import type { Clock } from '../clock.ts';

interface Task {
  atMs: number;
  order: number;
  run: () => void;
}

/**
 * A clock that moves only when told. `advance` runs every task that falls due, in order, and lets the promises that each task
 * settled run before the next one: work under it behaves as in real time, without waiting.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #order = 0;
  #tasks: Task[] = [];
  #chance: () => number;

  constructor(chance: () => number = () => 0.5) {
    this.#chance = chance;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#chance();
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== task);
    };
  }

  /** Moves the time forward by `ms`, running what falls due. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const next = this.#tasks.filter((task) => task.atMs <= endMs).sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0];
      if (next === undefined) break;
      this.#tasks = this.#tasks.filter((task) => task !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
  }
}

/** Lets every promise that is ready run, through the event loop so that chains of any length end. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
