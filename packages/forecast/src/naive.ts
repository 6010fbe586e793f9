import type { HourlySeries } from './series.ts';

/**
 * The value one period ago, and where that has not come yet, as many periods ago as it takes: the yardsticks naive-24 and naive-168.
 * Hours before the history began count as zero.
 */
export function naiveWh(series: HourlySeries, hour: number, periodHours: number): number {
  const until = series.firstHour + series.energyWh.length;
  const periods = Math.max(1, Math.ceil((hour - until + 1) / periodHours));
  return series.energyWh[hour - periods * periodHours - series.firstHour] ?? 0;
}
