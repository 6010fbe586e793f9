import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assess, historyDays } from './assessment.ts';
import { randomFrom } from './bootstrap.ts';
import { siteCalendar, type SiteCalendar } from './calendar.ts';
import { fitModel, forecastHours, type ForecastHour } from './model.ts';
import { rollOrigins, type ModelKind } from './rolling.ts';
import { spreadOverHours, untilHour, type HourlySeries } from './series.ts';
import { aSeries } from './testing.ts';

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const denver = siteCalendar('America/Denver');

function forecastOf(kind: ModelKind, series: HourlySeries, calendar: SiteCalendar, horizon = 24): ForecastHour[] {
  const assessment = assess(series, calendar);
  if (assessment.status !== 'judged') throw new Error(assessment.reason);
  const model = fitModel({ kind, series, calendar, rolled: assessment.rolled });
  return forecastHours(model, series, calendar, Array.from({ length: horizon }, (_, i) => untilHour(series) + 1 + i));
}

function cut(series: HourlySeries, hours: number): HourlySeries {
  return { firstHour: series.firstHour, energyWh: series.energyWh.slice(0, series.energyWh.length - hours) };
}

const kinds: ModelKind[] = ['profile', 'ridge', 'blend', 'naive24', 'naive168'];

describe('every forecast', () => {
  it('does not move when the future does: what a model says of a day comes from the hours before its midnight alone', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 160, max: 240 }), fc.integer({ min: 1, max: 20 }), (seed, days, last) => {
      const firstDay = dayNumber('2026-01-15');
      const series = aSeries({ calendar: denver, firstDay, days, seed });
      const untilDay = firstDay + days;
      const origin = denver.dayStart(untilDay - last);
      const random = randomFrom(seed + 1);
      const shifted = { firstHour: series.firstHour, energyWh: series.energyWh.map((value, i) => (series.firstHour + i >= origin ? value * 3 + 9000 * random() : value)) };
      const window = { calendar: denver, fromDay: untilDay - last - 2, untilDay: untilDay - last + 1, withRidge: true };
      const told = rollOrigins({ ...window, series });
      const other = rollOrigins({ ...window, series: shifted });
      for (const kind of kinds) {
        expect(other.meanWh[kind]).toEqual(told.meanWh[kind]);
        expect(told.meanWh[kind].some(Number.isNaN)).toBe(false);
      }
      expect(other.profileBand).toEqual(told.profileBand);
      expect(other.actualWh).not.toEqual(told.actualWh);
    }), { numRuns: 12 });
  });

  it('has ordered quantiles, nothing negative and nothing that is not a number, from any origin and for any horizon', () => {
    fc.assert(fc.property(
      fc.integer({ min: 0, max: 1_000_000 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 168 }),
      fc.constantFrom('America/Denver', 'Asia/Jakarta', 'Asia/Kolkata'), fc.constantFrom(...kinds),
      (seed, hoursCut, horizon, zone, kind) => {
        const calendar = siteCalendar(zone);
        const series = cut(aSeries({ calendar, firstDay: dayNumber('2026-01-15'), days: 150, seed, carryOver: 0.5 }), hoursCut);
        const forecast = forecastOf(kind, series, calendar, horizon);
        expect(forecast).toHaveLength(horizon);
        for (const hour of forecast) {
          for (const value of [hour.meanWh, hour.p10, hour.p50, hour.p90, hour.usualWh]) expect(value).toBeGreaterThanOrEqual(0);
          expect(hour.p10).toBeLessThanOrEqual(hour.p50);
          expect(hour.p50).toBeLessThanOrEqual(hour.p90);
        }
      }), { numRuns: 25 });
  });

  it('is the same bytes from the same history', () => {
    const make = (): string => {
      const series = aSeries({ calendar: denver, firstDay: dayNumber('2026-01-15'), days: 180, seed: 7 });
      const assessment = assess(series, denver);
      if (assessment.status !== 'judged') throw new Error(assessment.reason);
      return JSON.stringify([
        ...(['profile', 'ridge', 'blend'] as const).map((kind) => fitModel({ kind, series, calendar: denver, rolled: assessment.rolled })),
        kinds.map((kind) => assessment.contenders[kind]?.scores),
        forecastOf('blend', series, denver),
      ]);
    };
    expect(make()).toBe(make());
  });

  it('is made over days of 23 and of 25 hours', () => {
    for (const [last, length] of [['2026-03-08', 23], ['2026-11-01', 25]] as const) {
      const untilDay = dayNumber(last) + 1;
      const series = aSeries({ calendar: denver, firstDay: untilDay - 160, days: 160 });
      const assessment = assess(series, denver);
      if (assessment.status !== 'judged') throw new Error(assessment.reason);
      const { rolled } = assessment;
      expect(rolled.dayOffsets[rolled.days]! - rolled.dayOffsets[rolled.days - 1]!).toBe(length);
      for (const kind of kinds) expect(assessment.contenders[kind]!.scores.hours).toBe(27 * 24 + length);
    }
  });
});

