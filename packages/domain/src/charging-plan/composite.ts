import type { ChargingPlan, PlanPurpose } from '@csms/contracts/commands/charging-plan';
import { spansOf, type Span } from './schedule-spans.ts';

/** A plan where it is installed. `sessionStartedAt`: since when the session of its EVSE runs, for schedules that begin with it. */
export interface InstalledPlan { evseId: number; plan: ChargingPlan }

export interface CompositeRequest {
  /** 0: the station's connection to the grid. */
  evseId: number;
  from: Date;
  durationS: number;
  unit: 'A' | 'W';
  /** Since when a session runs on this EVSE and as which transaction; null: none, and schedules that begin with a session are shown as if one began now. */
  session: { startedAt: Date; transactionRef: string } | null;
}

/** From `startS` seconds after the beginning at most `limit`; null: nothing limits it. */
export interface CompositePeriod { startS: number; limit: number | null }

/** Where amperes and watts meet: volts between phase and neutral, and phases where a period names none (1.6, 7.14: three). */
const nominalV = 230;
const phasesAssumed = 3;

/**
 * The schedule that follows from the plans of a station, by the rules of 1.6 (3.13): within one purpose the highest stack level that says something at
 * that moment; a session's own plan before the default one; of what is left and the station's maximum the lower. A default plan of this very EVSE
 * goes before one of all EVSEs on the same level. Periods are whole seconds from `from`, neighbours with the same limit are one.
 */
export function compositeSchedule(installed: readonly InstalledPlan[], request: CompositeRequest): CompositePeriod[] {
  const until = new Date(request.from.getTime() + request.durationS * 1_000);
  const relevant = installed.filter(({ evseId, plan }) => concerns(plan, evseId, request));
  const candidates = relevant.map((each) => ({ ...each, spans: spansOf(each.plan, { from: request.from, until, sessionStartedAt: request.session?.startedAt ?? request.from }) }));
  const edges = new Set([request.from.getTime(), ...candidates.flatMap(({ spans }) => spans.flatMap((span) => [span.fromMs, span.untilMs]))]);
  const moments = [...edges].filter((ms) => ms >= request.from.getTime() && ms < until.getTime()).sort((a, b) => a - b);

  const limitOf = (purpose: PlanPurpose, ms: number): number | null => {
    const saying = candidates.flatMap(({ plan, evseId, spans }) => {
      const span = plan.purpose === purpose ? spans.find((each) => each.fromMs <= ms && ms < each.untilMs) : undefined;
      return span === undefined ? [] : [{ stackLevel: plan.stackLevel, evseId, limit: inUnit(span, plan.unit, request.unit) }];
    });
    return saying.sort((a, b) => b.stackLevel - a.stackLevel || b.evseId - a.evseId)[0]?.limit ?? null;
  };

  const periods: CompositePeriod[] = [];
  for (const ms of moments) {
    const ofSession = limitOf('session', ms) ?? limitOf('session-default', ms);
    const limits = [limitOf('station-max', ms), ofSession].filter((limit) => limit !== null);
    const limit = limits.length === 0 ? null : Math.min(...limits);
    if (periods.length === 0 || periods.at(-1)!.limit !== limit) periods.push({ startS: Math.round((ms - request.from.getTime()) / 1_000), limit });
  }
  return periods;
}

function concerns(plan: ChargingPlan, evseId: number, request: CompositeRequest): boolean {
  switch (plan.purpose) {
    case 'station-max': return true;
    case 'session-default': return request.evseId !== 0 && (evseId === 0 || evseId === request.evseId);
    case 'session': return request.evseId !== 0 && evseId === request.evseId && request.session !== null && (plan.transactionRef === null || plan.transactionRef === request.session.transactionRef);
  }
}

function inUnit(span: Span, has: 'A' | 'W', wants: 'A' | 'W'): number {
  if (has === wants) return span.limit;
  const wattsPerAmpere = nominalV * (span.numberPhases ?? phasesAssumed);
  return wants === 'W' ? span.limit * wattsPerAmpere : span.limit / wattsPerAmpere;
}
