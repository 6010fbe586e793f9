import type { ChargingPlan } from '@csms/contracts/commands/charging-plan';

/** What a station can take of charging profiles, from its configuration (1.6, 9.4); null: it has not said. */
export interface PlanLimits {
  /** ChargeProfileMaxStackLevel. */
  stackLevelMax: number | null;
  /** ChargingScheduleAllowedChargingRateUnit. */
  units: readonly ('A' | 'W')[] | null;
  /** ChargingScheduleMaxPeriods. */
  periodsMax: number | null;
  /** MaxChargingProfilesInstalled. */
  installedMax: number | null;
}

/** A field of the request and what is wrong with it, in words. */
export interface PlanFault { path: string; message: string }

const recurrenceS = { Daily: 86_400, Weekly: 7 * 86_400 } as const;

/**
 * Why a station would refuse a plan, or could not follow it; empty where nothing is wrong. `installed`: how many it keeps already that this one does not
 * replace. Rules of 1.6: 3.13.1 (purposes), 5.16 (connector 0), 7.8 to 7.14 (fields).
 */
export function checkPlan(plan: ChargingPlan, evseId: number, limits: PlanLimits, installed: number): PlanFault[] {
  const faults: PlanFault[] = [];
  const fault = (path: string, message: string): void => void faults.push({ path, message });

  if (plan.purpose === 'station-max' && evseId !== 0) fault('evseId', 'the maximum of a station is set for the whole of it: 0');
  if (plan.purpose === 'station-max' && plan.kind === 'Relative') fault('kind', 'the maximum of a station belongs to no session, so nothing can be relative to one');
  if (plan.purpose === 'session' && evseId === 0) fault('evseId', 'a session runs on an EVSE from 1 on');

  if (plan.kind === 'Recurring' && plan.recurrency === null) fault('recurrency', 'a recurring plan is daily or weekly');
  if (plan.kind !== 'Recurring' && plan.recurrency !== null) fault('recurrency', 'only a recurring plan has one');
  if (plan.kind === 'Relative' ? plan.startsAt !== null : plan.startsAt === null) fault('startsAt', plan.kind === 'Relative' ? 'a relative plan begins with the session' : 'a plan that is not relative needs its beginning');
  if (plan.validFrom !== null && plan.validTo !== null && Date.parse(plan.validTo) <= Date.parse(plan.validFrom)) fault('validTo', 'must be after validFrom');

  if (plan.periods[0]?.startS !== 0) fault('periods', 'the first period begins at 0');
  if (plan.periods.some((period, index) => index > 0 && period.startS <= plan.periods[index - 1]!.startS)) fault('periods', 'each period begins after the one before it');
  const lastsS = Math.min(plan.durationS ?? Infinity, plan.recurrency === null ? Infinity : recurrenceS[plan.recurrency]);
  if ((plan.periods.at(-1)?.startS ?? 0) >= lastsS) fault('periods', `the last period begins when the schedule is over, after ${lastsS} s`);
  if ([plan.minRate, ...plan.periods.map((period) => period.limit)].some((limit) => limit !== null && !hasOneDecimal(limit))) fault('periods', 'limits have at most one decimal');

  if (limits.stackLevelMax !== null && plan.stackLevel > limits.stackLevelMax) fault('stackLevel', `the station knows levels up to ${limits.stackLevelMax} (ChargeProfileMaxStackLevel)`);
  if (limits.units !== null && !limits.units.includes(plan.unit)) fault('unit', `the station takes ${limits.units.join(' and ') || 'no unit'} (ChargingScheduleAllowedChargingRateUnit)`);
  if (limits.periodsMax !== null && plan.periods.length > limits.periodsMax) fault('periods', `the station takes ${limits.periodsMax} periods (ChargingScheduleMaxPeriods)`);
  if (limits.installedMax !== null && installed >= limits.installedMax) fault('purpose', `the station keeps ${limits.installedMax} plans (MaxChargingProfilesInstalled): clear one first`);
  return faults;
}

/** 1.6, 7.14: a limit has at most one digit of fraction. */
function hasOneDecimal(value: number): boolean {
  return Math.abs(value * 10 - Math.round(value * 10)) < 1e-6 * Math.max(1, Math.abs(value));
}

/** True where a station, or the books, take `next` for the successor of `known` (1.6, 3.13.2): same purpose and stack level in the same place. */
export function replaces(next: { evseId: number; purpose: string; stackLevel: number }, known: { evseId: number; purpose: string; stackLevel: number }): boolean {
  return next.purpose === known.purpose && next.stackLevel === known.stackLevel && next.evseId === known.evseId;
}