describe('little data', () => {
  it('is learning, with the number of days, until there are fourteen', () => {
    for (const [days, status] of [[0, 'learning'], [1, 'learning'], [13, 'learning'], [14, 'judged'], [30, 'judged']] as const) {
      const series = aSeries({ calendar: denver, firstDay: dayNumber('2026-06-01'), days });
      expect(historyDays(series, denver)).toBe(days);
      const assessment = assess(series, denver);
      expect(assessment.status).toBe(status);
      if (assessment.status === 'learning') expect(assessment.reason).toBe(`learning, ${days} ${days === 1 ? 'day' : 'days'}: a forecast needs 14 whole days of history`);
    }
  });

  it('an empty site, one session, a site of zeros: no day is invented, and nothing breaks', () => {
    expect(assess({ firstHour: 500_000, energyWh: new Float64Array(0) }, denver)).toMatchObject({ status: 'learning', historyDays: 0 });

    const from = denver.dayStart(dayNumber('2026-05-01'));
    const one = spreadOverHours([{ fromMs: (from + 9) * 3_600_000, toMs: (from + 11) * 3_600_000, energyWh: 8000 }], { firstHour: from + 9, untilHour: from + 200 * 24 });
    const judged = assess(one, denver);
    expect(judged).toMatchObject({ status: 'judged', judgedDays: 28 });
    for (const hour of forecastOf('blend', one, denver)) expect(hour.meanWh).toBeLessThan(100);

    const zeros = { firstHour: from, energyWh: new Float64Array(200 * 24) };
    const nothing = assess(zeros, denver);
    if (nothing.status !== 'judged') throw new Error(nothing.reason);
    for (const kind of kinds) {
      expect(nothing.contenders[kind]!.scores).toMatchObject({ maeWh: 0, rmseWh: 0, biasShare: null, dayWape: null });
      expect(nothing.contenders[kind]!.skillVsProfile).toBeNull();
    }
    for (const hour of forecastOf('ridge', zeros, denver)) expect(hour).toMatchObject({ meanWh: 0, p10: 0, p50: 0, p90: 0 });
  });

  it('has only the profile and the naive ones below 140 days, and says so', () => {
    const assessment = assess(aSeries({ calendar: denver, firstDay: dayNumber('2026-01-15'), days: 139 }), denver);
    if (assessment.status !== 'judged') throw new Error(assessment.reason);
    expect(Object.keys(assessment.contenders)).toEqual(['profile', 'naive24', 'naive168']);
    expect(assessment.absent).toEqual({
      ridge: 'ridge was not judged: it needs 140 days of history and there are 139',
      blend: 'blend was not judged: it needs 140 days of history and there are 139',
    });
    const enough = assess(aSeries({ calendar: denver, firstDay: dayNumber('2026-01-15'), days: 140 }), denver);
    if (enough.status !== 'judged') throw new Error(enough.reason);
    expect(enough.contenders.blend!.scores.coverage80).not.toBeNull();
  });
});
