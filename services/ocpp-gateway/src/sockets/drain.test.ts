import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { closeInSlices, refuseForAWhile, type SocketWork } from './drain.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function sockets() {
  const open = new Set<ReturnType<typeof aSession>>();
  const ended: ReturnType<typeof aSession>[] = [];
  function aSession(work: SocketWork, deaf: boolean) {
    const session = {
      work, closedBy: null as string | null,
      finish: async () => { if (!deaf) end(session, 'finish'); },
      terminate: () => end(session, 'terminate'),
    };
    return session;
  }
  function end(session: ReturnType<typeof aSession>, by: string): void {
    session.closedBy = by;
    open.delete(session);
    ended.push(session);
  }
  return {
    open, ended,
    add: (work: SocketWork, options: { deaf?: boolean } = {}) => { const session = aSession(work, options.deaf ?? false); open.add(session); return session; },
    drain: (given: { drainMs: number; perSecond: number; shareAtOnce?: number }) => closeInSlices({ sessions: () => open, count: () => open.size, random: () => 0, ...given }),
  };
}

describe('draining', () => {
  it('idle sockets go first and those in a message of a transaction last', async () => {
    const all = sockets();
    for (let n = 0; n < 30; n += 1) all.add((['transaction', 'call', 'idle'] as const)[n % 3]!);
    void all.drain({ drainMs: 60_000, perSecond: 10 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(all.ended.map(({ work }) => work)).toEqual([...Array<string>(10).fill('idle'), ...Array<string>(10).fill('call'), ...Array<string>(10).fill('transaction')]);
  });

  it('the rate is as set, and greater only where the time would not do', async () => {
    const slow = sockets();
    for (let n = 0; n < 100; n += 1) slow.add('idle');
    void slow.drain({ drainMs: 60_000, perSecond: 20 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(slow.ended.length).toBeGreaterThanOrEqual(38);
    expect(slow.ended.length).toBeLessThanOrEqual(42);

    const fast = sockets();
    for (let n = 0; n < 1_000; n += 1) fast.add('idle');
    void fast.drain({ drainMs: 10_000, perSecond: 20 });
    await vi.advanceTimersByTimeAsync(8_000);
    expect(fast.open.size).toBe(0);
  });

  it('O-50 of all sockets no more than the set share goes within a second, unless the time would not do', async () => {
    const even = sockets();
    for (let n = 0; n < 200; n += 1) even.add('idle');
    void even.drain({ drainMs: 60_000, perSecond: 100, shareAtOnce: 0.1 });
    for (let second = 1; second <= 9; second += 1) {
      const before = even.ended.length;
      await vi.advanceTimersByTimeAsync(1_000);
      expect([second, even.ended.length - before <= 22]).toEqual([second, true]);
    }
    await vi.advanceTimersByTimeAsync(3_000);
    expect(even.open.size).toBe(0);

    const short = sockets();
    for (let n = 0; n < 200; n += 1) short.add('idle');
    void short.drain({ drainMs: 5_000, perSecond: 100, shareAtOnce: 0.1 });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(short.open.size).toBe(0);

    const last = sockets();
    last.add('idle');
    void last.drain({ drainMs: 60_000, perSecond: 100, shareAtOnce: 0.1 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(last.open.size).toBe(0);
  });

  it('what does not go is cut at the end, and not before', async () => {
    const all = sockets();
    const deaf = all.add('call', { deaf: true });
    let done = false;
    void all.drain({ drainMs: 10_000, perSecond: 50 }).then(() => { done = true; });
    await vi.advanceTimersByTimeAsync(9_000);
    expect([deaf.closedBy, done]).toEqual([null, false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([deaf.closedBy, done]).toEqual(['terminate', true]);
  });

  it('the time in which stations are still answered ends with the last socket, and takes at most a quarter of all', async () => {
    let open = 5;
    const lasted = async (pace: { drainMs: number; refuseMs: number }, emptyAfterMs: number): Promise<number> => {
      open = 5;
      setTimeout(() => { open = 0; }, emptyAfterMs);
      const waited = refuseForAWhile(pace, () => open);
      await vi.advanceTimersByTimeAsync(100_000);
      return waited;
    };
    expect(await lasted({ drainMs: 120_000, refuseMs: 5_000 }, 60_000)).toBeCloseTo(5_000, -3);
    expect(await lasted({ drainMs: 4_000, refuseMs: 5_000 }, 60_000)).toBeCloseTo(1_000, -3);
    expect(await lasted({ drainMs: 120_000, refuseMs: 5_000 }, 1_000)).toBeCloseTo(1_000, -3);
    expect(await lasted({ drainMs: 120_000, refuseMs: 0 }, 1_000)).toBe(0);
  });
});
