import type { SiteCalendar } from './calendar.ts';
import { PROFILE_DAYS } from './protocol.ts';
import { empirical, type Quantiles } from './quantiles.ts';
import type { HourlySeries } from './series.ts';

/** Hour of the day x weekend: cell = hourOfDay + (weekend ? 24 : 0). */
export const PROFILE_CELLS = 48;

/** The hourly profile ("hxw56"): what each hour of a working day and of a weekend day was like over the last 56 days, in Wh. */
export interface Profile {
  meanWh: number[];
  p10Wh: number[];
  p50Wh: number[];
  p90Wh: number[];
}

export function profileCell(calendar: SiteCalendar, hour: number): number {
  const { hourOfDay, weekend } = calendar.local(hour);
  return hourOfDay + (weekend ? 24 : 0);
}

/**
 * Fits the profile on the last 56 days of a series. A cell that was never seen (no weekend yet, say) takes the same hour of the other
 * kind of day, and failing that the mean of all. Null when the series is empty.
 */
export function fitProfile(series: HourlySeries, calendar: SiteCalendar): Profile | null {
  const { firstHour, energyWh } = series;
  const n = energyWh.length;
  if (n === 0) return null;
  const from = Math.max(0, n - PROFILE_DAYS * 24);
  const cells: number[][] = Array.from({ length: PROFILE_CELLS }, () => []);
  for (let i = from; i < n; i += 1) cells[profileCell(calendar, firstHour + i)]!.push(energyWh[i]!);
  const everything = Array.from(energyWh.subarray(from));

  const profile: Profile = { meanWh: [], p10Wh: [], p50Wh: [], p90Wh: [] };
  for (let cell = 0; cell < PROFILE_CELLS; cell += 1) {
    const other = cells[(cell + 24) % PROFILE_CELLS]!;
    const values = cells[cell]!.length > 0 ? cells[cell]! : other.length > 0 ? other : everything;
    const { p10, p50, p90 } = empirical(Float64Array.from(values));
    profile.meanWh.push(values.reduce((sum, value) => sum + value, 0) / values.length);
    profile.p10Wh.push(p10);
    profile.p50Wh.push(p50);
    profile.p90Wh.push(p90);
  }
  return profile;
}

export function profileMeanWh(profile: Profile, calendar: SiteCalendar, hour: number): number {
  return profile.meanWh[profileCell(calendar, hour)]!;
}

export function profileQuantiles(profile: Profile, calendar: SiteCalendar, hour: number): Quantiles {
  const cell = profileCell(calendar, hour);
  return { p10: profile.p10Wh[cell]!, p50: profile.p50Wh[cell]!, p90: profile.p90Wh[cell]! };
}
