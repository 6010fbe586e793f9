import { expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';
import { createRandom } from './random.ts';

const rule = { firstMs: 100, maxMs: 5_000, jitter: 0.5 };

it('doubles, is bounded, is spread by chance, and is the same under the same seed', () => {
  const delays = (seed: string) => {
    const random = createRandom(seed);
    return Array.from({ length: 40 }, (_, index) => backoffDelayMs(rule, index + 1, random));
  };
  expect(delays('a')).toEqual(delays('a'));
  expect(delays('a')).not.toEqual(delays('b'));
  delays('a').forEach((delay, index) => {
    const base = Math.min(rule.maxMs, 100 * 2 ** index);
    expect(delay).toBeGreaterThanOrEqual(base * 0.5);
    expect(delay).toBeLessThanOrEqual(base * 1.5);
  });
  expect(new Set(delays('a').slice(10)).size).toBeGreaterThan(20);
});
