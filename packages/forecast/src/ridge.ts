import type { SiteCalendar } from './calendar.ts';
import { solveSymmetric } from './cholesky.ts';
import { naiveWh } from './naive.ts';
import { PROFILE_CELLS, profileCell } from './profile.ts';
import { JUDGED_DAYS, LAG_DAYS, RIDGE_DAYS, RIDGE_DAYS_MIN } from './protocol.ts';
import type { HourlySeries } from './series.ts';

const LAGS_HOURS = [24, 48, 72, 96, 120, 144, 168, 336, 504, 672] as const;
const WEEK_LAGS_HOURS = [168, 336, 504, 672] as const;
const TOTALS_DAYS = [1, 7, 28] as const;
const DENSE = LAGS_HOURS.length + 1 + TOTALS_DAYS.length;
/** 10 lags, the mean of the four week lags, 3 totals, 48 hour x weekend and 7 weekday dummies. */
export const RIDGE_FEATURES = DENSE + PROFILE_CELLS + 7;
const PENALTIES = [10, 100, 1000, 10000] as const;

/** A linear forecast: `interceptWh + sum(weight x feature)`, clipped at zero. Weights are for the features as they are (Wh, 0/1). */
export interface Ridge {
  penalty: number;
  rows: number;
  interceptWh: number;
  weights: number[];
}

/**
 * Writes the dense features of one hour: what a forecaster knew at `originHour`, the start of that hour's day.
 * Every lag is a multiple of a day back, and further back by days where that hour was not over yet at the origin.
 */
function denseFeatures(series: HourlySeries, sums: Float64Array, hour: number, originHour: number, out: Float64Array): void {
  const seen = { firstHour: series.firstHour, energyWh: series.energyWh.subarray(0, Math.max(0, originHour - series.firstHour)) };
  for (let i = 0; i < LAGS_HOURS.length; i += 1) {
    const lag = LAGS_HOURS[i]!;
    out[i] = hour - lag < originHour ? (series.energyWh[hour - lag - series.firstHour] ?? 0) : naiveWh(seen, hour, 24);
  }
  let weeks = 0;
  for (const lag of WEEK_LAGS_HOURS) weeks += out[LAGS_HOURS.indexOf(lag)]!;
  out[LAGS_HOURS.length] = weeks / WEEK_LAGS_HOURS.length;
  const until = Math.min(Math.max(0, originHour - series.firstHour), series.energyWh.length);
  for (let i = 0; i < TOTALS_DAYS.length; i += 1) {
    const from = Math.max(0, until - TOTALS_DAYS[i]! * 24);
    out[LAGS_HOURS.length + 1 + i] = sums[until]! - sums[from]!;
  }
}

function runningSums(series: HourlySeries): Float64Array {
  const sums = new Float64Array(series.energyWh.length + 1);
  for (let i = 0; i < series.energyWh.length; i += 1) sums[i + 1] = sums[i]! + series.energyWh[i]!;
  return sums;
}

/** What least squares needs of a set of rows: sums, sums of products, and their count. Two sets of rows add up. */
interface Moments {
  rows: number;
  sum: Float64Array;
  products: Float64Array;
  target: number;
  withTarget: Float64Array;
}

interface Rows {
  count: number;
  dense: Float64Array;
  cells: Int32Array;
  weekdays: Int32Array;
  target: Float64Array;
}

function rowsOf(series: HourlySeries, calendar: SiteCalendar): Rows {
  const { firstHour, energyWh } = series;
  const until = firstHour + energyWh.length;
  const from = Math.max(firstHour + LAG_DAYS * 24, until - RIDGE_DAYS * 24);
  const count = Math.max(0, until - from);
  const rows: Rows = {
    count,
    dense: new Float64Array(count * DENSE),
    cells: new Int32Array(count),
    weekdays: new Int32Array(count),
    target: new Float64Array(count),
  };
  const sums = runningSums(series);
  for (let row = 0; row < count; row += 1) {
    const hour = from + row;
    const { day, weekday } = calendar.local(hour);
    denseFeatures(series, sums, hour, calendar.dayStart(day), rows.dense.subarray(row * DENSE, (row + 1) * DENSE));
    rows.cells[row] = profileCell(calendar, hour);
    rows.weekdays[row] = weekday;
    rows.target[row] = energyWh[hour - firstHour]!;
  }
  return rows;
}

