import { z } from 'zod';

/** A charging profile as OCPP 1.6 writes it (7.8, 7.13, 7.14), times as milliseconds since 1970 UTC. */
const Period = z.object({ startPeriod: z.number().int().min(0), limit: z.number().min(0), numberPhases: z.number().int().min(1).max(3).optional() });
/** A time without a zone is taken as UTC. */
const TimeMs = z.union([z.number(), z.iso.datetime({ offset: true, local: true }).transform((value) => Date.parse(/(z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`))]);

export const ChargingProfile = z.object({
  chargingProfileId: z.number().int(),
  transactionId: z.number().int().optional(),
  stackLevel: z.number().int().min(0),
  chargingProfilePurpose: z.enum(['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile']),
  chargingProfileKind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrencyKind: z.enum(['Daily', 'Weekly']).optional(),
  validFrom: TimeMs.optional(),
  validTo: TimeMs.optional(),
  chargingSchedule: z.object({
    /** Seconds. */
    duration: z.number().int().min(0).optional(),
    startSchedule: TimeMs.optional(),
    chargingRateUnit: z.enum(['A', 'W']),
    chargingSchedulePeriod: z.array(Period).min(1),
    minChargingRate: z.number().min(0).optional(),
  }),
});
export type ChargingProfile = z.infer<typeof ChargingProfile>;
export type RateUnit = 'A' | 'W';

/** A profile with what the charger knows besides: where it holds, since when, and for which of its transactions. */
export const InstalledProfile = z.object({
  /** 0: every connector (TxDefaultProfile) or the station as a whole (ChargePointMaxProfile). */
  connectorId: z.number().int().min(0),
  profile: ChargingProfile,
  installedAtMs: z.number(),
  /** Set for a TxProfile: it ends with this transaction. */
  localId: z.string().optional(),
});
export type InstalledProfile = z.infer<typeof InstalledProfile>;

/** What the charger can carry out; from its configuration keys (OCPP 1.6, 9.4). */
export interface ProfileBounds {
  stackLevelMax: number;
  periodsMax: number;
  units: readonly RateUnit[];
}

/** Why a profile cannot be carried out; undefined when it can. Where it is installed is checked elsewhere. */
export function faultOf(profile: ChargingProfile, bounds: ProfileBounds): string | undefined {
  const { chargingSchedule: schedule, chargingProfileKind: kind } = profile;
  if (profile.stackLevel > bounds.stackLevelMax) return 'stackLevel';
  if (!bounds.units.includes(schedule.chargingRateUnit)) return 'chargingRateUnit';
  if (schedule.chargingSchedulePeriod.length > bounds.periodsMax) return 'too many periods';
  if (schedule.chargingSchedulePeriod[0]?.startPeriod !== 0) return 'the first period does not start at 0';
  const starts = schedule.chargingSchedulePeriod.map(({ startPeriod }) => startPeriod);
  if (starts.some((start, index) => index > 0 && start <= (starts[index - 1] ?? 0))) return 'periods out of order';
  if (kind === 'Recurring' && (!profile.recurrencyKind || schedule.startSchedule === undefined)) return 'recurrence without kind or start';
  if (kind === 'Relative' && profile.chargingProfilePurpose === 'ChargePointMaxProfile') return 'a station is charging at no particular moment';
  if (profile.validFrom !== undefined && profile.validTo !== undefined && profile.validTo <= profile.validFrom) return 'validTo before validFrom';
  return undefined;
}
