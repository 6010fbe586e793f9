import type { ChargingPlan } from '@csms/contracts/commands/charging-plan';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSchedules } from './compare-schedules.ts';
import { compositeSchedule, type CompositePeriod, type CompositeRequest, type InstalledPlan } from './composite.ts';

const from = new Date('2026-11-24T08:00:00Z');
const after = (seconds: number): string => new Date(from.getTime() + seconds * 1_000).toISOString();
let numbers = 0;
const plan = (more: Partial<ChargingPlan>): ChargingPlan => ({
  profileId: (numbers += 1), purpose: 'session-default', stackLevel: 0, kind: 'Absolute', recurrency: null, validFrom: null, validTo: null, transactionRef: null, unit: 'A', durationS: null,
  startsAt: after(0), minRate: null, periods: [{ startS: 0, limit: 16, numberPhases: null }], ...more,
});
const periods = (...steps: [startS: number, limit: number][]): ChargingPlan['periods'] => steps.map(([startS, limit]) => ({ startS, limit, numberPhases: null }));
const request = (more: Partial<CompositeRequest> = {}): CompositeRequest => ({ evseId: 1, from, durationS: 600, unit: 'A', session: null, ...more });
const on = (evseId: number, more: Partial<ChargingPlan>): InstalledPlan => ({ evseId, plan: plan(more) });
const at = (schedule: readonly CompositePeriod[], second: number): number | null => schedule.findLast((period) => period.startS <= second)?.limit ?? null;

