import type { Cancel, ClockPort } from '../ports.ts';

export interface Timers {
  /** True between `start` and `stop`: while it is false the station does nothing by itself. */
  readonly running: boolean;
  start(): void;
  /** Nothing that was put off will run any more. */
  stop(): void;
  /** Runs `run` once after `delayMs` milliseconds, if the station is running then. */
  later(delayMs: number, run: () => void): Cancel;
}

/** Everything that a station puts off, so that all of it can be taken back when the station stops. */
export function createTimers(clock: Pick<ClockPort, 'schedule'>): Timers {
  const pending = new Set<Cancel>();
  let running = false;

  return {
    get running() {
      return running;
    },
    start() {
      running = true;
    },
    stop() {
      running = false;
      for (const cancel of pending) cancel();
      pending.clear();
    },
    later(delayMs, run) {
      const cancel = clock.schedule(delayMs, () => {
        pending.delete(cancel);
        if (running) run();
      });
      pending.add(cancel);
      return () => {
        pending.delete(cancel);
        cancel();
      };
    },
  };
}
