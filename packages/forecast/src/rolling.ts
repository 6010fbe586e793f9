import type { SiteCalendar } from './calendar.ts';
import { naiveWh } from './naive.ts';
import { fitProfile, profileMeanWh, profileQuantiles } from './profile.ts';
import { REFIT_DAYS, RESIDUAL_DAYS, RESIDUAL_DAYS_MIN } from './protocol.ts';
import { conformal, type Quantiles } from './quantiles.ts';
import { fitRidge, ridgeWh, type Ridge } from './ridge.ts';
import { before, type HourlySeries } from './series.ts';

/** profile: hour x weekend over 56 days ("hxw56"); blend: the mean of profile and ridge; the naive ones are yardsticks. */
export const MODEL_KINDS = ['profile', 'ridge', 'blend', 'naive24', 'naive168'] as const;
export type ModelKind = (typeof MODEL_KINDS)[number];

/**
 * What each kind of model would have said, one forecast a local midnight for that day's hours, each from the hours before that midnight only.
 * All arrays run over the hours of the days in order; a mean is NaN where the model could not be fitted yet.
 */
export interface Rolled {
  firstDay: number;
  days: number;
  /** index of the first hour of each day, and the count of all hours at the end */
  dayOffsets: number[];
  hourOfDay: Int32Array;
  actualWh: Float64Array;
  meanWh: Record<ModelKind, Float64Array>;
  /** the profile's own 10/50/90 % */
  profileBand: { p10: Float64Array; p50: Float64Array; p90: Float64Array };
}

/** Rolls through the local days [fromDay, untilDay), which `series` must hold whole. The ridge is fitted anew every 7 days, the profile daily. */
export function rollOrigins(input: { series: HourlySeries; calendar: SiteCalendar; fromDay: number; untilDay: number; withRidge: boolean }): Rolled {
  const { series, calendar, fromDay, untilDay, withRidge } = input;
  const days = Math.max(0, untilDay - fromDay);
  const first = calendar.dayStart(fromDay);
  const count = days === 0 ? 0 : calendar.dayStart(untilDay) - first;
  const empty = (): Float64Array => new Float64Array(count).fill(Number.NaN);
  const rolled: Rolled = {
    firstDay: fromDay,
    days,
    dayOffsets: [0],
    hourOfDay: new Int32Array(count),
    actualWh: new Float64Array(count),
    meanWh: { profile: empty(), ridge: empty(), blend: empty(), naive24: empty(), naive168: empty() },
    profileBand: { p10: empty(), p50: empty(), p90: empty() },
  };
  let ridge: Ridge | null = null;
  let ridgeDay = Number.NEGATIVE_INFINITY;
  for (let day = fromDay; day < untilDay; day += 1) {
    const origin = calendar.dayStart(day);
    const hours = Array.from({ length: calendar.dayStart(day + 1) - origin }, (_, i) => origin + i);
    const past = before(series, origin);
    const profile = fitProfile(past, calendar);
    if (withRidge && (ridge === null || day - ridgeDay >= REFIT_DAYS)) {
      ridge = fitRidge(past, calendar);
      ridgeDay = day;
    }
    const ridgeSays = ridge && ridgeWh(ridge, past, calendar, hours);
    hours.forEach((hour, i) => {
      const at = origin - first + i;
      rolled.hourOfDay[at] = calendar.local(hour).hourOfDay;
      rolled.actualWh[at] = series.energyWh[hour - series.firstHour]!;
      rolled.meanWh.naive24[at] = naiveWh(past, hour, 24);
      rolled.meanWh.naive168[at] = naiveWh(past, hour, 168);
      if (profile) {
        const band = profileQuantiles(profile, calendar, hour);
        rolled.meanWh.profile[at] = profileMeanWh(profile, calendar, hour);
        rolled.profileBand.p10[at] = band.p10;
        rolled.profileBand.p50[at] = band.p50;
        rolled.profileBand.p90[at] = band.p90;
      }
      if (ridgeSays) {
        rolled.meanWh.ridge[at] = ridgeSays[i]!;
        rolled.meanWh.blend[at] = (ridgeSays[i]! + rolled.meanWh.profile[at]!) / 2;
      }
    });
    rolled.dayOffsets.push(calendar.dayStart(day + 1) - first);
  }
  return rolled;
}

/**
 * The errors (came minus forecast, Wh) a model made in the 56 days before the day of index `beforeIndex`, as 10/50/90 % for each hour of the
 * day, pooled over the hour and its two neighbours. Null where it has errors of fewer than 28 days.
 */
export function residualBands(rolled: Rolled, kind: ModelKind, beforeIndex: number): Quantiles[] | null {
  const from = rolled.dayOffsets[Math.max(0, beforeIndex - RESIDUAL_DAYS)]!;
  const until = rolled.dayOffsets[beforeIndex]!;
  const byHour: number[][] = Array.from({ length: 24 }, () => []);
  const means = rolled.meanWh[kind];
  let known = 0;
  for (let i = from; i < until; i += 1) {
    if (Number.isNaN(means[i]!)) continue;
    known += 1;
    const error = rolled.actualWh[i]! - means[i]!;
    for (const shift of [23, 0, 1]) byHour[(rolled.hourOfDay[i]! + shift) % 24]!.push(error);
  }
  if (known < RESIDUAL_DAYS_MIN * 23) return null;
  return byHour.map((errors) => conformal(Float64Array.from(errors)));
}

/** A mean with an interval round it: the errors added, nothing below zero, in order. */
export function withBand(meanWh: number, errors: Quantiles): Quantiles {
  const p10 = Math.max(0, meanWh + errors.p10);
  const p50 = Math.max(p10, meanWh + errors.p50);
  return { p10, p50, p90: Math.max(p50, meanWh + errors.p90) };
}

/** The interval that a kind of model would have given for each hour of day index `index`; null where it could give none. */
export function bandsOfDay(rolled: Rolled, kind: ModelKind, index: number): Quantiles[] | null {
  const from = rolled.dayOffsets[index]!;
  const until = rolled.dayOffsets[index + 1]!;
  const errors = kind === 'profile' ? null : residualBands(rolled, kind, index);
  if (kind !== 'profile' && !errors) return null;
  const bands: Quantiles[] = [];
  for (let i = from; i < until; i += 1) {
    bands.push(errors
      ? withBand(rolled.meanWh[kind][i]!, errors[rolled.hourOfDay[i]!]!)
      : { p10: rolled.profileBand.p10[i]!, p50: rolled.profileBand.p50[i]!, p90: rolled.profileBand.p90[i]! });
  }
  return bands;
}
