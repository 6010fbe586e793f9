import { createPlainVehicle, type Cancel, type ClockPort, type ConnectorStatus, type SimulatedHardware } from '@csms/edge';

/** One session that is to happen, at its real wall time. */
export interface PlannedSession {
  identity: string;
  connectorId: number;
  startAt: string;
  chargeEndAt: string;
  endAt: string;
  energyWh: number;
  idTag: string;
}

export interface Visit {
  connectorId: number;
  idTag: string;
  plugAtMs: number;
  unplugAtMs: number;
  powerW: number;
  needWh: number;
}

/**
 * What is left of a planned session at `nowMs`: all of it, the rest of it (the energy in proportion), or nothing.
 * The energy flows evenly from start to the end of charging, at no more than the connector can give. Pure.
 */
export function visitOf(session: PlannedSession, nowMs: number, powerMaxW: number): Visit | undefined {
  const startMs = Date.parse(session.startAt);
  const chargeEndMs = Math.max(startMs, Date.parse(session.chargeEndAt));
  const endMs = Math.max(chargeEndMs, Date.parse(session.endAt));
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs) || endMs <= nowMs) return undefined;
  const plugAtMs = Math.max(startMs, nowMs);
  const wholeMs = chargeEndMs - startMs;
  const leftMs = Math.max(0, chargeEndMs - plugAtMs);
  const needWh = wholeMs === 0 ? session.energyWh : (session.energyWh * leftMs) / wholeMs;
  const evenW = leftMs === 0 ? powerMaxW : (needWh * 3_600_000) / leftMs;
  return { connectorId: session.connectorId, idTag: session.idTag, plugAtMs, unplugAtMs: endMs, powerW: Math.min(evenW, powerMaxW), needWh };
}

const tapAgainFirstMs = 3_000;
const tapAgainMaxMs = 600_000;

/**
 * Plays the planned sessions of one station: plug in and hold the card at the start, pull the plug at the end. A driver
 * whose card did nothing (the station had no line yet) holds it again, after ever longer waits.
 */
export function playPlan(options: {
  sessions: PlannedSession[];
  hardware: SimulatedHardware;
  clock: ClockPort;
  powerMaxW: number;
  status: (connectorId: number) => ConnectorStatus;
}): Cancel {
  const { clock, hardware } = options;
  const timers = new Set<Cancel>();
  const visits = options.sessions
    .map((session) => visitOf(session, clock.nowMs(), options.powerMaxW))
    .filter((visit) => visit !== undefined)
    .sort((a, b) => a.plugAtMs - b.plugAtMs);

  function at(atMs: number, run: () => void): void {
    // A timer holds at most 24 days; a plan may lie further ahead. And a wall clock may be set.
    const waitMs = Math.min(atMs - clock.nowMs(), 3_600_000);
    const cancel = clock.schedule(Math.max(0, waitMs), () => {
      timers.delete(cancel);
      if (clock.nowMs() < atMs) at(atMs, run);
      else run();
    });
    timers.add(cancel);
  }

  function tap(visit: Visit, againMs: number): void {
    hardware.tap(visit.connectorId, visit.idTag);
    const nextMs = clock.nowMs() + againMs;
    if (nextMs >= visit.unplugAtMs) return;
    at(nextMs, () => {
      if (options.status(visit.connectorId) === 'Preparing') tap(visit, Math.min(2 * againMs, tapAgainMaxMs));
    });
  }

  for (const visit of visits) {
    at(visit.plugAtMs, () => {
      hardware.plug(visit.connectorId, createPlainVehicle({ powerW: visit.powerW, needWh: visit.needWh }));
      tap(visit, tapAgainFirstMs);
    });
    at(visit.unplugAtMs, () => hardware.unplug(visit.connectorId));
  }
  return () => {
    for (const cancel of timers) cancel();
    timers.clear();
  };
}
