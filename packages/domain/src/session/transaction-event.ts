import type { AuthorizationStatus } from '../authorization/token.ts';
import type { FactSource } from '../station/station.ts';
import { applyChargingState, idleFromStates } from './idle.ts';
import { clockIsBelieved, sessionTime } from './session-time.ts';
import { close, newSession, takeValues, withFlag, withoutFlag, type SessionState, type Transition } from './session-state.ts';
import type { TransactionEventFact } from './session.ts';

/** An event of the same transaction that is on the books; `at` is the charger's own time, right or wrong. */
export interface SeenEvent { seqNo: number; at: Date; receivedAt: Date; kind: TransactionEventFact['kind']; chargingState: string | null }

export interface EventContext {
  /** Used when this event is the first of its transaction to arrive, whatever its kind (G-40). */
  newId: string;
  source: FactSource;
  tokenId: string | null;
  /** Null where the event named no card. */
  authorization: AuthorizationStatus | null;
  /** All events of the transaction that were applied, in any order; only asked for where the event does not simply follow the last one. */
  seen: readonly SeenEvent[];
}

/** True when the event is the next one of a running session, so that nothing else has to be looked at. */
export function followsDirectly(session: SessionState, fact: Pick<TransactionEventFact, 'seqNo'>): boolean {
  return session.state === 'active' && session.lastSeqNo !== null && fact.seqNo === session.lastSeqNo + 1;
}

/**
 * A 2.x TransactionEvent (G-40): keyed by (station, transaction, seqNo); the same seqNo at another time is one after a reboot. Any order of arrival
 * gives the same session (I-7): first and last register by their time, idle time by the events' order, the end by Ended.
 */
export function applyTransactionEvent(session: SessionState | null, fact: TransactionEventFact, context: EventContext): Transition {
  if (session !== null && context.seen.some((one) => one.seqNo === fact.seqNo && one.at.getTime() === fact.at.getTime())) {
    return { session, verdict: 'duplicate', detail: `seqNo ${fact.seqNo} is on the books already` };
  }
  const restarted = context.seen.some((one) => one.seqNo === fact.seqNo);
  const { receivedAt } = context.source;
  const at = sessionTime(fact.at, receivedAt);
  const end = context.seen.find((one) => one.kind === 'Ended');
  if (session !== null && session.state === 'ended' && end !== undefined) {
    if (fact.kind === 'Ended') {
      return { session: withFlag(session, 'conflicting-stop'), verdict: 'conflict', detail: `a second end at ${fact.at.toISOString()}; the first one stands` };
    }
    if (at > sessionTime(end.at, end.receivedAt) && (restarted || fact.seqNo > end.seqNo)) {
      return { session, verdict: 'late', detail: 'came after the end of the transaction; energy unchanged' };
    }
  }
  const inOrder = session === null || followsDirectly(session, fact);
  let next = session ?? newSession({
    id: context.newId, stationId: context.source.stationId, evseId: fact.evseId ?? 0, connectorId: fact.connectorId, transactionRef: fact.transactionRef,
    ocppVersion: context.source.ocppVersion, startedAt: at, startReceivedAt: receivedAt, flags: ['start-missing'],
  });
  // A lost stop that turns out not to be lost: the charger still speaks of this transaction.
  if (next.state === 'lost-stop') next = withFlag({ ...next, state: 'active', endedAt: null, endReceivedAt: null, meterStopWh: null, stopReason: null, chargingEndedAt: null }, 'late-stop');

  next = takeIdentity(next, fact, context, at);
  if (fact.authorizedWithoutBooks) next = withFlag(next, 'offline-authorized');
  if (!clockIsBelieved(fact.at, receivedAt)) next = withFlag(next, 'clock-wrong');
  for (const reading of fact.readings) next = takeValues(next, reading, receivedAt);
  next = withRunning(next);
  if (fact.offline) next = withFlag(next, 'offline-events');
  if (restarted) next = withFlag(next, 'seq-restart');
  next = { ...next, lastSeqNo: restarted || next.lastSeqNo === null ? fact.seqNo : Math.max(next.lastSeqNo, fact.seqNo) };

  const events = inOrder ? null : inTheirOrder([...context.seen, { seqNo: fact.seqNo, at: fact.at, receivedAt, kind: fact.kind, chargingState: fact.chargingState }], next);
  if (events) next = idleFromStates(next, events);
  else if (fact.chargingState !== null) next = applyChargingState(next, fact.chargingState, at);
  next = events ? withGaps(next, events) : next;

  const wasEnded = next.state === 'ended';
  if (fact.kind === 'Ended') {
    next = close(next, { state: 'ended', endedAt: at, endReceivedAt: receivedAt, meterStopWh: next.lastRegisterWh, stopReason: fact.stopReason ?? 'Local', stopTokenUid: fact.tokenUid });
  } else if (wasEnded) {
    // A gap of a closed session was filled: the same end, counted again over what is known now.
    next = close(next, { state: 'ended', endedAt: next.endedAt!, endReceivedAt: next.endReceivedAt!, meterStopWh: next.lastRegisterWh, stopReason: next.stopReason!, stopTokenUid: next.stopTokenUid });
  }
  return { session: next, verdict: wasEnded ? 'late' : 'applied', detail: describe(next, fact, { restarted, filledGap: wasEnded, missing: events && next.flags.includes('seq-gap') ? missingSeqNos(events) : [] }) };
}

