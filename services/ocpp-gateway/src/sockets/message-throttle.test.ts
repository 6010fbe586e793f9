import { expect, it } from 'vitest';
import { MessageThrottle } from './message-throttle.ts';

const rate = { burst: 50, perSecond: 10, overloadMs: 60_000 };

it('C-08 fifty messages in a row and ten a second are taken, more are read later, and none is lost', () => {
  const throttle = new MessageThrottle(rate, 0);
  const waits = Array.from({ length: 52 }, () => throttle.heard(0));
  expect(waits.slice(0, 50).every((waitMs) => waitMs === 0)).toBe(true);
  expect(waits.slice(50)).toEqual([100, 200]);
  const steady = new MessageThrottle(rate, 0);
  for (let n = 0; n < 1_000; n += 1) expect(steady.heard(n * 100)).toBe(0);
});

it('C-08 a station that replays thousands of messages, one after the other is answered, is slowed down and never closed', () => {
  const throttle = new MessageThrottle(rate, 0);
  let nowMs = 0;
  for (let n = 0; n < 5_000; n += 1) {
    const waitMs = throttle.heard(nowMs);
    expect(waitMs).not.toBeNull();
    nowMs += 1 + (waitMs ?? 0);
  }
  expect(nowMs).toBeGreaterThan(400_000);
});

it('C-08 one that never waits for its answers is closed when it has been too fast for a minute', () => {
  const throttle = new MessageThrottle(rate, 0);
  let nowMs = 0;
  let closedAtMs: number | null = null;
  for (let n = 0; n < 5_000 && closedAtMs === null; n += 1) {
    const waitMs = throttle.heard(nowMs);
    if (waitMs === null) closedAtMs = nowMs;
    // Ten at once, and then whatever reading allows.
    else if (n % 10 === 0) nowMs += 1 + waitMs;
  }
  expect(closedAtMs).toBeGreaterThanOrEqual(60_000);
  expect(closedAtMs).toBeLessThan(70_000);
});
