import type { HourlySeries } from '@csms/forecast';
import { hourlyLoad, loadHistory, type Queryable } from '@csms/store/forecast/index';

const HOUR_MS = 3_600_000;
/** A year for the ridge, four weeks for its lags, and the twelve weeks through which it is rolled; a little more. */
const HISTORY_DAYS_MAX = 500;

/**
 * A site's hourly series from the hour of its first session (at most 500 days back) to the last hour that is over, zeros where nothing charged;
 * an empty series where there is no session. `sessions` counts those that started in it.
 */
export async function loadSeries(db: Queryable, of: { siteId: string; now: Date }): Promise<{ series: HourlySeries; sessions: number }> {
  const until = Math.floor(of.now.getTime() / HOUR_MS);
  const oldest = until - HISTORY_DAYS_MAX * 24;
  const window = { siteId: of.siteId, from: new Date(oldest * HOUR_MS), until: new Date(until * HOUR_MS) };
  const history = await loadHistory(db, window);
  if (!history) return { series: { firstHour: until, energyWh: new Float64Array(0) }, sessions: 0 };
  const firstHour = Math.floor(history.firstStartedAt.getTime() / HOUR_MS);
  const energyWh = new Float64Array(Math.max(0, until - firstHour));
  for (const hour of await hourlyLoad(db, { ...window, from: new Date(firstHour * HOUR_MS) })) energyWh[hour.at.getTime() / HOUR_MS - firstHour] = hour.energyWh;
  return { series: { firstHour, energyWh }, sessions: history.sessions };
}
