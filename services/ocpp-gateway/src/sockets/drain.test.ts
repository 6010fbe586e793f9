import { expect, it, vi } from 'vitest';
import { closeInSlices } from './drain.ts';

function aSession(open: Set<object>, options: { busy?: boolean; deaf?: boolean } = {}) {
  const session = {
    busy: options.busy ?? false,
    closedBy: null as string | null,
    finish: async () => { if (!options.deaf) { session.closedBy = 'finish'; open.delete(session); } },
    terminate: () => { session.closedBy = 'terminate'; open.delete(session); },
  };
  open.add(session);
  return session;
}

it('idle sockets go first, the rate is bounded, and what does not go is cut at the end', async () => {
  vi.useFakeTimers();
  try {
    const open = new Set<object>();
    const busy = aSession(open, { busy: true });
    const deaf = aSession(open, { deaf: true });
    const idle = Array.from({ length: 40 }, () => aSession(open));
    let done = false;
    void closeInSlices({ sessions: () => open as Set<typeof busy>, count: () => open.size, drainMs: 10_000, random: () => 0 }).then(() => { done = true; });
    await vi.advanceTimersByTimeAsync(500);
    expect(idle.filter(({ closedBy }) => closedBy !== null).length).toBeGreaterThan(15);
    expect(idle.filter(({ closedBy }) => closedBy !== null).length).toBeLessThan(35);
    expect(busy.closedBy).toBeNull();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(busy.closedBy).toBe('finish');
    expect(open.size).toBe(1);
    expect(done).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(deaf.closedBy).toBe('terminate');
    expect(done).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});
