import fc from 'fast-check';
import { expect, it } from 'vitest';
import { priceSession } from './price-session.ts';

const tariff = { currency: 'IDR', energyPerKwhMinor: 2466, sessionFeeMinor: 5000, idlePerMinuteMinor: 500, idleGraceMinutes: 10 };

it('writes a line for energy, idle time beyond the grace, and the session', () => {
  expect(priceSession({ energyWh: 12_345, idleSeconds: 754, tariff })).toEqual({
    currency: 'IDR', energyWh: 12_345, totalMinor: 30_443 + 1000 + 5000,
    lines: [
      { kind: 'energy', quantity: 12.345, unit: 'kWh', unitPriceMinor: 2466, amountMinor: 30_443 },
      { kind: 'idle', quantity: 2, unit: 'min', unitPriceMinor: 500, amountMinor: 1000 },
      { kind: 'session-fee', quantity: 1, unit: 'session', unitPriceMinor: 5000, amountMinor: 5000 },
    ],
  });
});

it('rounds each line half up', () => {
  const price = (energyWh: number) => priceSession({ energyWh, idleSeconds: 0, tariff: { ...tariff, energyPerKwhMinor: 1, sessionFeeMinor: 0 } }).totalMinor;
  expect([price(499.999), price(500), price(1499.999), price(1500)]).toEqual([0, 1, 1, 2]);
});

const amounts = fc.record({
  energyWh: fc.integer({ min: 0, max: 2_000_000_000 }).map((mWh) => mWh / 1000), idleSeconds: fc.integer({ min: 0, max: 10_000_000 }),
  tariff: fc.record({ currency: fc.constant('IDR'), energyPerKwhMinor: fc.integer({ min: 0, max: 1_000_000 }), sessionFeeMinor: fc.integer({ min: 0, max: 1_000_000 }), idlePerMinuteMinor: fc.integer({ min: 0, max: 100_000 }), idleGraceMinutes: fc.integer({ min: 0, max: 600 }) }),
});

it('the total is the sum of integer lines, none negative, and energy is within half a unit of the exact product', () => {
  fc.assert(fc.property(amounts, (input) => {
    const price = priceSession(input);
    expect(price.lines.every((line) => Number.isSafeInteger(line.amountMinor) && line.amountMinor >= 0)).toBe(true);
    expect(price.totalMinor).toBe(price.lines.reduce((sum, line) => sum + line.amountMinor, 0));
    const exactTimes2e6 = 2n * BigInt(Math.round(input.energyWh * 1000)) * BigInt(input.tariff.energyPerKwhMinor);
    const offBy = BigInt(price.lines[0]!.amountMinor) * 2_000_000n - exactTimes2e6;
    expect(offBy > -1_000_000n && offBy <= 1_000_000n).toBe(true);
  }));
});

it('more energy or more idle time never costs less', () => {
  fc.assert(fc.property(amounts, fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 100_000 }), (input, moreWh, moreSeconds) => {
    const dearer = priceSession({ ...input, energyWh: input.energyWh + moreWh, idleSeconds: input.idleSeconds + moreSeconds });
    expect(dearer.totalMinor).toBeGreaterThanOrEqual(priceSession(input).totalMinor);
  }));
});

it.each([[-1, 0], [0, -1], [Number.NaN, 0]])('refuses %d Wh and %d s', (energyWh, idleSeconds) => {
  expect(() => priceSession({ energyWh, idleSeconds, tariff })).toThrow(RangeError);
});

it('refuses an amount that is no safe integer, of one line or of their sum', () => {
  expect(() => priceSession({ energyWh: 4e15, idleSeconds: 0, tariff: { ...tariff, energyPerKwhMinor: 1_000_000 } })).toThrow(RangeError);
  expect(() => priceSession({ energyWh: 0, idleSeconds: 6e17, tariff })).toThrow(RangeError);
  expect(() => priceSession({ energyWh: 1000, idleSeconds: 0, tariff: { ...tariff, sessionFeeMinor: Number.MAX_SAFE_INTEGER } })).toThrow(RangeError);
});
