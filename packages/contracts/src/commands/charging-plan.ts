import { z } from 'zod';

/** What a plan limits: the whole station, every session that has no plan of its own, or one session. */
export const PlanPurpose = z.enum(['station-max', 'session-default', 'session']);
export type PlanPurpose = z.infer<typeof PlanPurpose>;

/** One step of a schedule: from `startS` seconds after its beginning, at most `limit` amperes or watts. */
export const PlanPeriod = z.object({ startS: z.number().int().min(0), limit: z.number().min(0), numberPhases: z.number().int().min(1).max(3).nullable() });

/** A charging profile (1.6, 7.8 ChargingProfile) in our words; times are RFC 3339. */
export const ChargingPlan = z.object({
  profileId: z.number().int(), purpose: PlanPurpose, stackLevel: z.number().int().min(0), kind: z.enum(['Absolute', 'Recurring', 'Relative']),
  recurrency: z.enum(['Daily', 'Weekly']).nullable(), validFrom: z.string().nullable(), validTo: z.string().nullable(), transactionRef: z.string().nullable(),
  unit: z.enum(['A', 'W']), durationS: z.number().int().min(0).nullable(), startsAt: z.string().nullable(), minRate: z.number().min(0).nullable(),
  periods: z.array(PlanPeriod).min(1),
});
export type ChargingPlan = z.infer<typeof ChargingPlan>;

/** Commands of the profile SmartCharging, as the ledger keeps them. */
export const chargingPlanCommands = [
  z.object({ action: z.literal('set-charging-profile'), evseId: z.number().int(), plan: ChargingPlan }),
  z.object({ action: z.literal('clear-charging-profile'), profileId: z.number().int().nullable(), evseId: z.number().int().nullable(), purpose: PlanPurpose.nullable(), stackLevel: z.number().int().nullable() }),
  z.object({ action: z.literal('get-composite-schedule'), evseId: z.number().int(), durationS: z.number().int(), unit: z.enum(['A', 'W']).nullable() }),
] as const;
