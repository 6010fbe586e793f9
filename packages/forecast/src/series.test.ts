import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seriesHash, spreadOverHours } from './series.ts';

const H = 3_600_000;
const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

describe('spreading sessions over hours', () => {
  it('shares the energy by the exact overlap with each hour', () => {
    const series = spreadOverHours([{ fromMs: 10.5 * H, toMs: 12.25 * H, energyWh: 7000 }], { firstHour: 10, untilHour: 14 });
    expect([...series.energyWh]).toEqual([2000, 4000, 1000, 0]);
  });

  it('gives the energy of a span without length to its hour, and ignores what charged nothing', () => {
    const spans = [{ fromMs: 11 * H, toMs: 11 * H, energyWh: 50 }, { fromMs: 10 * H, toMs: 12 * H, energyWh: 0 }];
    expect([...spreadOverHours(spans, { firstHour: 10, untilHour: 13 }).energyWh]).toEqual([0, 50, 0]);
  });

  it('neither makes nor loses energy, and leaves out only what lies outside', () => {
    const span = fc.record({ fromMs: fc.integer({ min: 0, max: 500 * H }), lengthMs: fc.integer({ min: 0, max: 60 * H }), energyWh: fc.integer({ min: 0, max: 90_000 }) })
      .map(({ fromMs, lengthMs, energyWh }) => ({ fromMs, toMs: fromMs + lengthMs, energyWh }));
    fc.assert(fc.property(fc.array(span, { maxLength: 40 }), (spans) => {
      const whole = spreadOverHours(spans, { firstHour: 0, untilHour: 600 });
      expect(sum(whole.energyWh)).toBeCloseTo(spans.reduce((total, { energyWh }) => total + energyWh, 0), 4);
      const part = spreadOverHours(spans, { firstHour: 100, untilHour: 200 });
      part.energyWh.forEach((value, i) => expect(value).toBeCloseTo(whole.energyWh[100 + i]!, 6));
    }), { numRuns: 50 });
  });

  it('has a name that changes with any value', () => {
    const series = { firstHour: 5, energyWh: Float64Array.from([1, 2, 3]) };
    expect(seriesHash(series)).toBe(seriesHash({ firstHour: 5, energyWh: Float64Array.from([1, 2, 3]) }));
    expect(seriesHash(series)).not.toBe(seriesHash({ firstHour: 6, energyWh: series.energyWh }));
    expect(seriesHash(series)).not.toBe(seriesHash({ firstHour: 5, energyWh: Float64Array.from([1, 2, 3.000001]) }));
  });
});
