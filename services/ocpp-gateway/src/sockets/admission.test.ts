import { expect, it } from 'vitest';
import { TokenBucket } from './admission.ts';

it('lets a burst in, then the rate, and never saves up more than a burst', () => {
  const bucket = new TokenBucket(10, 3, 0);
  const taken = (nowMs: number, tries: number): number => Array.from({ length: tries }, () => bucket.take(nowMs)).filter(Boolean).length;
  expect(taken(0, 10)).toBe(3);
  expect(taken(100, 10)).toBe(1);
  expect(taken(1_000, 10)).toBe(3);
  expect(taken(1_000, 10)).toBe(0);
});
