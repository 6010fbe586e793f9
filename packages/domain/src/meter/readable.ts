import type { Reading } from './reading.ts';

/**
 * What a meter can show at all, by column: an import register up to 1 TWh and hardly below zero (a kWh is left for one that drifts), 1 GW, and so on.
 * Anything else is a fault of the charger's software: kept as it was said, and no number in any sum or bill.
 */
const possible = {
  registerWh: [-1_000, 1e12], powerW: [-1e9, 1e9], currentA: [-1e6, 1e6], voltageV: [-1e7, 1e7], socPct: [-1_000, 1_000], temperatureC: [-1e4, 1e4],
} as const satisfies Partial<Record<keyof Reading, readonly [number, number]>>;

export type MeasuredColumn = keyof typeof possible;
export const measuredColumns = Object.keys(possible) as MeasuredColumn[];

export function isPossible(column: MeasuredColumn, value: number): boolean {
  return value >= possible[column][0] && value <= possible[column][1];
}

/** A register in Wh as a charger stated it, or null where no meter can show it. */
export function readableRegister(wh: number): number | null {
  return isPossible('registerWh', wh) ? wh : null;
}

/** The reading with every value that no meter can show moved, as it was, to `other`. Most readings come back unchanged. */
export function readableReading(reading: Reading): Reading {
  const odd = measuredColumns.filter((column) => reading[column] !== null && !isPossible(column, reading[column]));
  if (odd.length === 0) return reading;
  const other: Record<string, unknown> = { ...reading.other };
  const blank: Partial<Record<MeasuredColumn, null>> = {};
  for (const column of odd) {
    blank[column] = null;
    other[column === 'registerWh' ? registerMeasurand : column] ??= { value: Number.isFinite(reading[column]) ? reading[column] : String(reading[column]), flag: 'unreadable' };
  }
  return { ...reading, ...blank, other };
}

const registerMeasurand = 'Energy.Active.Import.Register';

/** True where a reading carried an import register that could not be read. */
export function hasUnreadableRegister(reading: Reading): boolean {
  if (reading.registerWh !== null || reading.other === null) return false;
  const said = reading.other[registerMeasurand];
  return typeof said === 'object' && said !== null && 'flag' in said && said.flag === 'unreadable';
}
