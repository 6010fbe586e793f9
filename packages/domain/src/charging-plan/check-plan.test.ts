import type { ChargingPlan } from '@csms/contracts/commands/charging-plan';
import { describe, expect, it } from 'vitest';
import { checkPlan, replaces, type PlanLimits } from './check-plan.ts';

const good: ChargingPlan = {
  profileId: 1, purpose: 'session-default', stackLevel: 1, kind: 'Absolute', recurrency: null, validFrom: null, validTo: null, transactionRef: null, unit: 'A', durationS: 3_600,
  startsAt: '2026-11-24T08:00:00Z', minRate: null, periods: [{ startS: 0, limit: 16, numberPhases: null }, { startS: 600, limit: 6.5, numberPhases: 1 }],
};
const unknown: PlanLimits = { stackLevelMax: null, units: null, periodsMax: null, installedMax: null };
const paths = (more: Partial<ChargingPlan>, evseId = 1, limits: Partial<PlanLimits> = {}, installed = 0): string[] => checkPlan({ ...good, ...more }, evseId, { ...unknown, ...limits }, installed).map((fault) => fault.path);

describe('a plan', () => {
  it.each<[string, Partial<ChargingPlan>, number]>([
    ['of an EVSE', {}, 1], ['of every EVSE', {}, 0], ['that repeats every day', { kind: 'Recurring', recurrency: 'Daily' }, 1], ['that begins with the session', { kind: 'Relative', startsAt: null }, 1],
    ['of a session', { purpose: 'session', kind: 'Relative', startsAt: null, transactionRef: '7' }, 2], ['of the whole station', { purpose: 'station-max' }, 0],
  ])('%s is good', (_title, more, evseId) => {
    expect(paths(more, evseId)).toEqual([]);
  });

  it.each<[string, string, Partial<ChargingPlan>, number]>([
    ['the maximum of a station on one EVSE', 'evseId', { purpose: 'station-max' }, 1], ['a session of EVSE 0', 'evseId', { purpose: 'session' }, 0],
    ['a station\'s maximum that is relative', 'kind', { purpose: 'station-max', kind: 'Relative', startsAt: null }, 0],
    ['a recurrence without its kind', 'recurrency', { kind: 'Recurring' }, 1], ['a kind of recurrence that does not recur', 'recurrency', { recurrency: 'Daily' }, 1],
    ['no beginning', 'startsAt', { startsAt: null }, 1], ['a relative one with a beginning', 'startsAt', { kind: 'Relative' }, 1], ['an end before its beginning', 'validTo', { validFrom: '2026-01-02T00:00:00Z', validTo: '2026-01-01T00:00:00Z' }, 1],
    ['a late first period', 'periods', { periods: [{ startS: 5, limit: 1, numberPhases: null }] }, 1],
    ['periods out of order', 'periods', { periods: [{ startS: 0, limit: 1, numberPhases: null }, { startS: 9, limit: 2, numberPhases: null }, { startS: 9, limit: 3, numberPhases: null }] }, 1],
    ['a period after its end', 'periods', { durationS: 600 }, 1], ['a period after the day', 'periods', { kind: 'Recurring', recurrency: 'Daily', durationS: null, periods: [{ startS: 0, limit: 1, numberPhases: null }, { startS: 86_400, limit: 2, numberPhases: null }] }, 1],
    ['two decimals', 'periods', { periods: [{ startS: 0, limit: 6.25, numberPhases: null }] }, 1],
  ])('with %s is not: %s', (_title, path, more, evseId) => {
    expect(paths(more, evseId)).toEqual([path]);
  });

  it('stays within what its station takes', () => {
    expect(paths({}, 1, { stackLevelMax: 1, units: ['A'], periodsMax: 2, installedMax: 3 }, 2)).toEqual([]);
    expect(paths({ unit: 'W' }, 1, { stackLevelMax: 0, units: ['A'], periodsMax: 1, installedMax: 3 }, 3)).toEqual(['stackLevel', 'unit', 'periods', 'purpose']);
  });

  it('replaces its like in its own place alone', () => {
    const one = { evseId: 1, purpose: 'session-default', stackLevel: 2 };
    expect(replaces(one, { ...one })).toBe(true);
    for (const other of [{ evseId: 0 }, { purpose: 'session' }, { stackLevel: 3 }]) expect(replaces(one, { ...one, ...other })).toBe(false);
  });
});
