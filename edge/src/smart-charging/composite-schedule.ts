import type { ChargingProfile, InstalledProfile, RateUnit } from './charging-profile.ts';

/** How amperes become watts at this charger: W = A x voltage x phases. */
export interface Supply { voltageV: number; phases: number }

/** What the limit of a connector is asked for. */
export interface CompositionContext {
  /** The running transaction, if there is one. */
  transaction?: { localId: string; startedAtMs: number };
  /** Where a schedule begins that begins with charging, while nobody charges. */
  fallbackStartMs: number;
  supply: Supply;
}

export interface Limit {
  limitW: number;
  /** Of the schedule that set the limit. */
  numberPhases?: number;
  /** Below this the vehicle had better not charge at all, in W. */
  minimumW?: number;
}

export interface LimitPeriod extends Limit { startMs: number }

const daySeconds = 86_400;

/**
 * The limit of one connector at one moment, by OCPP 1.6, 3.13: of each purpose the valid profile of the highest stack
 * level that says something now; TxProfile before TxDefaultProfile, on one level one of the connector itself before
 * one of connector 0, which is one of every connector; and never more than ChargePointMaxProfile.
 * @param connectorId 0 asks for ChargePointMaxProfile alone
 * @returns undefined where no profile limits anything
 */
export function limitAt(installed: readonly InstalledProfile[], connectorId: number, context: CompositionContext, atMs: number): Limit | undefined {
  const best = (purpose: ChargingProfile['chargingProfilePurpose'], ...places: number[]) => highest(places.flatMap((where) => installed.filter((one) =>
    one.profile.chargingProfilePurpose === purpose && one.connectorId === where && isOfTransaction(one, context))), context, atMs);
  const station = best('ChargePointMaxProfile', 0);
  if (connectorId === 0) return station;
  const ofTransaction = (context.transaction && best('TxProfile', connectorId)) ?? best('TxDefaultProfile', connectorId, 0);
  if (!ofTransaction || !station) return ofTransaction ?? station;
  return station.limitW < ofTransaction.limitW ? { ...station, minimumW: ofTransaction.minimumW } : ofTransaction;
}

/** The moments in (fromMs, toMs) at which the limit may change, rising. */
export function changesBetween(installed: readonly InstalledProfile[], context: CompositionContext, fromMs: number, toMs: number): number[] {
  const moments = new Set<number>();
  const add = (ms: number) => { if (ms > fromMs && ms < toMs) moments.add(ms); };
  for (const { profile, installedAtMs } of installed) {
    const { chargingSchedule: schedule } = profile;
    if (profile.validFrom !== undefined) add(profile.validFrom);
    if (profile.validTo !== undefined) add(profile.validTo);
    const offsets = [...schedule.chargingSchedulePeriod.map(({ startPeriod }) => startPeriod), ...(schedule.duration === undefined ? [] : [schedule.duration])];
    const startMs = startOf(profile, installedAtMs, context);
    const everyMs = recurrenceSeconds(profile) * 1_000;
    const firstMs = everyMs > 0 ? startMs + Math.max(0, Math.floor((fromMs - startMs) / everyMs)) * everyMs : startMs;
    for (let beginMs = firstMs; beginMs < toMs; beginMs += everyMs) {
      for (const offset of offsets) add(beginMs + offset * 1_000);
      if (everyMs === 0) break;
    }
  }
  return [...moments].sort((a, b) => a - b);
}

/**
 * The composite schedule from `fromMs` for `durationSeconds`, equal neighbours joined; `limitOf` says what holds at a
 * moment. Pure.
 */
export function composePeriods(moments: readonly number[], fromMs: number, limitOf: (atMs: number) => Limit): LimitPeriod[] {
  const periods: LimitPeriod[] = [];
  for (const startMs of [fromMs, ...moments]) {
    const limit = limitOf(startMs);
    const last = periods.at(-1);
    if (last && last.limitW === limit.limitW && last.numberPhases === limit.numberPhases) continue;
    periods.push({ startMs, ...limit });
  }
  return periods;
}

/** Watts in the unit that was asked for, rounded down to the tenth that OCPP allows. */
export function inUnit({ limitW, numberPhases }: Pick<Limit, 'limitW' | 'numberPhases'>, unit: RateUnit, supply: Supply): number {
  const value = unit === 'W' ? limitW : limitW / (supply.voltageV * Math.min(numberPhases ?? supply.phases, supply.phases));
  return Math.floor(value * 10 + 1e-6) / 10;
}

function highest(candidates: readonly InstalledProfile[], context: CompositionContext, atMs: number): Limit | undefined {
  for (const { profile, installedAtMs } of [...candidates].sort((a, b) => b.profile.stackLevel - a.profile.stackLevel)) {
    const limit = limitOfProfile(profile, startOf(profile, installedAtMs, context), context.supply, atMs);
    if (limit) return limit;
  }
  return undefined;
}

function isOfTransaction({ localId }: InstalledProfile, { transaction }: CompositionContext): boolean {
  return localId === undefined || localId === transaction?.localId;
}

/** What one profile says at a moment: nothing before it is valid, before its schedule begins and after that has ended. */
function limitOfProfile(profile: ChargingProfile, startMs: number, supply: Supply, atMs: number): Limit | undefined {
  if (profile.validFrom !== undefined && atMs < profile.validFrom) return undefined;
  if (profile.validTo !== undefined && atMs >= profile.validTo) return undefined;
  if (atMs < startMs) return undefined;
  const every = recurrenceSeconds(profile);
  const sinceStart = (atMs - startMs) / 1_000;
  const seconds = every > 0 ? sinceStart % every : sinceStart;
  const { duration, chargingSchedulePeriod, chargingRateUnit, minChargingRate } = profile.chargingSchedule;
  if (duration !== undefined && seconds >= duration) return undefined;
  const period = chargingSchedulePeriod.findLast(({ startPeriod }) => startPeriod <= seconds);
  if (!period) return undefined;
  const factor = chargingRateUnit === 'W' ? 1 : supply.voltageV * Math.min(period.numberPhases ?? supply.phases, supply.phases);
  return { limitW: period.limit * factor, numberPhases: period.numberPhases, ...(minChargingRate !== undefined && { minimumW: minChargingRate * factor }) };
}

/** A schedule without a start of its own begins with charging (7.13); one of the station, when it was installed. */
function startOf(profile: ChargingProfile, installedAtMs: number, context: CompositionContext): number {
  const { startSchedule } = profile.chargingSchedule;
  if (startSchedule !== undefined && profile.chargingProfileKind !== 'Relative') return startSchedule;
  if (profile.chargingProfilePurpose === 'ChargePointMaxProfile') return installedAtMs;
  return context.transaction?.startedAtMs ?? context.fallbackStartMs;
}

function recurrenceSeconds({ chargingProfileKind, recurrencyKind }: ChargingProfile): number {
  if (chargingProfileKind !== 'Recurring') return 0;
  return recurrencyKind === 'Weekly' ? 7 * daySeconds : daySeconds;
}
