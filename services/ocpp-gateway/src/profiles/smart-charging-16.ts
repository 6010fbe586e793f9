import type { PlanPurpose } from '@csms/contracts/commands/charging-plan';
import { optional, type OutgoingProfile } from './outgoing-table.ts';

const purposes16 = { 'station-max': 'ChargePointMaxProfile', 'session-default': 'TxDefaultProfile', session: 'TxProfile' } as const satisfies Record<PlanPurpose, string>;

/** OCPP 1.6, profile SmartCharging, to the charge point. */
export const chargingPlanCommands16 = {
  'set-charging-profile': ({ evseId, plan }) => ({
    action: 'SetChargingProfile',
    payload: {
      connectorId: evseId,
      csChargingProfiles: {
        chargingProfileId: plan.profileId, stackLevel: plan.stackLevel, chargingProfilePurpose: purposes16[plan.purpose], chargingProfileKind: plan.kind,
        ...optional('recurrencyKind', plan.recurrency), ...optional('validFrom', plan.validFrom), ...optional('validTo', plan.validTo),
        ...(plan.transactionRef === null ? {} : { transactionId: Number(plan.transactionRef) }),
        chargingSchedule: {
          chargingRateUnit: plan.unit, ...optional('duration', plan.durationS), ...optional('startSchedule', plan.startsAt), ...optional('minChargingRate', plan.minRate),
          chargingSchedulePeriod: plan.periods.map(({ startS, limit, numberPhases }) => ({ startPeriod: startS, limit, ...optional('numberPhases', numberPhases) })),
        },
      },
    },
  }),
  'clear-charging-profile': ({ profileId, evseId, purpose, stackLevel }) => ({
    action: 'ClearChargingProfile',
    payload: { ...optional('id', profileId), ...optional('connectorId', evseId), ...optional('chargingProfilePurpose', purpose === null ? null : purposes16[purpose]), ...optional('stackLevel', stackLevel) },
  }),
  'get-composite-schedule': ({ evseId, durationS, unit }) => ({
    action: 'GetCompositeSchedule', payload: { connectorId: evseId, duration: durationS, ...optional('chargingRateUnit', unit) },
  }),
} satisfies OutgoingProfile<'ocpp1.6'>;
