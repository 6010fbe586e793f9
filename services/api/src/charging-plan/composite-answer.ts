import type { Composite } from '@csms/contracts/http/charging-plans';
import type { CompositePeriod } from '@csms/domain/charging-plan/composite';
import { compareSchedules } from '@csms/domain/charging-plan/compare-schedules';
import { z } from 'zod';

/** GetCompositeSchedule.conf (1.6, 6.24), where the station gave a schedule. */
const Answer = z.object({
  scheduleStart: z.string().optional(),
  chargingSchedule: z.object({
    chargingRateUnit: z.enum(['A', 'W']), startSchedule: z.string().optional(),
    chargingSchedulePeriod: z.array(z.object({ startPeriod: z.number(), limit: z.number() })),
  }),
});

/** A schedule that begins this much earlier or later than it was asked for is one of another time. */
const shiftSMax = 3_600;

/** What a station answered beside what follows from its plans. `differences` null: it gave no schedule, or one in another unit. */
export function readComposite(result: unknown, ours: readonly CompositePeriod[], asked: { from: Date; durationS: number; unit: 'A' | 'W' }): Pick<Composite, 'station' | 'differences'> {
  const answer = Answer.safeParse(result);
  if (!answer.success) return { station: null, differences: null };
  const { chargingSchedule, scheduleStart } = answer.data;
  const startsMs = Date.parse(scheduleStart ?? chargingSchedule.startSchedule ?? '');
  const periods = chargingSchedule.chargingSchedulePeriod.map(({ startPeriod, limit }) => ({ startS: Math.round(startPeriod), limit }));
  const shiftS = Number.isNaN(startsMs) ? 0 : (startsMs - asked.from.getTime()) / 1_000;
  const station = { startsAt: Number.isNaN(startsMs) ? null : new Date(startsMs).toISOString(), unit: chargingSchedule.chargingRateUnit, periods };
  if (station.unit !== asked.unit || Math.abs(shiftS) > shiftSMax) return { station, differences: null };
  return { station, differences: compareSchedules(ours, periods, { durationS: asked.durationS, shiftS: Math.round(shiftS) }) };
}