/** True when every event from the first to the last is there; only then is the bill of an ended session final. */
export function isComplete(session: SessionState): boolean {
  return !session.flags.includes('seq-gap') && !session.flags.includes('start-missing');
}

/** Consecutive numbers, both ends included. */
export interface SeqNoRange { from: number; to: number }

const rangesMax = 20;

/** True when numbers are missing between the first and the last: counted, for a station may name any two numbers, however far apart. */
export function hasGap(events: readonly Pick<SeenEvent, 'seqNo'>[]): boolean {
  const numbers = new Set<number>();
  let least = Infinity;
  let greatest = -Infinity;
  for (const { seqNo } of events) {
    numbers.add(seqNo);
    least = Math.min(least, seqNo);
    greatest = Math.max(greatest, seqNo);
  }
  return numbers.size > 0 && numbers.size < greatest - least + 1;
}

/** The numbers that are missing between the first and the last of a transaction, as the first 20 ranges. */
export function missingSeqNos(events: readonly Pick<SeenEvent, 'seqNo'>[]): SeqNoRange[] {
  const numbers = events.map((one) => one.seqNo).sort((a, b) => a - b);
  const missing: SeqNoRange[] = [];
  for (let i = 1; i < numbers.length && missing.length < rangesMax; i += 1) {
    if (numbers[i]! - numbers[i - 1]! > 1) missing.push({ from: numbers[i - 1]! + 1, to: numbers[i]! - 1 });
  }
  return missing;
}

/** evse, connector, card and remote start of the first event that has them stay (G-41); the card of the end is the stopping card. */
function takeIdentity(session: SessionState, fact: TransactionEventFact, context: EventContext, at: Date): SessionState {
  let next = session;
  if (next.evseId === 0 && fact.evseId !== null) next = { ...next, evseId: fact.evseId };
  if (next.connectorId === null && fact.connectorId !== null) next = { ...next, connectorId: fact.connectorId };
  if (next.remoteStartId === null && fact.remoteStartId !== null) next = { ...next, remoteStartId: fact.remoteStartId };
  if (next.tokenUid === null && fact.tokenUid !== null && fact.kind !== 'Ended') {
    next = { ...next, tokenUid: fact.tokenUid, tokenId: context.tokenId, authorizationStatus: context.authorization ?? next.authorizationStatus };
    if (context.authorization === 'Invalid') next = withFlag(next, 'unknown-token');
    else if (context.authorization !== null && context.authorization !== 'Accepted') next = withFlag(next, 'token-not-accepted');
  }
  if (fact.kind === 'Started') return withoutFlag({ ...next, startedAt: at, startReceivedAt: context.source.receivedAt }, 'start-missing');
  return next.flags.includes('start-missing') && at < next.startedAt ? { ...next, startedAt: at } : next;
}

function withRunning(session: SessionState): SessionState {
  if (session.state !== 'active' || session.meterStartWh === null || session.lastRegisterWh === null) return session;
  return { ...session, energyWh: Math.max(0, Math.round((session.lastRegisterWh - session.meterStartWh) * 1000) / 1000) };
}

/** By their numbers, after a reboot by their times; each with the time that counts. */
function inTheirOrder(events: SeenEvent[], session: SessionState): SeenEvent[] {
  const byTime = session.flags.includes('seq-restart');
  const timed = events.map((event) => ({ ...event, at: sessionTime(event.at, event.receivedAt) }));
  return timed.sort((a, b) => (byTime ? a.at.getTime() - b.at.getTime() : a.seqNo - b.seqNo) || a.seqNo - b.seqNo || a.at.getTime() - b.at.getTime());
}

/** After a reboot the numbers say nothing of completeness. */
function withGaps(session: SessionState, events: readonly SeenEvent[]): SessionState {
  const gaps = !session.flags.includes('seq-restart') && hasGap(events);
  return gaps ? withFlag(session, 'seq-gap') : withoutFlag(session, 'seq-gap');
}

function describe(session: SessionState, fact: TransactionEventFact, seen: { restarted: boolean; filledGap: boolean; missing: SeqNoRange[] }): string {
  const words = [`${fact.kind} seqNo ${fact.seqNo}`];
  if (seen.restarted) words.push('numbers began anew after a reboot');
  if (seen.filledGap) words.push(`filled a gap of the closed session: ${session.energyWh} Wh`);
  else if (fact.kind === 'Ended') words.push(`${session.energyWh} Wh`);
  if (session.flags.includes('start-missing')) words.push('its Started has not come');
  if (session.flags.includes('seq-gap')) words.push(`numbers are missing${seen.missing.length > 0 ? `: ${seen.missing.map(({ from, to }) => (from === to ? from : `${from} to ${to}`)).join(', ')}` : ''}`);
  if (fact.offline) words.push('was queued offline');
  return words.join('; ');
}
