import { expect, it } from 'vitest';
import { bootInterval } from './boot-interval.ts';

it('spreads a fleet over a fifth to either side, the same for a station every time', () => {
  const intervals = Array.from({ length: 1_000 }, (_, at) => bootInterval(300, `CP_${at}`));
  expect(Math.min(...intervals)).toBeGreaterThanOrEqual(240);
  expect(Math.max(...intervals)).toBeLessThanOrEqual(360);
  expect(new Set(intervals).size).toBeGreaterThan(80);
  expect(bootInterval(300, 'CP_1')).toBe(bootInterval(300, 'CP_1'));
  expect(bootInterval(0, 'CP_1')).toBe(1);
});
