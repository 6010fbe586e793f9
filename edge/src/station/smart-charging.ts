import { z } from 'zod';
import type { ClockPort, LimitPort } from '../ports.ts';
import type { RecordQueue } from '../queue/record-queue.ts';
import { faultOf, InstalledProfile, type ChargingProfile, type RateUnit } from '../smart-charging/charging-profile.ts';
import { changesBetween, composePeriods, inUnit, limitAt, type CompositionContext, type Limit } from '../smart-charging/composite-schedule.ts';
import { withoutProfiles, withProfile, type ProfileFilter } from '../smart-charging/profile-set.ts';
import { shareLimit } from '../smart-charging/shared-limit.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import type { Configuration } from './configuration.ts';
import type { ConnectorRuntime, ConnectorRuntimes, Dispatch } from './connector-runtime.ts';

export interface SmartChargingParts {
  kept: KeptValues;
  runtimes: ConnectorRuntimes;
  configuration: Pick<Configuration, 'integer' | 'text'>;
  queue: Pick<RecordQueue, 'transactionIdOf'>;
  clock: Pick<ClockPort, 'nowMs'>;
  /** Missing where the hardware cannot limit anything. */
  limit: LimitPort | undefined;
  dispatch: Dispatch;
}

/** A composite schedule as it is told: limits in the unit asked for, periods in seconds from the start. */
export interface ComposedSchedule {
  startMs: number;
  durationSeconds: number;
  unit: RateUnit;
  periods: { startPeriod: number; limit: number; numberPhases?: number }[];
  minChargingRate?: number;
}

export interface SmartCharging {
  set(connectorId: number, profile: ChargingProfile): 'Accepted' | 'Rejected' | 'NotSupported';
  /** False when nothing matched. */
  clear(filter: ProfileFilter): boolean;
  compositeSchedule(connectorId: number, durationSeconds: number, unit: RateUnit | undefined): ComposedSchedule | undefined;
  /** A profile that came with a remote start: it holds for the transaction that this card begins here. False when it cannot. */
  expect(connectorId: number, idToken: string, profile: ChargingProfile): boolean;
  begun(runtime: ConnectorRuntime, idToken: string): void;
  ended(localId: string): void;
  /** Gives the limits of this moment to the hardware; a limit under which nobody can charge suspends (SuspendedEVSE). */
  apply(): void;
}

const keptName = 'chargingProfiles';
const scheduleSecondsMax = 7 * 86_400;
/** Less than this is nothing, in W. */
const negligibleW = 1;