describe('the composite schedule (1.6, 3.13)', () => {
  it('stacks as the compliancy test TC_072 has it: the higher level while it lasts, the lower before and after', () => {
    const schedule = compositeSchedule([
      on(1, { stackLevel: 0, durationS: 400, periods: periods([0, 6], [100, 8], [200, 10]) }), on(1, { stackLevel: 1, durationS: 150, periods: periods([0, 7], [100, 9]) }),
    ], request({ durationS: 350 }));
    expect(schedule).toEqual([{ startS: 0, limit: 7 }, { startS: 100, limit: 9 }, { startS: 150, limit: 8 }, { startS: 200, limit: 10 }]);
  });

  it('takes the lower of the station\'s maximum and the session\'s plan, and the session\'s own plan before the default one', () => {
    const session = { startedAt: from, transactionRef: '7' };
    const plans = [
      on(0, { purpose: 'station-max', periods: periods([0, 20], [300, 8]) }), on(0, { stackLevel: 5, periods: periods([0, 32]) }),
      on(1, { purpose: 'session', kind: 'Relative', startsAt: null, durationS: 400, transactionRef: '7', periods: periods([0, 10], [200, 25]) }),
    ];
    expect(compositeSchedule(plans, request({ session }))).toEqual([{ startS: 0, limit: 10 }, { startS: 200, limit: 20 }, { startS: 300, limit: 8 }]);
    expect(compositeSchedule(plans, request({ session: { ...session, transactionRef: '8' } }))).toEqual([{ startS: 0, limit: 20 }, { startS: 300, limit: 8 }]);
    expect(compositeSchedule(plans, request({ evseId: 0 })), 'of the station alone').toEqual([{ startS: 0, limit: 20 }, { startS: 300, limit: 8 }]);
  });

  it('begins anew with each day, and says nothing between its end and the next beginning', () => {
    const nightly = on(1, { kind: 'Recurring', recurrency: 'Daily', startsAt: after(-86_400 * 3 - 300), durationS: 400, periods: periods([0, 6], [350, 9]) });
    expect(compositeSchedule([nightly], request({ durationS: 86_400 }))).toEqual([{ startS: 0, limit: 6 }, { startS: 50, limit: 9 }, { startS: 100, limit: null }, { startS: 86_100, limit: 6 }]);
  });

  it('that is relative, or names no time, begins with the session, whatever else it says', () => {
    const session = { startedAt: new Date(from.getTime() - 100_000), transactionRef: '7' };
    for (const more of [{ kind: 'Relative' as const, startsAt: after(9_999) }, { kind: 'Relative' as const, startsAt: null }, { kind: 'Absolute' as const, startsAt: null }]) {
      expect(compositeSchedule([on(1, { ...more, periods: periods([0, 6], [200, 9]) })], request({ session }))).toEqual([{ startS: 0, limit: 6 }, { startS: 100, limit: 9 }]);
      expect(compositeSchedule([on(1, { ...more, periods: periods([0, 6], [200, 9]) })], request()), 'as if one began now').toEqual([{ startS: 0, limit: 6 }, { startS: 200, limit: 9 }]);
    }
  });

  it('converts between amperes and watts by the phases of the period, three where it names none', () => {
    const plans = [on(0, { purpose: 'station-max', unit: 'W', periods: periods([0, 6_900]) }), on(1, { periods: [{ startS: 0, limit: 32, numberPhases: 1 }] })];
    expect(compositeSchedule(plans, request({ unit: 'W' }))).toEqual([{ startS: 0, limit: 6_900 }]);
    expect(compositeSchedule(plans, request({ unit: 'A' }))).toEqual([{ startS: 0, limit: 10 }]);
  });

  it('on one level prefers the plan of this EVSE to that of all', () => {
    expect(compositeSchedule([on(0, { periods: periods([0, 32]) }), on(1, { periods: periods([0, 6]) })], request())).toEqual([{ startS: 0, limit: 6 }]);
    expect(compositeSchedule([on(0, { periods: periods([0, 32]) }), on(2, { periods: periods([0, 6]) })], request())).toEqual([{ startS: 0, limit: 32 }]);
  });

  /* What the text says of one second, word by word, without edges or spans. */
  function bySecond(installed: readonly InstalledPlan[], asked: CompositeRequest, second: number): number | null {
    const nowMs = from.getTime() + second * 1_000;
    const says = ({ plan: each }: InstalledPlan): number | null => {
      if (each.validFrom !== null && nowMs < Date.parse(each.validFrom)) return null;
      if (each.validTo !== null && nowMs >= Date.parse(each.validTo)) return null;
      let sinceS = (nowMs - (each.kind === 'Relative' ? (asked.session?.startedAt.getTime() ?? from.getTime()) : Date.parse(each.startsAt!))) / 1_000;
      if (sinceS < 0) return null;
      if (each.recurrency !== null) sinceS %= each.recurrency === 'Daily' ? 86_400 : 604_800;
      if (each.durationS !== null && sinceS >= each.durationS) return null;
      return each.periods.reduce<number | null>((limit, period) => (period.startS <= sinceS ? period.limit : limit), null);
    };
    const highest = (purpose: string, fits: (each: InstalledPlan) => boolean): number | null => {
      let best: { level: number; evseId: number; limit: number } | null = null;
      for (const each of installed) {
        const limit = each.plan.purpose === purpose && fits(each) ? says(each) : null;
        if (limit !== null && (best === null || each.plan.stackLevel > best.level || (each.plan.stackLevel === best.level && each.evseId > best.evseId))) best = { level: each.plan.stackLevel, evseId: each.evseId, limit };
      }
      return best?.limit ?? null;
    };
    const ofStation = highest('station-max', () => true);
    const own = asked.session === null ? null : highest('session', (each) => each.evseId === 1);
    const ofSession = own ?? highest('session-default', (each) => each.evseId === 0 || each.evseId === 1);
    if (ofStation === null || ofSession === null) return ofStation ?? ofSession;
    return Math.min(ofStation, ofSession);
  }

  const somePlan = fc.record({
    evseId: fc.constantFrom(0, 1, 2), purpose: fc.constantFrom('station-max' as const, 'session-default' as const, 'session' as const), stackLevel: fc.nat(3),
    kind: fc.constantFrom('Absolute' as const, 'Daily' as const, 'Weekly' as const, 'Relative' as const), beginsS: fc.integer({ min: -200_000, max: 400 }),
    durationS: fc.option(fc.integer({ min: 1, max: 500 })), validFromS: fc.option(fc.integer({ min: -100, max: 400 })), validForS: fc.option(fc.integer({ min: 1, max: 400 })),
    steps: fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }), limits: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 5, maxLength: 5 }),
  }).map(({ evseId, purpose, stackLevel, kind, beginsS, durationS, validFromS, validForS, steps, limits }): InstalledPlan => ({
    evseId: purpose === 'station-max' ? 0 : purpose === 'session' ? Math.max(1, evseId) : evseId,
    plan: plan({
      purpose, stackLevel, kind: kind === 'Daily' || kind === 'Weekly' ? 'Recurring' : kind, recurrency: kind === 'Daily' || kind === 'Weekly' ? kind : null, startsAt: kind === 'Relative' ? null : after(beginsS), durationS,
      validFrom: validFromS === null ? null : after(validFromS), validTo: validForS === null ? null : after((validFromS ?? 0) + validForS),
      periods: [0, ...steps.sort((a, b) => a - b)].map((startS, index) => ({ startS, limit: limits[index]!, numberPhases: null })),
    }),
  }));

  it('says at every second what the text says, whatever is stacked', () => {
    fc.assert(fc.property(fc.uniqueArray(somePlan, { maxLength: 6, selector: ({ evseId, plan: each }) => `${evseId}/${each.purpose}/${each.stackLevel}` }), fc.option(fc.integer({ min: -300, max: 0 })), (installed, sessionS) => {
      const asked = request({ durationS: 500, session: sessionS === null ? null : { startedAt: new Date(from.getTime() + sessionS * 1_000), transactionRef: '7' } });
      const schedule = compositeSchedule(installed, asked);
      for (let second = 0; second < 500; second += 1) if (at(schedule, second) !== bySecond(installed, asked, second)) expect({ second, limit: at(schedule, second) }).toEqual({ second, limit: bySecond(installed, asked, second) });
      expect(schedule.every((period, index) => index === 0 ? period.startS === 0 : period.startS > schedule[index - 1]!.startS && period.limit !== schedule[index - 1]!.limit)).toBe(true);
    }), { numRuns: 200 });
  });
});

describe('two schedules', () => {
  it('are the same up to rounding, and where ours sets no limit', () => {
    expect(compareSchedules([{ startS: 0, limit: null }, { startS: 100, limit: 16 }], [{ startS: 0, limit: 32 }, { startS: 98, limit: 16.05 }], { durationS: 200, shiftS: 2 })).toEqual([]);
  });

  it('differ where one says another limit, or none', () => {
    expect(compareSchedules([{ startS: 0, limit: 10 }, { startS: 50, limit: 6 }], [{ startS: 0, limit: 10 }, { startS: 80, limit: 6 }], { durationS: 200, shiftS: 0 })).toEqual([{ fromS: 50, untilS: 80, ours: 6, station: 10 }]);
    expect(compareSchedules([{ startS: 0, limit: 10 }], [], { durationS: 60, shiftS: 0 })).toEqual([{ fromS: 0, untilS: 60, ours: 10, station: null }]);
  });
});
