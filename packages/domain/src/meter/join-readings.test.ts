import { expect, it } from 'vitest';
import { joinReadings, samplesAside } from './join-readings.ts';
import type { Reading } from './reading.ts';

const aReading = (more: Partial<Reading>): Reading => ({
  evseId: 1, connectorId: 1, transactionRef: '7', at: new Date(0), context: null, registerWh: null, powerW: null, currentA: null, voltageV: null, socPct: null, temperatureC: null, other: null, ...more,
});
const register = 'Energy.Active.Import.Register';
const joined = (...readings: Reading[]) => readings.slice(1).reduce((known, next) => joinReadings(known.reading, next), { reading: readings[0]!, verdict: 'added' as string });

it('what the first of two readings lacks is added, and a repetition changes nothing', () => {
  const first = aReading({ registerWh: 10, other: { 'Voltage/L1': { value: '230' } } });
  const second = aReading({ registerWh: 10, powerW: 5, other: { 'Voltage/L2': { value: '231' } } });
  const { reading, verdict } = joinReadings(first, second);
  expect(verdict).toBe('added');
  expect(reading).toEqual({ ...first, powerW: 5, other: { 'Voltage/L1': { value: '230' }, 'Voltage/L2': { value: '231' } } });
  for (const again of [first, second]) expect(joinReadings(reading, again)).toEqual({ reading, verdict: 'duplicate' });
});

it('another value of one moment is kept beside the first, once each, and the first stands', () => {
  const said = [200, 260, 270, 260].map((registerWh) => aReading({ registerWh }));
  const { reading } = joined(...said);
  expect(reading).toEqual(aReading({ registerWh: 200, other: { [register]: { value: 260, number: 260, flag: 'repeated' }, [`${register}#2`]: { value: 270, number: 270, flag: 'repeated' } } }));
  for (const again of said) expect(joinReadings(reading, again)).toEqual({ reading, verdict: 'duplicate' });
  expect(joinReadings(said[0]!, said[1]!).verdict).toBe('conflict');
});

it('G-22 a reading of another context stays apart, whatever the first lacks', () => {
  const said = [aReading({ registerWh: 200 }), aReading({ context: 'Sample.Clock', registerWh: 260, powerW: 7, other: { 'Voltage/L1': { value: '230' } } })];
  const { reading, verdict } = joined(...said);
  expect(verdict).toBe('conflict');
  expect(reading).toEqual(aReading({ registerWh: 200, other: {
    [`${register}~Sample.Clock`]: { value: 260, number: 260 }, 'Power.Active.Import~Sample.Clock': { value: 7, number: 7 }, 'Voltage/L1~Sample.Clock': { value: '230' },
  } }));
  for (const again of said) expect(joinReadings(reading, again)).toEqual({ reading, verdict: 'duplicate' });
  // Joined before with its neighbour, and met by a row of its own context.
  expect(joinReadings(aReading({ context: 'Sample.Clock', registerWh: 260, powerW: 7, other: { 'Voltage/L1': { value: '230' } } }), { ...reading, registerWh: null })).toMatchObject({ verdict: 'duplicate' });
});

it('a raw sample that differs is kept as well, in whatever order a database gives its keys', () => {
  const raw = (value: string, number: number) => aReading({ registerWh: number, other: { [register]: { value, unit: 'kWh', number } } });
  const { reading } = joined(raw('1.2', 1200), raw('1.3', 1300));
  expect(reading.other).toEqual({ [register]: { value: '1.2', unit: 'kWh', number: 1200 }, [`${register}#2`]: { value: '1.3', unit: 'kWh', number: 1300 } });
  expect(joinReadings(reading, aReading({ registerWh: 1300, other: { [register]: { number: 1300, unit: 'kWh', value: '1.3' } } })).verdict).toBe('duplicate');
});

it('a clock that stands still fills no row for ever: beyond the bound it is a conflict all the same', () => {
  const { reading, verdict } = joined(...Array.from({ length: samplesAside + 50 }, (_, registerWh) => aReading({ registerWh })));
  expect(Object.keys(reading.other ?? {})).toHaveLength(samplesAside);
  expect(verdict).toBe('conflict');
});
