import { number, optionalNumber, optionalText } from '../../fields.ts';
import { ChargingProfile } from '../../smart-charging/charging-profile.ts';
import type { CommandTable } from '../dialect.ts';

const purposes = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const;
const units = ['A', 'W'] as const;

/** OCPP 1.6, feature profile SmartCharging. */
export const smartChargingCommands = {
  SetChargingProfile(params, station) {
    const profile = ChargingProfile.safeParse(params['csChargingProfiles']);
    return { status: profile.success ? station.setChargingProfile(number(params, 'connectorId'), profile.data) : 'Rejected' };
  },
  ClearChargingProfile(params, station) {
    const purpose = optionalText(params, 'chargingProfilePurpose');
    const cleared = station.clearChargingProfile({
      id: optionalNumber(params, 'id'), connectorId: optionalNumber(params, 'connectorId'), stackLevel: optionalNumber(params, 'stackLevel'),
      purpose: purposes.find((one) => one === purpose),
    });
    return { status: cleared ? 'Accepted' : 'Unknown' };
  },
  GetCompositeSchedule(params, station) {
    const connectorId = number(params, 'connectorId');
    const asked = optionalText(params, 'chargingRateUnit');
    const schedule = station.compositeSchedule(connectorId, number(params, 'duration'), units.find((one) => one === asked));
    if (!schedule) return { status: 'Rejected' };
    const start = new Date(schedule.startMs).toISOString();
    return {
      status: 'Accepted', connectorId, scheduleStart: start,
      chargingSchedule: {
        duration: schedule.durationSeconds, startSchedule: start, chargingRateUnit: schedule.unit, chargingSchedulePeriod: schedule.periods,
        ...(schedule.minChargingRate !== undefined && { minChargingRate: schedule.minChargingRate }),
      },
    };
  },
} satisfies CommandTable;
