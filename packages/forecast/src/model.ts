import type { SiteCalendar } from './calendar.ts';
import { naiveWh } from './naive.ts';
import { fitProfile, profileMeanWh, profileQuantiles, type Profile } from './profile.ts';
import type { Quantiles } from './quantiles.ts';
import { fitRidge, ridgeWh, type Ridge } from './ridge.ts';
import { residualBands, withBand, type ModelKind, type Rolled } from './rolling.ts';
import type { HourlySeries } from './series.ts';

/** A fitted model: plain numbers, the same bytes for the same history. Errors are 10/50/90 % of came minus forecast for each local hour, Wh. */
export type FittedModel =
  | { kind: 'profile'; profile: Profile }
  | { kind: 'ridge'; profile: Profile; ridge: Ridge; errors: Quantiles[] }
  | { kind: 'blend'; profile: Profile; ridge: Ridge; errors: Quantiles[] }
  | { kind: 'naive24' | 'naive168'; profile: Profile; errors: Quantiles[] };

/** The forecast of one hour, Wh: what is expected (mean), the interval, and what is usual at such an hour (the profile's mean). */
export interface ForecastHour extends Quantiles {
  hour: number;
  meanWh: number;
  usualWh: number;
}

/**
 * Fits one kind of model on a whole series. `rolled` holds the model's own past errors up to the end of the series (see assess).
 * Throws a RangeError that says what is missing when the history does not carry such a model.
 */
export function fitModel(input: { kind: ModelKind; series: HourlySeries; calendar: SiteCalendar; rolled: Rolled }): FittedModel {
  const { kind, series, calendar, rolled } = input;
  const profile = fitProfile(series, calendar);
  if (!profile) throw new RangeError('an empty history carries no model');
  if (kind === 'profile') return { kind, profile };
  const errors = residualBands(rolled, kind, rolled.days);
  if (!errors) throw new RangeError(`${kind} has too few past forecasts to give an interval`);
  if (kind === 'naive24' || kind === 'naive168') return { kind, profile, errors };
  const ridge = fitRidge(series, calendar);
  if (!ridge) throw new RangeError(`the history is too short for ${kind}`);
  return { kind, profile, ridge, errors };
}

/** Forecasts hours after the end of `series` from the hours in it: p10 <= p50 <= p90, nothing negative. */
export function forecastHours(model: FittedModel, series: HourlySeries, calendar: SiteCalendar, hours: readonly number[]): ForecastHour[] {
  const ridge = 'ridge' in model ? ridgeWh(model.ridge, series, calendar, hours) : null;
  return hours.map((hour, i) => {
    const usualWh = profileMeanWh(model.profile, calendar, hour);
    if (model.kind === 'profile') return { hour, meanWh: usualWh, usualWh, ...profileQuantiles(model.profile, calendar, hour) };
    const meanWh = model.kind === 'ridge' ? ridge![i]!
      : model.kind === 'blend' ? (ridge![i]! + usualWh) / 2
      : naiveWh(series, hour, model.kind === 'naive24' ? 24 : 168);
    return { hour, meanWh, usualWh, ...withBand(meanWh, model.errors[calendar.local(hour).hourOfDay]!) };
  });
}
