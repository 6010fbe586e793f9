import { before, fitProfile, naiveWh, profileMeanWh, type HourlySeries, type Judged, type ModelKind, type SiteCalendar } from '@csms/forecast';
import { ledgerHours, type LedgerHour, type Queryable } from '@csms/store/forecast/index';

const HOUR_MS = 3_600_000;
const DAYS = 7;

/** The last seven local days that are over, as they were issued and came, where the ledger holds them whole. */
export interface IssuedDays {
  /** The champion's issued days beside what the yardsticks would have said at the same origins; no days where any of the seven is not the champion's. */
  against(series: HourlySeries, championKind: ModelKind): { champion: Judged; yardsticks: Judged[] };
}

export async function issuedDays(db: Queryable, of: { siteId: string; task: string; calendar: SiteCalendar; now: Date }): Promise<IssuedDays> {
  const { calendar, now } = of;
  const today = calendar.local(Math.floor(now.getTime() / HOUR_MS)).day;
  const from = calendar.dayStart(today - DAYS);
  const until = calendar.dayStart(today);
  const hours = await ledgerHours(db, { siteId: of.siteId, task: of.task, from: new Date(from * HOUR_MS), until: new Date(until * HOUR_MS) });
  return {
    against(series, championKind) {
      const nothing = { champion: { kind: championKind, days: [] }, yardsticks: [] };
      if (hours.length !== until - from || hours.some((hour) => hour.modelKind !== championKind)) return nothing;
      const byDay = Array.from({ length: DAYS }, (_, i) => hours.slice(calendar.dayStart(today - DAYS + i) - from, calendar.dayStart(today - DAYS + i + 1) - from));
      const judged = (kind: ModelKind, meanOf: (hour: LedgerHour) => number): Judged => ({
        kind, days: byDay.map((day) => ({ actualWh: day.map((hour) => hour.actualWh), meanWh: day.map(meanOf), bands: null })),
      });
      const profileAt = new Map<number, ReturnType<typeof fitProfile>>();
      const pastOf = (hour: LedgerHour): HourlySeries => before(series, Math.floor(hour.originAt.getTime() / HOUR_MS));
      return {
        champion: judged(championKind, (hour) => hour.meanWh),
        yardsticks: [
          judged('profile', (hour) => {
            const origin = hour.originAt.getTime();
            if (!profileAt.has(origin)) profileAt.set(origin, fitProfile(pastOf(hour), calendar));
            const profile = profileAt.get(origin);
            return profile ? profileMeanWh(profile, calendar, hour.at.getTime() / HOUR_MS) : 0;
          }),
          judged('naive24', (hour) => naiveWh(pastOf(hour), hour.at.getTime() / HOUR_MS, 24)),
        ],
      };
    },
  };
}
