import { z } from 'zod';
import { PlanPeriod, PlanPurpose } from '../commands/charging-plan.ts';
import { GivenTime, PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

const evseId = z.number().int().min(0).max(100);
const timeoutMs = z.number().int().min(1_000).max(120_000).default(30_000);
const second = z.number().int().min(0).max(31_536_000);
const limit = z.number().min(0).max(10_000_000);

/** A charging profile that we made, where it was put, and whether the station took it. Limits are in `unit`. */
export const ChargingPlanRead = z.object({
  id: Uuid, stationId: Uuid, evseId: z.number().int().describe('0: the station, or each of its EVSEs'), profileId: z.number().int(), purpose: PlanPurpose, stackLevel: z.number().int(),
  kind: z.enum(['Absolute', 'Recurring', 'Relative']), recurrency: z.enum(['Daily', 'Weekly']).nullable(), validFrom: Timestamp.nullable(), validTo: Timestamp.nullable(), sessionId: Uuid.nullable(),
  unit: z.enum(['A', 'W']), durationS: z.number().int().nullable(), startsAt: Timestamp.nullable(), minRate: z.number().nullable(), periods: z.array(PlanPeriod),
  state: z.enum(['pending', 'accepted', 'refused', 'replaced', 'cleared', 'over']).describe('over: its session or its time has ended'), detail: z.string().nullable(),
  createdBy: z.string(), createdAt: Timestamp, acceptedAt: Timestamp.nullable(), endedAt: Timestamp.nullable(),
});
export type ChargingPlanRead = z.infer<typeof ChargingPlanRead>;
export const ChargingPlanPage = pageOf(ChargingPlanRead);
export const ChargingPlanListQuery = PageQuery.extend({ installed: z.stringbool().optional().describe('true: those that the station has') }).strict();

/** POST /stations/:id/charging-plans; role operator. `sessionId`: purpose session alone. Times are of a schedule in its own unit; the station's limits hold. */
export const ChargingPlanCreate = z.object({
  evseId, purpose: PlanPurpose, stackLevel: z.number().int().min(0).max(1_000).default(0), kind: z.enum(['Absolute', 'Recurring', 'Relative']), recurrency: z.enum(['Daily', 'Weekly']).nullable().default(null),
  validFrom: GivenTime.nullable().default(null), validTo: GivenTime.nullable().default(null), sessionId: Uuid.nullable().default(null), unit: z.enum(['A', 'W']), durationS: second.nullable().default(null),
  startsAt: GivenTime.nullable().default(null), minRate: limit.nullable().default(null),
  periods: z.array(z.object({ startS: second, limit, numberPhases: z.number().int().min(1).max(3).nullable().default(null) }).strict()).min(1).max(1_000), timeoutMs,
}).strict();

/** POST /stations/:id/charging-plans/clear: one plan, or each that fits; nothing named: all. */
export const ChargingPlanClear = z.object({ planId: Uuid.nullable().default(null), evseId: evseId.nullable().default(null), purpose: PlanPurpose.nullable().default(null), stackLevel: z.number().int().min(0).nullable().default(null), timeoutMs }).strict();
export const ChargingPlanCleared = z.object({ commandId: Uuid, commandState: z.string(), detail: z.string().nullable(), cleared: z.number().int() });

/** POST /stations/:id/charging-plans/composite: the station's composite schedule beside ours, which follows from the plans that it accepted. */
export const CompositeAsk = z.object({ evseId, durationS: z.number().int().min(1).max(604_800).default(86_400), unit: z.enum(['A', 'W']).default('W'), timeoutMs }).strict();
const CompositePeriod = z.object({ startS: z.number().int(), limit: z.number().nullable().describe('null: nothing limits it') });
export const Composite = z.object({
  stationId: Uuid, evseId: z.number().int(), from: Timestamp, durationS: z.number().int(), unit: z.enum(['A', 'W']), ours: z.array(CompositePeriod),
  station: z.object({ startsAt: Timestamp.nullable(), unit: z.enum(['A', 'W']), periods: z.array(CompositePeriod) }).nullable().describe('null: the station gave none'),
  commandId: Uuid, commandState: z.string(), detail: z.string().nullable(),
  differences: z.array(z.object({ fromS: z.number(), untilS: z.number(), ours: z.number().nullable(), station: z.number().nullable() })).nullable().describe('null: there is nothing to compare'),
});
export type Composite = z.infer<typeof Composite>;
