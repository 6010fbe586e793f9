import { isPossible, measuredColumns, type MeasuredColumn } from './readable.ts';
import type { UnitCorrection } from '../tolerance/entries.ts';
import type { RawSample, Reading } from './reading.ts';

/** What a group of samples of one moment says, ready to become a Reading. */
export type NormalisedSamples = Pick<Reading, 'context' | 'registerWh' | 'powerW' | 'currentA' | 'voltageV' | 'socPct' | 'temperatureC' | 'other'>;

/** A sample that is no column, or the raw form of one that was converted or flagged. */
export interface OtherSample {
  /** As the charger sent it, byte for byte. */
  value: string | number;
  unit?: string;
  multiplier?: number;
  format?: string;
  /** The value in the base unit, where it could be read. */
  number?: number;
  flag?: SampleFlag;
}

export type SampleFlag = 'decimal-comma' | 'unreadable' | 'unknown-unit' | 'repeated' | 'mislabelled-unit';

/** The measurand of each column (1.6 section 7.30, 2.0.1 MeasurandEnumType). */
export const measurandOf: Record<MeasuredColumn, string> = {
  registerWh: 'Energy.Active.Import.Register', powerW: 'Power.Active.Import', currentA: 'Current.Import', voltageV: 'Voltage', socPct: 'SoC', temperatureC: 'Temperature',
};
const columns: Record<string, MeasuredColumn> = Object.fromEntries(measuredColumns.map((column) => [measurandOf[column], column]));

/** Decimal exponent that brings a unit to the base unit of its kind (Wh, W, A, V, %). */
const unitExponents: Record<string, number> = {
  wh: 0, kwh: 3, mwh: 6, varh: 0, kvarh: 3, vah: 0, kvah: 3, w: 0, kw: 3, var: 0, kvar: 3, va: 0, kva: 3,
  a: 0, ma: -3, v: 0, kv: 3, mv: -3, percent: 0, '%': 0, hertz: 0, hz: 0, rpm: 0,
};

/**
 * Brings the samples of one moment to Wh, W, A, V, percent and degrees Celsius.
 * No measurand: Energy.Active.Import.Register; no unit: the base unit of the measurand (G-17; 1.6 section 7.45, 2.0.1 SampledValueType).
 * SignedData is kept byte for byte and is never a number (G-20). A value of one phase is never added to a total (G-22): columns take the
 * phase-less value, and only where there is none they are made from the phases alone. Every converted, flagged, signed or further sample stands
 * in `other` under measurand[/phase][@location][~context] with its raw value and unit. `units` are corrections that the station's make is known to need (G-18).
 */
export function normaliseSamples(samples: readonly RawSample[], units: readonly UnitCorrection[] = []): NormalisedSamples {
  const result: NormalisedSamples = { context: null, registerWh: null, powerW: null, currentA: null, voltageV: null, socPct: null, temperatureC: null, other: null };
  const other: Record<string, OtherSample> = {};
  const phases: Partial<Record<MeasuredColumn, Map<string, number>>> = {};
  for (const sample of samples) {
    const measurand = sample.measurand ?? 'Energy.Active.Import.Register';
    result.context ??= sample.context ?? null;
    if (sample.format === 'SignedData') {
      keep(other, `${sampleKey(sample, measurand, result.context)}~SignedData`, { value: sample.value, ...rawUnit(sample), format: 'SignedData' });
      continue;
    }
    const column = columns[measurand];
    const said = readNumber(sample, measurand, units);
    const read: typeof said = column !== undefined && said.number !== null && !isPossible(column, said.number) ? { number: null, converted: false, flag: 'unreadable' } : said;
    const fits = column !== undefined && read.number !== null && atTheOutlet(sample, column) && sameContext(sample, result.context);
    // Nearly every sample: what it says is what its column takes, and there is nothing else to keep of it.
    if (fits && sample.phase === undefined && result[column] === null && !read.converted && read.flag === null) {
      result[column] = read.number;
      continue;
    }
    const key = sampleKey(sample, measurand, result.context);
    const raw: OtherSample = { value: sample.value, ...rawUnit(sample), ...(read.number === null ? {} : { number: read.number }), ...(read.flag ? { flag: read.flag } : {}) };
    if (!fits || read.number === null) {
      keep(other, key, raw);
    } else if (sample.phase !== undefined) {
      keep(other, key, raw);
      if (/^L[123](-N)?$/.test(sample.phase)) (phases[column] ??= new Map()).set(sample.phase.slice(0, 2), read.number);
    } else if (result[column] !== null) {
      keep(other, key, { ...raw, flag: raw.flag ?? 'repeated' });
    } else {
      result[column] = read.number;
      if (read.converted || read.flag) keep(other, key, raw);
    }
  }
  for (const column of ['registerWh', 'powerW', 'currentA', 'voltageV'] as const) {
    const ofPhases = phases[column];
    if (result[column] !== null || ofPhases === undefined) continue;
    const values = [...ofPhases.values()];
    const total = fromPhases(column, values);
    if (isPossible(column, total)) result[column] = total;
  }
  if (Object.keys(other).length > 0) result.other = other as Record<string, unknown>;
  return result;
}