/** Two dummies of 55 are one, the rest zero: 16 of 69 columns are touched a row. */
function momentsOf(rows: Rows, from: number, until: number): Moments {
  const p = RIDGE_FEATURES;
  const moments: Moments = { rows: until - from, sum: new Float64Array(p), products: new Float64Array(p * p), target: 0, withTarget: new Float64Array(p) };
  const column = new Int32Array(DENSE + 2);
  const value = new Float64Array(DENSE + 2);
  for (let i = 0; i < DENSE; i += 1) column[i] = i;
  value[DENSE] = 1;
  value[DENSE + 1] = 1;
  for (let row = from; row < until; row += 1) {
    for (let i = 0; i < DENSE; i += 1) value[i] = rows.dense[row * DENSE + i]!;
    column[DENSE] = DENSE + rows.cells[row]!;
    column[DENSE + 1] = DENSE + PROFILE_CELLS + rows.weekdays[row]!;
    const target = rows.target[row]!;
    moments.target += target;
    for (let i = 0; i < column.length; i += 1) {
      const a = column[i]!;
      const va = value[i]!;
      moments.sum[a]! += va;
      moments.withTarget[a]! += va * target;
      for (let j = 0; j <= i; j += 1) moments.products[a * p + column[j]!]! += va * value[j]!;
    }
  }
  return moments;
}

/** Ridge on standardised columns (mean 0, deviation 1), the intercept not penalised; a column that never varies gets weight 0. */
function solve(moments: Moments, penalty: number): Ridge {
  const p = RIDGE_FEATURES;
  const n = moments.rows;
  const mean = new Float64Array(p);
  const deviation = new Float64Array(p);
  for (let i = 0; i < p; i += 1) {
    mean[i] = moments.sum[i]! / n;
    const variance = moments.products[i * p + i]! / n - mean[i]! * mean[i]!;
    deviation[i] = variance > 1e-9 * (1 + mean[i]! * mean[i]!) ? Math.sqrt(variance) : 0;
  }
  const targetMean = moments.target / n;
  const a = new Float64Array(p * p);
  const b = new Float64Array(p);
  for (let i = 0; i < p; i += 1) {
    const di = deviation[i]!;
    a[i * p + i] = penalty + (di > 0 ? n : 0);
    if (di === 0) continue;
    b[i] = (moments.withTarget[i]! - n * mean[i]! * targetMean) / di;
    for (let j = 0; j < i; j += 1) {
      const dj = deviation[j]!;
      if (dj > 0) a[i * p + j] = (moments.products[i * p + j]! - n * mean[i]! * mean[j]!) / (di * dj);
    }
  }
  const standardised = solveSymmetric(a, b);
  let interceptWh = targetMean;
  const weights = Array.from(standardised, (weight, i) => {
    if (deviation[i] === 0) return 0;
    const raw = weight / deviation[i]!;
    interceptWh -= raw * mean[i]!;
    return raw;
  });
  return { penalty, rows: n, interceptWh, weights };
}

function linear(ridge: Ridge, dense: Float64Array, cell: number, weekday: number): number {
  let value = ridge.interceptWh + ridge.weights[DENSE + cell]! + ridge.weights[DENSE + PROFILE_CELLS + weekday]!;
  for (let i = 0; i < DENSE; i += 1) value += ridge.weights[i]! * dense[i]!;
  return Math.max(0, value);
}

/**
 * Fits the ridge on the last 365 days of a series: the penalty of {10, 100, 1000, 10000} whose squared error on the last 28 days is
 * least when it is fitted on the rows before them, then all rows under that penalty. Null when there are fewer than 56 days of rows.
 */
export function fitRidge(series: HourlySeries, calendar: SiteCalendar): Ridge | null {
  const rows = rowsOf(series, calendar);
  if (rows.count < RIDGE_DAYS_MIN * 24) return null;
  const split = rows.count - JUDGED_DAYS * 24;
  const early = momentsOf(rows, 0, split);
  const late = momentsOf(rows, split, rows.count);
  let best: { penalty: number; squared: number } | null = null;
  for (const penalty of PENALTIES) {
    const candidate = solve(early, penalty);
    let squared = 0;
    for (let row = split; row < rows.count; row += 1) {
      const error = linear(candidate, rows.dense.subarray(row * DENSE, (row + 1) * DENSE), rows.cells[row]!, rows.weekdays[row]!) - rows.target[row]!;
      squared += error * error;
    }
    if (best === null || squared < best.squared) best = { penalty, squared };
  }
  const all: Moments = {
    rows: early.rows + late.rows,
    sum: early.sum.map((value, i) => value + late.sum[i]!),
    products: early.products.map((value, i) => value + late.products[i]!),
    target: early.target + late.target,
    withTarget: early.withTarget.map((value, i) => value + late.withTarget[i]!),
  };
  return solve(all, best!.penalty);
}

/** The ridge's forecast in Wh for each hour, from the hours of `series` alone; the origin is the end of the series. Never negative. */
export function ridgeWh(ridge: Ridge, series: HourlySeries, calendar: SiteCalendar, hours: readonly number[]): Float64Array {
  const originHour = series.firstHour + series.energyWh.length;
  const sums = runningSums(series);
  const dense = new Float64Array(DENSE);
  return Float64Array.from(hours, (hour) => {
    denseFeatures(series, sums, hour, originHour, dense);
    return linear(ridge, dense, profileCell(calendar, hour), calendar.local(hour).weekday);
  });
}
