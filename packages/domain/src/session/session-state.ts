import type { AuthorizationStatus } from '../authorization/token.ts';
import { energyBetween } from '../meter/energy.ts';
import { hasUnreadableRegister } from '../meter/readable.ts';
import type { Reading } from '../meter/reading.ts';
import { clockIsBelieved, sessionTime } from './session-time.ts';

export type SessionFlag =
  | 'negative-energy' | 'offline-start' | 'offline-events' | 'unknown-token' | 'token-not-accepted' | 'lost-stop' | 'late-stop' | 'conflicting-stop'
  | 'stop-before-start' | 'seq-gap' | 'seq-restart' | 'start-missing' | 'time-reversed' | 'no-tariff' | 'no-register'
  | 'clock-wrong' | 'unreadable-register' | 'unpriceable' | 'offline-authorized';

/** One charging by one vehicle, as the books keep it. Old state + fact -> new state: every rule beside this file returns a new object. */
export interface SessionState {
  id: string;
  stationId: string;
  evseId: number;
  connectorId: number | null;
  transactionRef: string;
  ocppVersion: string;
  tokenUid: string | null;
  tokenId: string | null;
  authorizationStatus: AuthorizationStatus;
  remoteStartId: string | null;
  startedAt: Date;
  startReceivedAt: Date;
  /** What a 1.6 charger said where its clock was wrong, so that a repetition is known; null where `startedAt` is its word. */
  statedStartedAt: Date | null;
  meterStartWh: number | null;
  meterStartAt: Date | null;
  endedAt: Date | null;
  endReceivedAt: Date | null;
  /** Likewise of the stop. */
  statedEndedAt: Date | null;
  meterStopWh: number | null;
  stopReason: string | null;
  stopTokenUid: string | null;
  state: 'active' | 'ended' | 'lost-stop';
  energyWh: number | null;
  chargingEndedAt: Date | null;
  idleSince: Date | null;
  idleSeconds: number;
  lastRegisterWh: number | null;
  lastRegisterAt: Date | null;
  lastPowerW: number | null;
  lastSocPct: number | null;
  lastReadingAt: Date | null;
  chargingState: string | null;
  chargingStateAt: Date | null;
  lastSeqNo: number | null;
  flags: string[];
}

export type Verdict = 'applied' | 'duplicate' | 'late' | 'orphan' | 'conflict';

/** What a fact did to a session, and why, in words for `session explain`. */
export interface Transition {
  session: SessionState;
  verdict: Verdict;
  detail: string;
}

export function withFlag(session: SessionState, flag: SessionFlag): SessionState {
  return session.flags.includes(flag) ? session : { ...session, flags: [...session.flags, flag].sort() };
}

export function withoutFlag(session: SessionState, flag: SessionFlag): SessionState {
  return session.flags.includes(flag) ? { ...session, flags: session.flags.filter((one) => one !== flag) } : session;
}

export function newSession(given: Pick<SessionState, 'id' | 'stationId' | 'evseId' | 'connectorId' | 'transactionRef' | 'ocppVersion' | 'startedAt' | 'startReceivedAt'> & Partial<SessionState>): SessionState {
  return {
    tokenUid: null, tokenId: null, authorizationStatus: 'Accepted', remoteStartId: null, meterStartWh: null, meterStartAt: null, statedStartedAt: null, endedAt: null, endReceivedAt: null, statedEndedAt: null,
    meterStopWh: null, stopReason: null, stopTokenUid: null, state: 'active', energyWh: null, chargingEndedAt: null, idleSince: null, idleSeconds: 0,
    lastRegisterWh: null, lastRegisterAt: null, lastPowerW: null, lastSocPct: null, lastReadingAt: null, chargingState: null, chargingStateAt: null,
    lastSeqNo: null, flags: [], ...given,
  };
}

/**
 * A reading of a running session: register, power and state of charge of the newest timestamp win, whatever the order of arrival (I-7, I-8).
 * A reading of a session that is over changes nothing and is evidence (`late`).
 */
export function applyReading(session: SessionState, reading: Reading, receivedAt: Date): Transition {
  if (session.state !== 'active') return { session, verdict: 'late', detail: `reading of ${reading.at.toISOString()} came after the session was closed; energy unchanged` };
  return { session: withRunningEnergy(takeValues(session, reading, receivedAt)), verdict: 'applied', detail: 'reading stored' };
}

