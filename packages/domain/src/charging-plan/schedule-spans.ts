import type { ChargingPlan } from '@csms/contracts/commands/charging-plan';

/** A time in which a plan says one limit, in the plan's unit; `untilMs` is not part of it. Milliseconds since the epoch. */
export interface Span { fromMs: number; untilMs: number; limit: number; numberPhases: number | null }

const periodOf = { Daily: 86_400_000, Weekly: 7 * 86_400_000 } as const;

/**
 * When a plan says what, between two moments: its schedule's periods from where it begins (at its own time, at each recurrence, or with the session),
 * cut by its duration, by the next recurrence, and by the time in which the plan is valid (1.6, 7.8 and 7.13).
 */
export function spansOf(plan: ChargingPlan, window: { from: Date; until: Date; sessionStartedAt: Date }): Span[] {
  const validFromMs = plan.validFrom === null ? -Infinity : Date.parse(plan.validFrom);
  const validUntilMs = plan.validTo === null ? Infinity : Date.parse(plan.validTo);
  return beginningsOf(plan, window).flatMap(({ beginMs, endMs }) => plan.periods.flatMap((period, index): Span[] => {
    const next = plan.periods[index + 1];
    const fromMs = Math.max(beginMs + period.startS * 1_000, validFromMs, window.from.getTime());
    const untilMs = Math.min(next === undefined ? endMs : beginMs + next.startS * 1_000, endMs, validUntilMs, window.until.getTime());
    return fromMs < untilMs ? [{ fromMs, untilMs, limit: period.limit, numberPhases: period.numberPhases }] : [];
  }));
}

/** Each time that the schedule begins and could still say something in the window, and when that time ends. */
function beginningsOf(plan: ChargingPlan, window: { from: Date; until: Date; sessionStartedAt: Date }): { beginMs: number; endMs: number }[] {
  const lastsMs = plan.durationS === null ? Infinity : plan.durationS * 1_000;
  const statedMs = plan.startsAt === null ? null : Date.parse(plan.startsAt);
  if (plan.kind === 'Recurring' && plan.recurrency !== null && statedMs !== null) {
    const everyMs = periodOf[plan.recurrency];
    const first = Math.max(0, Math.floor((window.from.getTime() - statedMs) / everyMs));
    const beginnings: { beginMs: number; endMs: number }[] = [];
    for (let beginMs = statedMs + first * everyMs; beginMs < window.until.getTime(); beginMs += everyMs) beginnings.push({ beginMs, endMs: beginMs + Math.min(lastsMs, everyMs) });
    return beginnings;
  }
  // An absolute schedule that names no time begins with the session too (1.6, 7.13, startSchedule).
  const beginMs = plan.kind === 'Relative' || statedMs === null ? window.sessionStartedAt.getTime() : statedMs;
  return [{ beginMs, endMs: beginMs + lastsMs }];
}
