import { bandsOfDay, type Assessment, type ModelKind, type SiteCalendar } from '@csms/forecast';

const HOUR_MS = 3_600_000;
const DAYS = 7;

/** How a kind of model would have forecast the last seven judged days, each at its midnight, beside what came; empty where it was not judged. */
export function backtestOf(of: { assessment: Extract<Assessment, { status: 'judged' }>; kind: ModelKind; calendar: SiteCalendar }): Record<string, unknown>[] {
  const { rolled } = of.assessment;
  const hours: Record<string, unknown>[] = [];
  if (!of.assessment.contenders[of.kind]) return hours;
  for (let index = Math.max(0, rolled.days - DAYS); index < rolled.days; index += 1) {
    const bands = bandsOfDay(rolled, of.kind, index);
    if (!bands) continue;
    const first = of.calendar.dayStart(rolled.firstDay + index);
    bands.forEach((band, i) => {
      const at = rolled.dayOffsets[index]! + i;
      hours.push({
        at: new Date((first + i) * HOUR_MS).toISOString(), mean_wh: rolled.meanWh[of.kind][at], p10_wh: band.p10, p50_wh: band.p50, p90_wh: band.p90,
        usual_wh: rolled.meanWh.profile[at], actual_wh: rolled.actualWh[at],
      });
    });
  }
  return hours;
}