/**
 * The registers, power and charge that a reading carries; which session states may be touched is the caller's rule. A reading whose clock is wrong
 * counts at its receipt (G-13), and its register only where it is not below the last one: it may have waited for long.
 */
export function takeValues(session: SessionState, reading: Reading, receivedAt: Date): SessionState {
  const at = sessionTime(reading.at, receivedAt);
  let next = hasUnreadableRegister(reading) ? withFlag(session, 'unreadable-register') : session;
  const believed = clockIsBelieved(reading.at, receivedAt);
  if (!believed) next = withFlag(next, 'clock-wrong');
  if (reading.registerWh !== null && (believed || next.lastRegisterWh === null || reading.registerWh >= next.lastRegisterWh)) {
    if (next.lastRegisterAt === null || later(at, reading.registerWh, next.lastRegisterAt, next.lastRegisterWh)) {
      next = { ...next, lastRegisterWh: reading.registerWh, lastRegisterAt: at };
    }
    // 1.6 gives the first register in its start; 2.x leaves it to the earliest reading.
    if (next.ocppVersion !== 'ocpp1.6' && (next.meterStartAt === null || earlier(at, reading.registerWh, next.meterStartAt, next.meterStartWh))) {
      next = { ...next, meterStartWh: reading.registerWh, meterStartAt: at };
    }
  }
  if (next.lastReadingAt === null || at >= next.lastReadingAt) {
    next = { ...next, lastReadingAt: at, lastPowerW: reading.powerW ?? next.lastPowerW, lastSocPct: reading.socPct ?? next.lastSocPct };
  }
  return next;
}

/** At one instant the larger register is the later one, so that the order of arrival decides nothing. */
function later(at: Date, wh: number, thanAt: Date, thanWh: number | null): boolean {
  return at > thanAt || (at.getTime() === thanAt.getTime() && wh > (thanWh ?? -Infinity));
}

function earlier(at: Date, wh: number, thanAt: Date, thanWh: number | null): boolean {
  return at < thanAt || (at.getTime() === thanAt.getTime() && wh < (thanWh ?? Infinity));
}

/** Energy so far; a register that runs backwards shows nothing new until the end decides (and flags) it. */
function withRunningEnergy(session: SessionState): SessionState {
  if (session.meterStartWh === null || session.lastRegisterWh === null) return session;
  const { energyWh, negative } = energyBetween(session.meterStartWh, session.lastRegisterWh);
  return negative ? session : { ...session, energyWh };
}

/** Closes the books of a session: energy from its registers, idle time to its end, flags where something is wrong. */
export function close(session: SessionState, end: { state: 'ended' | 'lost-stop'; endedAt: Date; endReceivedAt: Date; meterStopWh: number | null; stopReason: string; stopTokenUid: string | null }): SessionState {
  const measured = session.meterStartWh !== null && end.meterStopWh !== null;
  const { energyWh, negative } = measured ? energyBetween(session.meterStartWh!, end.meterStopWh!) : { energyWh: 0, negative: false };
  // Nobody is billed for an idle time that has not passed yet.
  const idleUntil = end.endedAt < end.endReceivedAt ? end.endedAt : end.endReceivedAt;
  let next: SessionState = {
    ...session, ...end, energyWh, lastPowerW: 0,
    idleSeconds: Math.min(idleSecondsMax, session.idleSeconds + (session.idleSince === null ? 0 : secondsBetween(session.idleSince, idleUntil))),
    chargingEndedAt: session.chargingEndedAt ?? end.endedAt, idleSince: null,
  };
  next = negative ? withFlag(next, 'negative-energy') : withoutFlag(next, 'negative-energy');
  next = measured ? withoutFlag(next, 'no-register') : withFlag(next, 'no-register');
  return end.endedAt < session.startedAt ? withFlag(next, 'time-reversed') : next;
}

/** What the books can hold (int4). */
const idleSecondsMax = 2 ** 31 - 1;

export function secondsBetween(from: Date, until: Date): number {
  return Math.max(0, Math.round((until.getTime() - from.getTime()) / 1000));
}
