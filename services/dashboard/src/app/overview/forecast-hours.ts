import type { SiteForecast } from '@csms/contracts/http/index';

type Point = SiteForecast['points'][number];

/** The hours of a forecast and the day before it in one line of time, each hour once; the newer forecast of an hour wins. */
export function forecastHours(forecast: SiteForecast, hoursBefore = 24): Point[] {
  const first = forecast.points[0]?.at ?? forecast.recent.at(-1)?.at;
  const fromMs = first === undefined ? 0 : Date.parse(first) - hoursBefore * 3_600_000;
  const byHour = new Map<string, Point>();
  for (const point of [...forecast.recent, ...forecast.points]) {
    if (Date.parse(point.at) < fromMs) continue;
    const before = byHour.get(point.at);
    byHour.set(point.at, before ? { ...point, actualWh: point.actualWh ?? before.actualWh } : point);
  }
  return [...byHour.values()].sort((a, b) => (a.at < b.at ? -1 : 1));
}
