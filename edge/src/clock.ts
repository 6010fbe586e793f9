import type { ClockPort } from './ports.ts';

/** The clock of this machine. Its timers do not keep a process alive that has nothing else to do. */
export function createSystemClock(): ClockPort {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    schedule(delayMs, run) {
      const timer = setTimeout(run, Math.max(0, Math.min(delayMs, 2_147_483_647)));
      return () => clearTimeout(timer);
    },
  };
}

export interface VirtualClock extends ClockPort {
  /** Lets `ms` milliseconds pass: every timer that falls due runs, in order, at its own time. */
  advance(ms: number): void;
  /** Sets the wall clock alone (as NTP does); monotonic time and timers are not touched. */
  setWall(nowMs: number): void;
}

/**
 * A clock that moves only when told to.
 * @param startMs wall time at the start, milliseconds since 1970 UTC
 */
export function createVirtualClock(startMs: number): VirtualClock {
  let monotonic = 0;
  let wallOffset = startMs;
  let sequence = 0;
  const timers = new Map<number, { dueMs: number; run: () => void }>();

  function nextDue(untilMs: number): number | undefined {
    let best: number | undefined;
    for (const [id, timer] of timers) {
      if (timer.dueMs > untilMs) continue;
      const other = best === undefined ? undefined : timers.get(best);
      if (!other || timer.dueMs < other.dueMs) best = id;
    }
    return best;
  }

  return {
    nowMs: () => wallOffset + monotonic,
    monotonicMs: () => monotonic,
    schedule(delayMs, run) {
      const id = ++sequence;
      timers.set(id, { dueMs: monotonic + Math.max(0, delayMs), run });
      return () => void timers.delete(id);
    },
    advance(ms) {
      const untilMs = monotonic + ms;
      for (;;) {
        const id = nextDue(untilMs);
        const timer = id === undefined ? undefined : timers.get(id);
        if (id === undefined || !timer) break;
        timers.delete(id);
        monotonic = Math.max(monotonic, timer.dueMs);
        timer.run();
      }
      monotonic = untilMs;
    },
    setWall(nowMs) {
      wallOffset = nowMs - monotonic;
    },
  };
}
