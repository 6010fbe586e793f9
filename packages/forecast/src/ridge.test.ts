import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFrom } from './bootstrap.ts';
import { siteCalendar } from './calendar.ts';
import { solveSymmetric } from './cholesky.ts';
import { conformal, empirical } from './quantiles.ts';
import { RIDGE_FEATURES, fitRidge, ridgeWh } from './ridge.ts';
import { aSeries } from './testing.ts';

describe('the equations', () => {
  it('solves what it was given', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer(), (n, seed) => {
      const random = randomFrom(seed);
      const root = Float64Array.from({ length: n * n }, () => random() - 0.5);
      const a = new Float64Array(n * n);
      for (let i = 0; i < n; i += 1) for (let j = 0; j < n; j += 1) for (let k = 0; k < n; k += 1) a[i * n + j]! += root[i * n + k]! * root[j * n + k]! + (i === j && k === 0 ? 1 : 0);
      const x = Float64Array.from({ length: n }, () => random() * 10);
      const b = Float64Array.from({ length: n }, (_, i) => x.reduce((sum, value, j) => sum + a[i * n + j]! * value, 0));
      solveSymmetric(a, b).forEach((value, i) => expect(value).toBeCloseTo(x[i]!, 6));
    }), { numRuns: 50 });
    expect(() => solveSymmetric(Float64Array.from([1, 2, 2, 1]), Float64Array.from([1, 1]))).toThrow('not positive definite');
  });

  it('puts quantiles in order and keeps the promise of the conformal ranks', () => {
    expect(empirical(Float64Array.from([4, 0, 1, 3, 2]))).toEqual({ p10: 0.4, p50: 2, p90: 3.6 });
    const nine = conformal(Float64Array.from([9, 1, 2, 3, 4, 5, 6, 7, 8]));
    expect(nine).toEqual({ p10: 1, p50: 5, p90: 9 });
  });
});

describe('the ridge', () => {
  const calendar = siteCalendar('America/Denver');

  it('needs 28 days of lags and 56 of rows', () => {
    expect(fitRidge(aSeries({ calendar, firstDay: 20_000, days: 83 }), calendar)).toBeNull();
    const ridge = fitRidge(aSeries({ calendar, firstDay: 20_000, days: 85 }), calendar)!;
    expect(ridge.weights).toHaveLength(RIDGE_FEATURES);
    expect(ridge.rows).toBeGreaterThanOrEqual(56 * 24);
  });

  it('finds a rule that is linear in its features, and reaches further back where the day before is not over yet', () => {
    // Every hour is what the hour a day before was, and a little more each day: lag 24 says nearly all.
    const firstHour = calendar.dayStart(20_000);
    const energyWh = Float64Array.from({ length: 200 * 24 }, (_, i) => 1000 + 500 * Math.sin((2 * Math.PI * i) / 24) + i / 10);
    const ridge = fitRidge({ firstHour, energyWh }, calendar)!;
    const hours = Array.from({ length: 72 }, (_, i) => firstHour + energyWh.length + i);
    ridgeWh(ridge, { firstHour, energyWh }, calendar, hours).forEach((value, i) => {
      const truth = 1000 + 500 * Math.sin((2 * Math.PI * (energyWh.length + i)) / 24) + (energyWh.length + i) / 10;
      expect(Math.abs(value - truth)).toBeLessThan(20);
    });
  });
});
