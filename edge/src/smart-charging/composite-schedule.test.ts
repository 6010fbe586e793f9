import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOf, type ChargingProfile, type InstalledProfile } from './charging-profile.ts';
import { changesBetween, composePeriods, inUnit, limitAt, type CompositionContext } from './composite-schedule.ts';
import { withoutProfiles, withProfile } from './profile-set.ts';
import { shareLimit } from './shared-limit.ts';

const noon = Date.parse('2026-11-24T12:00:00Z');
const hour = 3_600;
const context: CompositionContext = { fallbackStartMs: noon, supply: { voltageV: 230, phases: 3 }, transaction: { localId: 'tx', startedAtMs: noon - hour * 1_000 } };

function aProfile(more: Partial<Omit<ChargingProfile, 'chargingSchedule'>> & { schedule?: Partial<ChargingProfile['chargingSchedule']>; limitW?: number } = {}): ChargingProfile {
  const { schedule, limitW = 1_000, ...rest } = more;
  return {
    chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Absolute', ...rest,
    chargingSchedule: { chargingRateUnit: 'W', startSchedule: noon, chargingSchedulePeriod: [{ startPeriod: 0, limit: limitW }], ...schedule },
  };
}

const installed = (profile: ChargingProfile, connectorId = 1, localId?: string): InstalledProfile =>
  ({ connectorId, profile, installedAtMs: noon, ...(profile.chargingProfilePurpose === 'TxProfile' && { localId: localId ?? 'tx' }) });
const wattsAt = (profiles: InstalledProfile[], seconds: number, connectorId = 1, where = context) => limitAt(profiles, connectorId, where, noon + seconds * 1_000)?.limitW;

describe('the composite limit', () => {
  it('is the least of the station\'s and the transaction\'s, TxProfile before TxDefaultProfile, the connector\'s own before everybody\'s', () => {
    const station = installed(aProfile({ chargingProfilePurpose: 'ChargePointMaxProfile', limitW: 5_000 }), 0);
    const everybody = installed(aProfile({ limitW: 4_000 }), 0);
    const own = installed(aProfile({ limitW: 4_500 }), 1);
    const tx = installed(aProfile({ chargingProfilePurpose: 'TxProfile', limitW: 9_000 }));
    expect(wattsAt([], 0)).toBeUndefined();
    expect(wattsAt([station], 0)).toBe(5_000);
    expect(wattsAt([station, everybody], 0)).toBe(4_000);
    expect(wattsAt([station, everybody, own], 0)).toBe(4_500);
    expect(wattsAt([station, everybody, own], 0, 2)).toBe(4_000);
    expect(wattsAt([installed(aProfile({ stackLevel: 1, limitW: 4_000 }), 0), own], 0), 'a higher level is one wherever it was set').toBe(4_000);
    expect(wattsAt([station, everybody, own, tx], 0)).toBe(5_000);
    expect(wattsAt([everybody, tx], 0)).toBe(9_000);
    expect(wattsAt([installed(aProfile({ chargingProfilePurpose: 'TxProfile', limitW: 9_000 }), 1, 'another'), everybody], 0)).toBe(4_000);
    expect(wattsAt([station, everybody, own, tx], 0, 0)).toBe(5_000);
  });

  it('takes the highest stack level that says something now, and the next one when that is over', () => {
    const low = installed(aProfile({ limitW: 3_000 }));
    const high = installed(aProfile({ stackLevel: 2, schedule: { duration: hour, chargingSchedulePeriod: [{ startPeriod: 0, limit: 8_000 }, { startPeriod: 600, limit: 2_000 }] } }));
    expect([0, 599, 600, hour - 1, hour].map((second) => wattsAt([low, high], second))).toEqual([8_000, 8_000, 2_000, 2_000, 3_000]);
    const valid = installed(aProfile({ stackLevel: 3, limitW: 1, validFrom: noon + 10_000, validTo: noon + 20_000 }));
    expect([9, 10, 19, 20].map((second) => wattsAt([low, valid], second))).toEqual([3_000, 1, 1, 3_000]);
  });

  it('repeats a recurring schedule by the day or the week, from its start on', () => {
    const night = { chargingProfileKind: 'Recurring', schedule: { duration: 2 * hour } } as const;
    const daily = installed(aProfile({ ...night, recurrencyKind: 'Daily' }));
    const weekly = installed(aProfile({ ...night, recurrencyKind: 'Weekly' }));
    expect([-1, 0, 2 * hour - 1, 2 * hour, 24 * hour, 26 * hour, 7 * 24 * hour].map((second) => wattsAt([daily], second))).toEqual([undefined, 1_000, 1_000, undefined, 1_000, undefined, 1_000]);
    expect([0, 24 * hour, 7 * 24 * hour].map((second) => wattsAt([weekly], second))).toEqual([1_000, undefined, 1_000]);
  });

  it('begins with charging where a schedule is relative or has no start', () => {
    const relative = installed(aProfile({ chargingProfileKind: 'Relative', schedule: { duration: 2 * hour } }));
    const startless = installed(aProfile({ schedule: { startSchedule: undefined, duration: 2 * hour } }));
    for (const profile of [relative, startless]) {
      expect([hour - 1, hour].map((second) => wattsAt([profile], second))).toEqual([1_000, undefined]);
      expect(wattsAt([profile], hour, 1, { ...context, transaction: undefined })).toBe(1_000);
    }
  });

  it('counts amperes by voltage and phases', () => {
    const threePhases = installed(aProfile({ schedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16 }], minChargingRate: 6 } }));
    const onePhase = installed(aProfile({ schedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 16, numberPhases: 1 }] } }));
    expect(limitAt([threePhases], 1, context, noon)).toMatchObject({ limitW: 11_040, minimumW: 4_140 });
    expect(wattsAt([onePhase], 0)).toBe(3_680);
    expect(inUnit({ limitW: 11_040 }, 'A', context.supply)).toBe(16);
    expect(inUnit({ limitW: 11_039 }, 'A', context.supply)).toBe(15.9);
    expect(inUnit({ limitW: 1_499.96 }, 'W', context.supply)).toBe(1_499.9);
  });
});

