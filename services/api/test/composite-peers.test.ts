import type { ChargingPlan } from '@csms/contracts/commands/charging-plan';
import { compositeSchedule, type InstalledPlan } from '@csms/domain/charging-plan/composite';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InstalledProfile } from '../../../edge/src/smart-charging/charging-profile.ts';
import { limitAt } from '../../../edge/src/smart-charging/composite-schedule.ts';

/* Two compositions that share no code, of the charger and of the platform, over the same plans. */
const fromMs = Date.UTC(2026, 10, 24, 8);
const lastsS = 900;
const purposes = { 'station-max': 'ChargePointMaxProfile', 'session-default': 'TxDefaultProfile', session: 'TxProfile' } as const;
const stamp = (seconds: number | null): string | null => (seconds === null ? null : new Date(fromMs + seconds * 1_000).toISOString());
const ms = (text: string | null): number | undefined => (text === null ? undefined : Date.parse(text));

const somePlan = fc.record({
  evseId: fc.constantFrom(0, 1, 2),
  purpose: fc.constantFrom('station-max' as const, 'session-default' as const, 'session' as const), stackLevel: fc.nat(3), kind: fc.constantFrom('Absolute' as const, 'Daily' as const, 'Weekly' as const, 'Relative' as const),
  beginsS: fc.integer({ min: -700_000, max: 800 }), durationS: fc.option(fc.integer({ min: 1, max: 1_000 })), validFromS: fc.option(fc.integer({ min: -100, max: 800 })), validForS: fc.option(fc.integer({ min: 1, max: 800 })),
  steps: fc.uniqueArray(fc.integer({ min: 1, max: 800 }), { maxLength: 5 }), limits: fc.array(fc.integer({ min: 0, max: 320 }), { minLength: 6, maxLength: 6 }), unit: fc.constantFrom('A' as const, 'W' as const), numberPhases: fc.constantFrom(null, 1, 2, 3),
}).map(({ evseId, purpose, stackLevel, kind, beginsS, durationS, validFromS, validForS, steps, limits, unit, numberPhases }): InstalledPlan => ({
  evseId: purpose === 'station-max' ? 0 : purpose === 'session' ? 1 : evseId,
  plan: {
    profileId: 1, purpose, stackLevel, kind: purpose === 'station-max' && kind === 'Relative' ? 'Absolute' : kind === 'Daily' || kind === 'Weekly' ? 'Recurring' : kind, recurrency: kind === 'Daily' || kind === 'Weekly' ? kind : null,
    startsAt: kind === 'Relative' && purpose !== 'station-max' ? null : stamp(beginsS), durationS, validFrom: stamp(validFromS), validTo: validForS === null ? null : stamp((validFromS ?? 0) + validForS), transactionRef: null, unit, minRate: null,
    periods: [0, ...steps.sort((a, b) => a - b)].map((startS, index) => ({ startS, limit: limits[index]!, numberPhases })),
  },
}));

function atCharger({ evseId, plan }: InstalledPlan): InstalledProfile {
  const [startSchedule, validFrom, validTo] = [ms(plan.startsAt), ms(plan.validFrom), ms(plan.validTo)];
  return {
    connectorId: evseId, installedAtMs: fromMs - 1_000, ...(plan.purpose === 'session' && { localId: 'own' }),
    profile: {
      chargingProfileId: plan.profileId, stackLevel: plan.stackLevel, chargingProfilePurpose: purposes[plan.purpose], chargingProfileKind: plan.kind, ...(plan.recurrency !== null && { recurrencyKind: plan.recurrency }),
      ...(validFrom !== undefined && { validFrom }), ...(validTo !== undefined && { validTo }),
      chargingSchedule: {
        chargingRateUnit: plan.unit, ...(startSchedule !== undefined && { startSchedule }), ...(plan.durationS !== null && { duration: plan.durationS }),
        chargingSchedulePeriod: plan.periods.map(({ startS, limit, numberPhases }: ChargingPlan['periods'][number]) => ({ startPeriod: startS, limit, ...(numberPhases !== null && { numberPhases }) })),
      },
    },
  };
}

it('say the same limit at every moment', () => {
  const sets = fc.uniqueArray(somePlan, { maxLength: 7, selector: (each) => `${each.evseId}/${each.plan.purpose}/${each.plan.stackLevel}` });
  fc.assert(fc.property(sets, fc.option(fc.integer({ min: -600, max: 0 })), (installed, sessionS) => {
    const startedAtMs = sessionS === null ? null : fromMs + sessionS * 1_000;
    const ours = compositeSchedule(installed, { evseId: 1, from: new Date(fromMs), durationS: lastsS, unit: 'W', session: startedAtMs === null ? null : { startedAt: new Date(startedAtMs), transactionRef: '7' } });
    const theirs = installed.map(atCharger);
    const context = { fallbackStartMs: fromMs, supply: { voltageV: 230, phases: 3 }, ...(startedAtMs !== null && { transaction: { localId: 'own', startedAtMs } }) };
    for (let second = 0; second < lastsS; second += 1) {
      const said = limitAt(theirs, 1, context, fromMs + second * 1_000)?.limitW ?? null;
      const own = ours.findLast((period) => period.startS <= second)?.limit ?? null;
      if (own !== said) expect({ second, limit: own }).toEqual({ second, limit: said });
    }
  }), { numRuns: 150 });
});