/** Smart charging of OCPP 1.6 (3.13): profiles that are kept, composed and really held to. */
export function createSmartCharging({ kept, runtimes, configuration, queue, clock, limit, dispatch }: SmartChargingParts): SmartCharging {
  // Transactions end with a power loss, and their profiles with them.
  let installed = (kept.read(keptName, z.array(InstalledProfile)) ?? []).filter(({ localId }) => localId === undefined);
  const expected = new Map<number, { idToken: string; profile: ChargingProfile }>();
  const suspended = new Set<number>();
  let isLimited = false;

  function keep(next: InstalledProfile[]): void {
    installed = next;
    kept.write(keptName, installed);
    setLimits();
  }

  function bounds() {
    return {
      stackLevelMax: configuration.integer('ChargeProfileMaxStackLevel'),
      periodsMax: configuration.integer('ChargingScheduleMaxPeriods'),
      units: configuration.text('ChargingScheduleAllowedChargingRateUnit').split(',').flatMap((word): RateUnit[] => (word === 'Power' ? ['W'] : word === 'Current' ? ['A'] : [])),
    };
  }

  function contextOf(connectorId: number, port: LimitPort): CompositionContext {
    const transaction = runtimes.get(connectorId)?.transaction;
    return {
      fallbackStartMs: clock.nowMs(),
      supply: port.supply(Math.max(1, connectorId)),
      ...(transaction && { transaction: { localId: transaction.localId, startedAtMs: Date.parse(transaction.startedAt) } }),
    };
  }

  const maximumW = (connectorId: number, port: LimitPort): number =>
    connectorId === 0 ? [...runtimes.keys()].reduce((sum, id) => sum + port.maxW(id), 0) : port.maxW(connectorId);

  /** What each connector may draw now; nothing where no transaction runs. */
  function limitsNow(port: LimitPort): Map<number, Limit> {
    const nowMs = clock.nowMs();
    const charging = [...runtimes.values()].filter(({ transaction }) => transaction);
    const ofTransactions = installed.filter(({ profile }) => profile.chargingProfilePurpose !== 'ChargePointMaxProfile');
    const own = charging.map(({ connector: { connectorId } }) => {
      const found = limitAt(ofTransactions, connectorId, contextOf(connectorId, port), nowMs);
      return { limitW: Math.min(port.maxW(connectorId), found?.limitW ?? Infinity), minimumW: found?.minimumW };
    });
    const whole = limitAt(installed, 0, contextOf(0, port), nowMs)?.limitW ?? Infinity;
    const shares = shareLimit(own.map(({ limitW }) => limitW), whole);
    return new Map(charging.map(({ connector }, index) => [connector.connectorId, { limitW: shares[index] ?? 0, minimumW: own[index]?.minimumW }]));
  }

  function setLimits(): Map<number, Limit> | undefined {
    if (!limit || (installed.length === 0 && !isLimited)) return undefined;
    isLimited = installed.length > 0;
    const limits = limitsNow(limit);
    for (const connectorId of runtimes.keys()) limit.set(connectorId, isLimited ? limits.get(connectorId)?.limitW ?? null : null);
    return limits;
  }

  function canHold(added: InstalledProfile): boolean {
    return faultOf(added.profile, bounds()) === undefined && withProfile(installed, added).length <= configuration.integer('MaxChargingProfilesInstalled');
  }

  return {
    set(connectorId, profile) {
      if (!limit) return 'NotSupported';
      const runtime = runtimes.get(connectorId);
      if (connectorId !== 0 && !runtime) return 'Rejected';
      const added: InstalledProfile = { connectorId, profile, installedAtMs: clock.nowMs() };
      if (profile.chargingProfilePurpose === 'ChargePointMaxProfile' && connectorId !== 0) return 'Rejected';
      if (profile.chargingProfilePurpose === 'TxProfile') {
        const transaction = runtime?.transaction;
        if (!transaction) return 'Rejected';
        if (profile.transactionId !== undefined && profile.transactionId !== queue.transactionIdOf(transaction.localId)) return 'Rejected';
        added.localId = transaction.localId;
      }
      if (!canHold(added)) return 'Rejected';
      keep(withProfile(installed, added));
      return 'Accepted';
    },
    clear(filter) {
      const left = withoutProfiles(installed, filter);
      if (left.length === installed.length) return false;
      keep(left);
      return true;
    },
    compositeSchedule(connectorId, durationSeconds, asked) {
      if (!limit || (connectorId !== 0 && !runtimes.has(connectorId)) || durationSeconds < 1) return undefined;
      const unit = asked ?? bounds().units[0] ?? 'W';
      const seconds = Math.min(durationSeconds, scheduleSecondsMax);
      const startMs = Math.floor(clock.nowMs() / 1_000) * 1_000;
      const context = { ...contextOf(connectorId, limit), fallbackStartMs: startMs };
      const most = maximumW(connectorId, limit);
      const moments = changesBetween(installed, context, startMs, startMs + seconds * 1_000);
      const periods = composePeriods(moments, startMs, (atMs) => {
        // Within the second in which charging began or a profile came, both have already happened.
        const found = limitAt(installed, connectorId, context, atMs === startMs ? clock.nowMs() : atMs);
        return found && found.limitW < most ? found : { limitW: most, minimumW: found?.minimumW };
      });
      const minimumW = periods[0]?.minimumW;
      return {
        startMs, durationSeconds: seconds, unit,
        periods: periods.slice(0, configuration.integer('ChargingScheduleMaxPeriods')).map((period) => ({
          startPeriod: Math.max(0, Math.round((period.startMs - startMs) / 1_000)), limit: inUnit(period, unit, context.supply),
          ...(period.numberPhases !== undefined && { numberPhases: period.numberPhases }),
        })),
        ...(minimumW !== undefined && { minChargingRate: inUnit({ limitW: minimumW, numberPhases: periods[0]?.numberPhases }, unit, context.supply) }),
      };
    },
    expect(connectorId, idToken, profile) {
      if (!limit || profile.chargingProfilePurpose !== 'TxProfile' || !canHold({ connectorId, profile, installedAtMs: 0, localId: '' })) return false;
      expected.set(connectorId, { idToken, profile });
      return true;
    },
    begun({ connector: { connectorId }, transaction }, idToken) {
      const waiting = expected.get(connectorId);
      expected.delete(connectorId);
      suspended.delete(connectorId);
      if (transaction && waiting?.idToken === idToken) {
        keep(withProfile(installed, { connectorId, profile: waiting.profile, installedAtMs: clock.nowMs(), localId: transaction.localId }));
      } else {
        setLimits();
      }
    },
    ended(localId) {
      if (installed.some((one) => one.localId === localId)) keep(installed.filter((one) => one.localId !== localId));
    },
    apply() {
      const limits = setLimits();
      for (const connectorId of runtimes.keys()) {
        const now = limits?.get(connectorId);
        const isTooLittle = now !== undefined && now.limitW < Math.max(negligibleW, now.minimumW ?? 0);
        if (isTooLittle && !suspended.has(connectorId)) {
          suspended.add(connectorId);
          dispatch(connectorId, { kind: 'supplyPaused' });
        } else if (!isTooLittle && suspended.delete(connectorId)) {
          dispatch(connectorId, { kind: 'supplyResumed' });
        }
      }
    },
  };
}
