import { expect, it, vi } from 'vitest';
import { Sweeper } from './sweeper.ts';

it('looks at every member once an interval, a slice at a time, and no more at one that left', () => {
  const looked: number[] = [];
  const members = Array.from({ length: 90 }, (_, number) => ({ inspect: () => { looked.push(number); } }));
  const sweeper = new Sweeper(30_000, 30);
  for (const member of members) sweeper.add(member);
  sweeper.tick(0);
  expect(looked).toHaveLength(3);
  for (let tick = 1; tick < 30; tick += 1) sweeper.tick(tick);
  expect([...looked].sort((a, b) => a - b)).toEqual(members.map((_, number) => number));
  for (const member of members.slice(1)) sweeper.remove(member);
  looked.length = 0;
  for (let tick = 0; tick < 30; tick += 1) sweeper.tick(tick);
  expect(looked).toEqual([0]);
});

it('O-54 a round takes no longer than an interval where timers come late, and what was missed in a long stop is not made up for', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    let looked = 0;
    let nowMs = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
    const sweeper = new Sweeper(3_000, 30);
    sweeper.add({ inspect: () => { looked += 1; } });
    sweeper.start();
    // Every timer comes half a tick too late.
    for (; nowMs < 30_000; nowMs += 150) vi.advanceTimersByTime(100);
    expect(looked).toBe(10);
    nowMs += 3_600_000;
    vi.advanceTimersByTime(100);
    expect(looked).toBeLessThanOrEqual(12);
    sweeper.stop();
  } finally {
    vi.restoreAllMocks();
    vi.useRealTimers();
  }
});
