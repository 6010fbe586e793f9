import { expect, it } from 'vitest';
import { RateLimit, type RateLimitOptions } from './rate-limit.ts';

const options: RateLimitOptions = { name: 'x', countMax: 5, windowMs: 60_000, waitMs: 60_000, waitMsMax: 600_000, sharedFrom: 1, shared: null };

it('C-08 five in a minute go on, the sixth waits, and whoever comes back too fast waits twice as long each time, up to a bound', () => {
  const limit = new RateLimit(options);
  for (let n = 0; n < 5; n += 1) limit.count('a', n);
  expect(limit.waitMs('a', 10)).toBe(0);
  limit.count('a', 10);
  expect(limit.waitMs('a', 10)).toBe(60_000);
  expect(limit.waitMs('b', 10)).toBe(0);
  let nowMs = 10;
  const waits = [120_000, 240_000, 480_000, 600_000, 600_000].map(() => {
    nowMs += limit.waitMs('a', nowMs);
    expect(limit.waitMs('a', nowMs)).toBe(0);
    limit.count('a', nowMs);
    return limit.waitMs('a', nowMs);
  });
  expect(waits).toEqual([120_000, 240_000, 480_000, 600_000, 600_000]);
  nowMs += 600_000 + 60_000;
  for (let n = 0; n < 5; n += 1) limit.count('a', nowMs);
  expect(limit.waitMs('a', nowMs), 'quiet for a window after the wait: begun anew').toBe(0);
});

it('C-08 five in each of many minutes, slowly, are not too many; a success forgets', () => {
  const limit = new RateLimit(options);
  for (let minute = 0; minute < 10; minute += 1) for (let n = 0; n < 5; n += 1) limit.count('slow', minute * 60_000);
  expect(limit.waitMs('slow', 540_000)).toBe(0);
  for (let n = 0; n < 6; n += 1) limit.count('lucky', 0);
  limit.forget('lucky');
  expect(limit.waitMs('lucky', 0)).toBe(0);
});

it('C-08 two processes count together, and each alone while the bus is away', async () => {
  const counts = new Map<string, number>();
  const together = async (key: string): Promise<number> => { counts.set(key, (counts.get(key) ?? 0) + 1); return counts.get(key) ?? 0; };
  const [one, two] = [new RateLimit({ ...options, shared: together }), new RateLimit({ ...options, shared: together })];
  for (let n = 0; n < 3; n += 1) { one.count('a', n); two.count('a', n); }
  await Promise.resolve();
  expect([one.waitMs('a', 5), two.waitMs('a', 5)].some((waitMs) => waitMs > 0)).toBe(true);
  const alone = new RateLimit({ ...options, shared: () => Promise.reject(new Error('away')) });
  for (let n = 0; n < 6; n += 1) alone.count('a', n);
  await Promise.resolve();
  expect(alone.waitMs('a', 6)).toBeGreaterThan(0);
});

it('C-08 a limit remembers so many keys and no more', () => {
  const limit = new RateLimit({ ...options, keysMax: 100 });
  for (let n = 0; n < 10_000; n += 1) limit.count(`key-${n}`, 0);
  expect(limit.size).toBe(100);
});
