import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { energyBetween } from './energy.ts';
import { normaliseSamples } from './normalise.ts';

describe('G-17 a sample without measurand or unit is an import register in Wh, and every unit is brought to the base unit', () => {
  it.each([
    [{ value: '1200' }, { registerWh: 1200 }],
    [{ value: '1.2', unit: 'kWh' }, { registerWh: 1200 }],
    [{ value: '26.008333', unit: 'kWh' }, { registerWh: 26008.333 }],
    [{ value: '1.5e3' }, { registerWh: 1500 }],
    [{ value: '-0.0' }, { registerWh: 0 }],
    [{ value: '7.2', measurand: 'Power.Active.Import', unit: 'kW' }, { powerW: 7200 }],
    [{ value: '7200', measurand: 'Power.Active.Import' }, { powerW: 7200 }],
    [{ value: 7.2, measurand: 'Power.Active.Import', unit: 'W', multiplier: 3 }, { powerW: 7200 }],
    [{ value: '53', measurand: 'SoC', unit: 'Percent', location: 'EV' }, { socPct: 53 }],
    [{ value: '104', measurand: 'Temperature', unit: 'Fahrenheit' }, { temperatureC: 40 }],
    [{ value: '300.15', measurand: 'Temperature', unit: 'K' }, { temperatureC: 27 }],
    [{ value: '31,9', measurand: 'Current.Import', unit: 'A' }, { currentA: 31.9 }],
  ])('%j', (sample, expected) => {
    const result = normaliseSamples([sample]);
    expect(result).toMatchObject(expected);
    expect(Object.is(Object.values(expected)[0], Object.values(result).find((value) => typeof value === 'number'))).toBe(true);
  });

  it('keeps the raw value and unit of what was converted or flagged', () => {
    expect(normaliseSamples([{ value: '1.2', unit: 'kWh' }]).other).toEqual({ 'Energy.Active.Import.Register': { value: '1.2', unit: 'kWh', number: 1200 } });
    expect(normaliseSamples([{ value: '31,9', measurand: 'Current.Import' }]).other).toEqual({ 'Current.Import': { value: '31,9', number: 31.9, flag: 'decimal-comma' } });
    expect(normaliseSamples([{ value: '1200', unit: 'Wh' }]).other).toBeNull();
  });

  it.each(['', 'NaN', '1,234', '12 W', '1e999', '--1'])('does not guess %j, keeps and flags it', (value) => {
    expect(normaliseSamples([{ value }])).toMatchObject({ registerWh: null, other: { 'Energy.Active.Import.Register': { value, flag: 'unreadable' } } });
  });

  it.each([['Energy.Active.Import.Register', '4e15', 'registerWh'], ['Energy.Active.Import.Register', '-5e6', 'registerWh'], ['Power.Active.Import', '2e9', 'powerW'], ['SoC', '1e9', 'socPct']] as const)('%s of %s is no reading of a meter: kept, flagged, no number', (measurand, value, column) => {
    expect(normaliseSamples([{ value, measurand }])).toMatchObject({ [column]: null, other: { [measurand]: { value, flag: 'unreadable' } } });
  });

  it('does not guess an unknown unit', () => {
    expect(normaliseSamples([{ value: '5', unit: 'furlong' }])).toMatchObject({ registerWh: null, other: { 'Energy.Active.Import.Register': { flag: 'unknown-unit' } } });
  });

  it('reads any decimal a charger may write exactly as the same decimal with its point moved', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 0, max: 999_999 }), (whole, micro) => {
      const digits = String(micro).padStart(6, '0');
      const { registerWh } = normaliseSamples([{ value: `${whole}.${digits}`, unit: 'kWh' }]);
      expect(registerWh).toBe(Number(`${whole}${digits.slice(0, 3)}.${digits.slice(3)}`));
    }));
  });
});

it('G-20 signed data is kept byte for byte and is no number', () => {
  const value = ' OCMF|{"RV":12.5}|"== ';
  const result = normaliseSamples([{ value, format: 'SignedData' }, { value: '900' }]);
  expect(result.registerWh).toBe(900);
  expect(result.other).toEqual({ 'Energy.Active.Import.Register~SignedData': { value, format: 'SignedData' } });
});

describe('G-22 phases, contexts and the total', () => {
  const power = (value: string, phase?: string) => ({ value, measurand: 'Power.Active.Import', ...(phase === undefined ? {} : { phase }) });
  it('a value of one phase is never added to a total without phase; readings of another context stay apart', () => {
    expect(normaliseSamples([power('100', 'L1'), power('300'), power('200', 'L2')])).toMatchObject({ powerW: 300, other: { 'Power.Active.Import/L1': { value: '100' }, 'Power.Active.Import/L2': { value: '200' } } });
    const result = normaliseSamples([{ value: '10', context: 'Transaction.Begin' }, { value: '900', context: 'Transaction.End' }, { value: '40', context: 'Sample.Clock' }]);
    expect(result).toMatchObject({ context: 'Transaction.Begin', registerWh: 10, other: { 'Energy.Active.Import.Register~Transaction.End': { value: '900' }, 'Energy.Active.Import.Register~Sample.Clock': { value: '40' } } });
    const phases = normaliseSamples([{ ...power('50'), context: 'Sample.Clock' }, { ...power('100', 'L1'), context: 'Sample.Periodic' }]);
    expect(phases).toMatchObject({ powerW: 50, other: { 'Power.Active.Import/L1~Sample.Periodic': { value: '100' } } });
  });
  it('phases alone make the total', () => {
    expect(normaliseSamples([power('100', 'L1'), power('200', 'L2'), power('250', 'L3')]).powerW).toBe(550);
  });
});

describe('G-19 energy is the register at the end minus at the start', () => {
  it('flags a register that went backwards', () => {
    expect(energyBetween(5000, 1200)).toEqual({ energyWh: 0, negative: true });
    expect(energyBetween(1200, 5000.5)).toEqual({ energyWh: 3800.5, negative: false });
  });
  it('is never negative, and flagged exactly when the register ran backwards', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (start, stop) => {
      const { energyWh, negative } = energyBetween(start / 1000, stop / 1000);
      expect(energyWh).toBeGreaterThanOrEqual(0);
      expect(negative).toBe(stop < start);
      if (!negative) expect(Math.round(energyWh * 1000)).toBe(stop - start);
    }));
  });
});

describe('G-18 a unit that is known to be mislabelled', () => {
  const units = [{ measurand: 'Energy.Active.Import.Register', said: 'Wh', meant: 'kWh' as const }];

  it('is corrected where the entry says so, and what was sent is kept with its unit', () => {
    expect(normaliseSamples([{ value: '361.25', unit: 'Wh' }], units)).toMatchObject({
      registerWh: 361_250, other: { 'Energy.Active.Import.Register': { value: '361.25', unit: 'Wh', number: 361_250, flag: 'mislabelled-unit' } },
    });
  });

  it('is left alone where it says another unit, where it is another measurand, and where there is no entry', () => {
    expect(normaliseSamples([{ value: '361', unit: 'kWh' }], units).registerWh).toBe(361_000);
    expect(normaliseSamples([{ value: '361' }], units).registerWh).toBe(361);
    expect(normaliseSamples([{ value: '361', unit: 'Wh', measurand: 'Energy.Active.Import.Interval' }], units).registerWh).toBeNull();
    expect(normaliseSamples([{ value: '361', unit: 'Wh' }])).toMatchObject({ registerWh: 361, other: null });
  });
});