function fromPhases(column: 'registerWh' | 'powerW' | 'currentA' | 'voltageV', values: number[]): number {
  if (column === 'currentA') return Math.max(...values);
  const sum = values.reduce((a, b) => a + b, 0);
  return tidy(column === 'voltageV' ? sum / values.length : sum);
}

function sampleKey(sample: RawSample, measurand: string, context: string | null): string {
  const location = sample.location === undefined || sample.location === 'Outlet' ? '' : `@${sample.location}`;
  return `${measurand}${sample.phase === undefined ? '' : `/${sample.phase}`}${location}${sameContext(sample, context) ? '' : `~${sample.context ?? 'Sample.Periodic'}`}`;
}

function sameContext(sample: RawSample, context: string | null): boolean {
  return (sample.context ?? 'Sample.Periodic') === (context ?? 'Sample.Periodic');
}

/** Energy, power, current and voltage are meant at the outlet; a state of charge comes from the vehicle, a temperature from anywhere. */
function atTheOutlet(sample: RawSample, column: MeasuredColumn): boolean {
  return column === 'socPct' || column === 'temperatureC' || sample.location === undefined || sample.location === 'Outlet';
}

/** Two samples under one key (a charger that repeats itself) are both kept. */
function keep(other: Record<string, OtherSample>, key: string, sample: OtherSample): void {
  let free = key;
  for (let n = 2; free in other; n += 1) free = `${key}#${n}`;
  other[free] = sample;
}

function rawUnit(sample: RawSample): Pick<OtherSample, 'unit' | 'multiplier'> {
  return { ...(sample.unit === undefined ? {} : { unit: sample.unit }), ...(sample.multiplier ? { multiplier: sample.multiplier } : {}) };
}

/** Plain decimals in a base unit as the texts of OCPP write it: nothing to convert, to correct or to flag. */
const plainDecimal = /^\d{1,12}(?:\.\d{1,6})?$/;
const baseUnits: ReadonlySet<string | undefined> = new Set([undefined, 'Wh', 'W', 'A', 'V', 'Percent']);

function readNumber(sample: RawSample, measurand: string, units: readonly UnitCorrection[]): { number: number | null; converted: boolean; flag: SampleFlag | null } {
  const { value } = sample;
  if (typeof value === 'string' && units.length === 0 && sample.multiplier === undefined && measurand !== 'Temperature' && baseUnits.has(sample.unit) && plainDecimal.test(value)) {
    return { number: Number(value), converted: false, flag: null };
  }
  const decimal = readDecimal(value);
  if (decimal === null) return { number: null, converted: false, flag: 'unreadable' };
  const saidUnit = (sample.unit ?? '').trim().toLowerCase();
  const correction = units.find((each) => each.measurand === measurand && each.said.toLowerCase() === saidUnit);
  const unit = correction?.meant.toLowerCase() ?? saidUnit;
  const multiplier = sample.multiplier ?? 0;
  const flag = correction !== undefined ? 'mislabelled-unit' as const : decimal.comma ? 'decimal-comma' as const : null;
  if (measurand === 'Temperature') {
    const value = toCelsius(scaled(decimal, multiplier), unit);
    return value === null ? { number: null, converted: false, flag: 'unknown-unit' } : { number: value, converted: multiplier !== 0 || !['', 'celsius', 'celcius', 'c'].includes(unit), flag };
  }
  const exponent = unit === '' ? 0 : unitExponents[unit];
  if (exponent === undefined) return { number: null, converted: false, flag: 'unknown-unit' };
  const number = scaled(decimal, exponent + multiplier);
  if (!Number.isFinite(number)) return { number: null, converted: false, flag: 'unreadable' };
  return { number, converted: exponent + multiplier !== 0, flag };
}

interface Decimal { digits: string; exponent: number; comma: boolean }

function readDecimal(value: string | number): Decimal | null {
  const text = String(value).trim();
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (match) return { digits: match[1]!, exponent: Number(match[2] ?? 0), comma: false };
  // "31,9" is a decimal comma; "1,234" could be either and is not guessed.
  const comma = /^([+-]?\d+),(\d{1,2}|\d{4,})$/.exec(text);
  return comma ? { digits: `${comma[1]}.${comma[2]}`, exponent: 0, comma: true } : null;
}

/** Shifts the decimal point in the text, so that 26.008333 kWh is exactly 26008.333 Wh; -0 becomes 0. */
function scaled(decimal: Decimal, exponent: number): number {
  return Number(`${decimal.digits}e${decimal.exponent + exponent}`) + 0;
}

function toCelsius(value: number, unit: string): number | null {
  if (['', 'celsius', 'celcius', 'c'].includes(unit)) return value;
  if (unit === 'fahrenheit' || unit === 'f') return tidy((value - 32) / 1.8);
  if (unit === 'k' || unit === 'kelvin') return tidy(value - 273.15);
  return null;
}

/** Removes the noise of binary fractions beyond a millionth. */
function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
