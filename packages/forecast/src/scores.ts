import type { Quantiles } from './quantiles.ts';
import { bandsOfDay, type ModelKind, type Rolled } from './rolling.ts';

/** How forecasts did against what came; energies in Wh an hour. Null where a figure cannot be said (and why is plain from `days` and `loadWh`). */
export interface Scores {
  days: number;
  hours: number;
  /** mean load that came */
  loadWh: number;
  maeWh: number;
  rmseWh: number;
  /** mean of forecast minus came: above zero is too high */
  biasWh: number;
  /** |bias| against the load; null where nothing was charged */
  biasShare: number | null;
  /** sum of |day total error| over the sum of day totals; null where nothing was charged */
  dayWape: number | null;
  /** share of hours that fell within 10..90 %; null where the model gives no interval yet */
  coverage80: number | null;
  /** mean pinball loss of the three quantiles */
  pinballWh: number | null;
}

/** One day of forecasts beside what came. */
export interface ScoredDay {
  actualWh: ArrayLike<number>;
  meanWh: ArrayLike<number>;
  bands: readonly Quantiles[] | null;
}

/** Scores days of forecasts together. Null of no hours. */
export function scoreDays(days: readonly ScoredDay[]): Scores | null {
  let hours = 0, load = 0, absolute = 0, squared = 0, signed = 0, dayError = 0, covered = 0, banded = 0, pinball = 0;
  for (const { actualWh, meanWh, bands } of days) {
    let dayActual = 0, dayForecast = 0;
    for (let i = 0; i < actualWh.length; i += 1) {
      const came = actualWh[i]!;
      const error = meanWh[i]! - came;
      hours += 1;
      load += came;
      absolute += Math.abs(error);
      squared += error * error;
      signed += error;
      dayActual += came;
      dayForecast += meanWh[i]!;
      const band = bands?.[i];
      if (band) {
        banded += 1;
        if (came >= band.p10 && came <= band.p90) covered += 1;
        pinball += (pinballLoss(came, band.p10, 0.1) + pinballLoss(came, band.p50, 0.5) + pinballLoss(came, band.p90, 0.9)) / 3;
      }
    }
    dayError += Math.abs(dayForecast - dayActual);
  }
  if (hours === 0) return null;
  return {
    days: days.length,
    hours,
    loadWh: load / hours,
    maeWh: absolute / hours,
    rmseWh: Math.sqrt(squared / hours),
    biasWh: signed / hours,
    biasShare: load > 0 ? Math.abs(signed) / load : null,
    dayWape: load > 0 ? dayError / load : null,
    coverage80: banded === hours ? covered / hours : null,
    pinballWh: banded === hours ? pinball / hours : null,
  };
}

function pinballLoss(came: number, quantile: number, share: number): number {
  return came >= quantile ? share * (came - quantile) : (1 - share) * (quantile - came);
}

/** The last `days` rolled days as one model saw them; null where it has no forecast for one of them. */
export function rolledDays(rolled: Rolled, kind: ModelKind, days: number): ScoredDay[] | null {
  const scored: ScoredDay[] = [];
  for (let index = rolled.days - days; index < rolled.days; index += 1) {
    if (index < 0) return null;
    const from = rolled.dayOffsets[index]!;
    const until = rolled.dayOffsets[index + 1]!;
    const meanWh = rolled.meanWh[kind].subarray(from, until);
    if (meanWh.some(Number.isNaN)) return null;
    scored.push({ actualWh: rolled.actualWh.subarray(from, until), meanWh, bands: bandsOfDay(rolled, kind, index) });
  }
  return scored;
}

/** 1 - RMSE / RMSE of the yardstick: above zero is better. Null where the yardstick made no error at all. */
export function skill(scores: Scores, yardstick: Scores | null): number | null {
  return yardstick && yardstick.rmseWh > 0 ? 1 - scores.rmseWh / yardstick.rmseWh : null;
}