const anyProfile = fc.record({
  stackLevel: fc.nat(3), purpose: fc.constantFrom('ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'), kind: fc.constantFrom('Absolute', 'Recurring', 'Relative'),
  from: fc.option(fc.integer({ min: -20, max: 200 }), { nil: undefined }), lasts: fc.integer({ min: 1, max: 100 }), start: fc.integer({ min: -100, max: 100 }),
  duration: fc.option(fc.integer({ min: 1, max: 120 }), { nil: undefined }), offsets: fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 4 }), limits: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 5 }),
}).map(({ stackLevel, purpose, kind, from, lasts, start, duration, offsets, limits }) => installed(aProfile({
  stackLevel, chargingProfilePurpose: purpose as ChargingProfile['chargingProfilePurpose'], chargingProfileKind: kind as ChargingProfile['chargingProfileKind'], recurrencyKind: 'Daily',
  ...(from !== undefined && { validFrom: noon + from * 1_000, validTo: noon + (from + lasts) * 1_000 }),
  schedule: { startSchedule: noon + start * 1_000, duration, chargingSchedulePeriod: [0, ...offsets.sort((a, b) => a - b)].map((startPeriod, index) => ({ startPeriod, limit: limits[index] ?? 1 })) },
}), purpose === 'ChargePointMaxProfile' ? 0 : 1));

it('a schedule says for each second what the limit of that second is', () => {
  fc.assert(fc.property(fc.array(anyProfile, { maxLength: 6 }), (profiles) => {
    const limitOf = (atMs: number) => limitAt(profiles, 1, context, atMs) ?? { limitW: 7_400 };
    const periods = composePeriods(changesBetween(profiles, context, noon, noon + 240_000), noon, limitOf);
    for (let second = 0; second < 240; second += 1) {
      const atMs = noon + second * 1_000;
      expect(periods.findLast((period) => period.startMs <= atMs)?.limitW).toBe(limitOf(atMs).limitW);
    }
    expect(periods.every((period, index) => index === 0 || period.limitW !== periods[index - 1]?.limitW || period.numberPhases !== periods[index - 1]?.numberPhases)).toBe(true);
  }));
});

it('what a station may draw is shared: nobody gets more than its own, the sum is as much as it may be', () => {
  expect(shareLimit([7_400, 7_400], 10_000)).toEqual([5_000, 5_000]);
  expect(shareLimit([1_000, 7_400, 7_400], 10_000)).toEqual([1_000, 4_500, 4_500]);
  fc.assert(fc.property(fc.array(fc.nat(20_000), { minLength: 1, maxLength: 6 }), fc.nat(60_000), (limits, whole) => {
    const shares = shareLimit(limits, whole);
    const sum = shares.reduce((total, share) => total + share, 0);
    expect(shares.every((share, index) => share <= (limits[index] ?? 0) + 1e-6)).toBe(true);
    expect(sum).toBeCloseTo(Math.min(whole, limits.reduce((total, limit) => total + limit, 0)), 3);
  }));
});

it('a profile takes the place of its id and of its level, and is cleared by what is named', () => {
  const first = installed(aProfile({ chargingProfileId: 1, stackLevel: 1 }));
  const second = installed(aProfile({ chargingProfileId: 2, stackLevel: 1 }));
  const third = installed(aProfile({ chargingProfileId: 2, stackLevel: 4 }), 2);
  expect(withProfile([first], second)).toEqual([second]);
  expect(withProfile([first, second], third)).toEqual([first, third]);
  expect(withoutProfiles([first, third], { id: 2, connectorId: 7 })).toEqual([first]);
  expect(withoutProfiles([first, third], { connectorId: 2, stackLevel: 1 })).toEqual([first, third]);
  expect(withoutProfiles([first, third], { purpose: 'TxDefaultProfile', stackLevel: 1 })).toEqual([third]);
  expect(withoutProfiles([first, third], {})).toEqual([]);
});

it('names what a charger cannot carry out', () => {
  const bounds = { stackLevelMax: 2, periodsMax: 2, units: ['W'] as const };
  const twoPeriods = [{ startPeriod: 0, limit: 1 }, { startPeriod: 5, limit: 1 }];
  expect(faultOf(aProfile({ schedule: { chargingSchedulePeriod: twoPeriods } }), bounds)).toBeUndefined();
  const wrong = [
    aProfile({ stackLevel: 3 }), aProfile({ schedule: { chargingRateUnit: 'A' } }), aProfile({ schedule: { chargingSchedulePeriod: [...twoPeriods, { startPeriod: 9, limit: 1 }] } }),
    aProfile({ schedule: { chargingSchedulePeriod: [{ startPeriod: 1, limit: 1 }] } }), aProfile({ schedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 1 }, { startPeriod: 0, limit: 2 }] } }),
    aProfile({ chargingProfileKind: 'Recurring' }), aProfile({ chargingProfileKind: 'Relative', chargingProfilePurpose: 'ChargePointMaxProfile' }), aProfile({ validFrom: 2, validTo: 2 }),
  ];
  expect(wrong.map((profile) => faultOf(profile, bounds)).filter(Boolean)).toHaveLength(wrong.length);
});
