import type { AuthorizationStatus } from '../authorization/token.ts';
import type { FactSource } from '../station/station.ts';
import { speaksOfNow } from '../station/connector-status.ts';
import { readableRegister } from '../meter/readable.ts';
import { clockIsBelieved, sessionTime } from './session-time.ts';
import { close, newSession, withFlag, type SessionState, type Transition } from './session-state.ts';
import type { StartFact, StopFact } from './session.ts';

/** A start that is already on the books: same connector, card, time and register, whatever its message id and however late (G-01, I-2). */
export function isSameStart(session: SessionState, fact: StartFact): boolean {
  return session.connectorId === fact.connectorId && session.tokenUid === fact.tokenUid
    && statedStart(session).getTime() === fact.startedAt.getTime() && session.meterStartWh === readableRegister(fact.meterStartWh);
}

/** The start as the charger's clock had it: part of the natural key, whatever that clock was worth. */
const statedStart = (session: SessionState): Date => session.statedStartedAt ?? session.startedAt;

/** A new session of a 1.6 start. The charger's own time stays, however old (G-10), unless its clock is wrong (G-13); an unaccepted card is stored all the same (G-06). */
export function startSession(given: { id: string; transactionRef: string; tokenId: string | null; authorization: AuthorizationStatus }, source: FactSource, fact: StartFact): SessionState {
  const startedAt = sessionTime(fact.startedAt, source.receivedAt);
  const meterStartWh = readableRegister(fact.meterStartWh);
  let session = newSession({
    id: given.id, stationId: source.stationId, evseId: fact.evseId, connectorId: fact.connectorId, transactionRef: given.transactionRef, ocppVersion: source.ocppVersion,
    tokenUid: fact.tokenUid, tokenId: given.tokenId, authorizationStatus: given.authorization, startedAt, startReceivedAt: source.receivedAt,
    statedStartedAt: startedAt === fact.startedAt ? null : fact.startedAt,
    meterStartWh, meterStartAt: meterStartWh === null ? null : startedAt, lastRegisterWh: meterStartWh, lastRegisterAt: meterStartWh === null ? null : startedAt, energyWh: 0,
  });
  if (startedAt !== fact.startedAt) session = withFlag(session, 'clock-wrong');
  if (meterStartWh === null) session = withFlag(session, 'unreadable-register');
  if (!speaksOfNow(startedAt, source.receivedAt)) session = withFlag(session, 'offline-start');
  if (fact.authorizedWithoutBooks) session = withFlag(session, 'offline-authorized');
  if (given.authorization === 'Invalid') session = withFlag(session, 'unknown-token');
  else if (given.authorization !== 'Accepted') session = withFlag(session, 'token-not-accepted');
  return session;
}

/** True when a start on this connector proves that the stop of `open` was lost (G-12). An older, late start proves nothing. */
export function provesLostStop(open: SessionState, start: { evseId: number; connectorId: number | null; startedAt: Date; sessionId: string }): boolean {
  return open.state === 'active' && open.id !== start.sessionId && open.evseId === start.evseId
    && (open.connectorId === null || start.connectorId === null || open.connectorId === start.connectorId) && sessionTime(open.startedAt, open.startReceivedAt) <= start.startedAt;
}

/** Closes a session whose stop was lost, with the last register that is known; its bill stays provisional (DESIGN: Session). */
export function closeLostStop(session: SessionState, receivedAt: Date): SessionState {
  return withFlag(close(session, {
    state: 'lost-stop', endedAt: sessionTime(session.lastReadingAt ?? session.startedAt, receivedAt), endReceivedAt: receivedAt,
    meterStopWh: session.lastRegisterWh ?? session.meterStartWh, stopReason: 'LostStop', stopTokenUid: null,
  }), 'lost-stop');
}

/**
 * A 1.6 stop. First stop wins (G-08): a repeated one changes nothing, one with other values is evidence and a flag (I-3). The stop of a session that
 * was closed as lost ends it properly, unless its bill is final by now.
 */
export function applyStop(session: SessionState, source: FactSource, fact: StopFact, billIsFinal: boolean): Transition {
  const saidWh = readableRegister(fact.meterStopWh);
  if (session.state === 'ended' || (session.state === 'lost-stop' && billIsFinal)) {
    const sameRegister = saidWh === null ? session.flags.includes('unreadable-register') : session.meterStopWh === saidWh;
    const same = (session.statedEndedAt ?? session.endedAt)?.getTime() === fact.endedAt.getTime() && sameRegister;
    if (same) return { session, verdict: 'duplicate', detail: 'this stop is on the books already' };
    const said = `meterStop ${fact.meterStopWh} Wh at ${fact.endedAt.toISOString()}`;
    return { session: withFlag(session, 'conflicting-stop'), verdict: 'conflict', detail: `a second stop says ${said}; the first one stands at ${session.meterStopWh} Wh` };
  }
  // Closing as lost counted the idle time to its own end already; what came after that is not known, so it is not counted again.
  const late = session.state === 'lost-stop';
  const believed = clockIsBelieved(fact.endedAt, source.receivedAt);
  const endedAt = sessionTime(fact.endedAt, source.receivedAt);
  const meterStopWh = saidWh ?? session.lastRegisterWh;
  let ended = close({ ...session, statedEndedAt: believed ? null : fact.endedAt, lastRegisterWh: meterStopWh, lastRegisterAt: saidWh === null ? session.lastRegisterAt : endedAt }, {
    state: 'ended', endedAt, endReceivedAt: source.receivedAt, meterStopWh, stopReason: fact.reason, stopTokenUid: fact.tokenUid,
  });
  if (!believed) ended = withFlag(ended, 'clock-wrong');
  if (saidWh === null) ended = withFlag(ended, 'unreadable-register');
  return { session: late ? withFlag(ended, 'late-stop') : ended, verdict: late ? 'late' : 'applied', detail: `${late ? 'a late stop settled the session: ' : 'ended: '}${ended.energyWh} Wh${saidWh === null ? '; its own register cannot be read, the last sane one counts' : ''}` };
}

/** An orphan stop that can only belong to this start: same card, no earlier time or register, and not a week away (G-11). */
export function isStopOfStart(session: SessionState, orphan: { tokenUid: string | null; endedAt: Date; meterStopWh: number | null }): boolean {
  // Both by the charger's clock: where that is wrong, it is wrong for both.
  const lastsMs = orphan.endedAt.getTime() - statedStart(session).getTime();
  return session.state === 'active' && orphan.tokenUid !== null && session.tokenUid !== null && orphan.tokenUid.toLowerCase() === session.tokenUid.toLowerCase()
    && lastsMs >= 0 && lastsMs < 7 * 86_400_000 && orphan.meterStopWh !== null && session.meterStartWh !== null && orphan.meterStopWh >= session.meterStartWh;
}
