import type { PlanLimits } from '@csms/domain/charging-plan/check-plan';
import type { AskingParts } from '../ask-station.ts';
import { configuredValues, wholeNumberOf } from '../configured-values.ts';

/** Keys of 1.6, 9.4 that say what a station can take of charging profiles. */
const planKeys = ['ChargeProfileMaxStackLevel', 'ChargingScheduleAllowedChargingRateUnit', 'ChargingScheduleMaxPeriods', 'MaxChargingProfilesInstalled'] as const;
const unitOf: Record<string, 'A' | 'W'> = { current: 'A', power: 'W' };

/** What a station takes, as far as it has said; asked for where the books do not know. */
export async function planLimits(parts: AskingParts, about: { tenant: string; stationId: string; createdBy: string; timeoutMs: number }): Promise<PlanLimits> {
  const values = await configuredValues(parts, { ...about, keys: planKeys });
  const units = values.get('ChargingScheduleAllowedChargingRateUnit')?.value?.split(',').map((word) => unitOf[word.trim().toLowerCase()]).filter((unit) => unit !== undefined) ?? [];
  return {
    stackLevelMax: wholeNumberOf(values, 'ChargeProfileMaxStackLevel'), units: units.length === 0 ? null : units,
    periodsMax: wholeNumberOf(values, 'ChargingScheduleMaxPeriods'), installedMax: wholeNumberOf(values, 'MaxChargingProfilesInstalled'),
  };
}
