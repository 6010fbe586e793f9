import { decideAuthorization, type OpenSessionOfToken } from '@csms/domain/authorization/decide';
import { readableReading, readableRegister } from '@csms/domain/meter/readable';
import { applyChargingState } from '@csms/domain/session/idle';
import { sessionTime } from '@csms/domain/session/session-time';
import { applyReading, withFlag, type SessionState, type Verdict } from '@csms/domain/session/session-state';
import { applyStop, closeLostStop, isSameStart, isStopOfStart, provesLostStop, startSession } from '@csms/domain/session/start-stop';
import { applyTransactionEvent, followsDirectly, type SeenEvent } from '@csms/domain/session/transaction-event';
import { orderingTime, refineOccupied, speaksOfNow, statusOfChargingState } from '@csms/domain/station/connector-status';
import type { AuthorizationStatus, FactSource, Reading, StartFact, StartOutcome, StopFact, StopOutcome, Token, TransactionEventFact, TransactionEventOutcome } from '@csms/domain';
import type { Evidence } from './evidence-rows.ts';
import type { OrphanStop } from './orphan-rows.ts';
import type { StoredReading } from './reading-rows.ts';
import type { StatusRow } from './station-rows.ts';

/** What was read from the books before a batch, under the locks of its stations. */
export interface BatchView {
  sessions: SessionState[];
  tokens: Map<string, Token>;
  openByToken: Map<string, OpenSessionOfToken[]>;
  orphans: OrphanStop[];
  finalBills: Set<string>;
  transactionRefs: string[];
  seenEvents(stationId: string, transactionRef: string): Promise<SeenEvent[]>;
  newId(): string;
}

/**
 * The facts of one transaction, applied in their order to what the books say; the rules are the domain's. Nothing is written here: the maps and lists
 * say afterwards what is to be.
 */
export class Batch {
  readonly changed = new Map<string, SessionState>();
  readonly inserted = new Set<string>();
  /** Those of `changed` in which readings alone moved registers and power. */
  readonly touched = new Set<string>();
  readonly toBill = new Set<string>();
  readonly evidence: Evidence[] = [];
  readonly readings: StoredReading[] = [];
  readonly connectors: StatusRow[] = [];
  readonly newOrphans: OrphanStop[] = [];
  readonly matchedOrphans = new Map<string, string>();
  readonly #view: BatchView;
  readonly #byRef = new Map<string, SessionState>();
  readonly #byStation = new Map<string, Set<string>>();
  readonly #seenHere = new Map<string, SeenEvent[]>();
  #refs: string[];

  constructor(view: BatchView) {
    this.#view = view;
    this.#refs = [...view.transactionRefs];
    for (const session of view.sessions) this.#index(session);
  }

  start(source: FactSource, fact: StartFact): StartOutcome {
    const known = this.#sessionsAt(source.stationId).find((session) => session.ocppVersion === 'ocpp1.6' && isSameStart(session, fact));
    if (known) {
      this.#note(source, known, 'StartTransaction', 'duplicate', `this start is on the books already as transaction ${known.transactionRef}`, { at: fact.startedAt, payload: fact.payload });
      return { sessionId: known.id, transactionRef: known.transactionRef, authorization: known.authorizationStatus, duplicate: true };
    }
    const id = this.#view.newId();
    const token = this.#view.tokens.get(fact.tokenUid.toLowerCase()) ?? null;
    const authorization = this.#decide(fact.tokenUid, sessionTime(fact.startedAt, source.receivedAt), { sessionId: id, stationId: source.stationId });
    let session = startSession({ id, transactionRef: this.#refs.shift()!, tokenId: token?.id ?? null, authorization }, source, fact);
    this.#closeLost(source, { evseId: fact.evseId, connectorId: fact.connectorId, startedAt: session.startedAt, sessionId: id });
    this.inserted.add(id);
    this.#put(session);
    if (authorization === 'Accepted') this.#openOn(fact.tokenUid, { sessionId: id, stationId: source.stationId, heardAt: source.receivedAt });
    this.#note(source, session, 'StartTransaction', 'applied', `session begun; card ${authorization}`, { at: fact.startedAt, payload: fact.payload });
    const orphan = [...this.#view.orphans, ...this.newOrphans].find((each) => each.stationId === source.stationId && !this.matchedOrphans.has(each.id) && isStopOfStart(session, each));
    if (orphan) {
      this.matchedOrphans.set(orphan.id, id);
      const stop: StopFact = { transactionRef: session.transactionRef, tokenUid: orphan.tokenUid, endedAt: orphan.endedAt, meterStopWh: orphan.meterStopWh!, reason: orphan.reason ?? 'Local', readings: [], payload: orphan.payload };
      const { session: ended, detail } = applyStop(session, { ...source, receivedAt: orphan.receivedAt }, stop, false);
      session = withFlag(ended, 'stop-before-start');
      this.#put(session);
      this.toBill.add(id);
      this.#note(source, session, 'StopTransaction', 'late', `its stop had come before it: ${detail}`, { at: orphan.endedAt, payload: orphan.payload });
    }
    return { sessionId: id, transactionRef: session.transactionRef, authorization, duplicate: false };
  }

  stop(source: FactSource, fact: StopFact): StopOutcome {
    const session = this.#byRef.get(refKey(source.stationId, fact.transactionRef));
    const authorization = fact.tokenUid === null ? null : this.#decide(fact.tokenUid, sessionTime(fact.endedAt, source.receivedAt), { sessionId: session?.id ?? null, stationId: source.stationId });
    if (!session) {
      this.newOrphans.push({ id: this.#view.newId(), stationId: source.stationId, transactionRef: fact.transactionRef, tokenUid: fact.tokenUid, meterStopWh: readableRegister(fact.meterStopWh), endedAt: fact.endedAt, receivedAt: source.receivedAt, reason: fact.reason, payload: fact.payload });
      this.#evidence(source, null, fact.transactionRef, 'StopTransaction', 'orphan', 'no session of this station has this transaction id; kept for reconciliation', { at: fact.endedAt, payload: fact.payload });
      this.#store(source, fact.readings);
      return { sessionId: null, verdict: 'orphan', authorization };
    }
    const { session: next, verdict, detail } = applyStop(session, source, fact, this.#view.finalBills.has(session.id));
    if (next !== session) this.#put(next);
    if (verdict === 'applied' || verdict === 'late') this.toBill.add(session.id);
    this.#note(source, next, 'StopTransaction', verdict, detail, { at: fact.endedAt, payload: fact.payload });
    this.#store(source, fact.readings.map((reading) => ({ ...reading, evseId: next.evseId, connectorId: next.connectorId ?? 0, transactionRef: next.transactionRef })));
    return { sessionId: next.id, verdict: verdict === 'applied' || verdict === 'late' ? 'ended' : 'duplicate', authorization };
  }

  async event(source: FactSource, fact: TransactionEventFact): Promise<TransactionEventOutcome> {
    const key = refKey(source.stationId, fact.transactionRef);
    const known = this.#byRef.get(key) ?? null;
    const here = this.#seenHere.get(key) ?? [];
    const seen = known === null || followsDirectly(known, fact) ? [] : [...(await this.#view.seenEvents(source.stationId, fact.transactionRef)), ...here];
    const newId = this.#view.newId();
    const token = fact.tokenUid === null ? null : this.#view.tokens.get(fact.tokenUid.toLowerCase()) ?? null;
    const authorization = fact.tokenUid === null ? null : this.#decide(fact.tokenUid, sessionTime(fact.at, source.receivedAt), { sessionId: known?.id ?? newId, stationId: source.stationId });
    const said = applyTransactionEvent(known, { ...fact, readings: fact.readings.map(readableReading) }, { newId, source, tokenId: token?.id ?? null, authorization, seen });
    // After 48 hours a bill is final, whatever was missing: what fills the gap then is evidence, and the session keeps the energy that was billed.
    const settled = known !== null && said.verdict === 'late' && this.#view.finalBills.has(known.id);
    const { session, verdict, detail } = settled ? { session: known, verdict: said.verdict, detail: `${said.detail}; the bill is final, so nothing changes` } : said;
    if (known === null) {
      this.inserted.add(session.id);
      this.#closeLost(source, { evseId: session.evseId, connectorId: session.connectorId, startedAt: session.startedAt, sessionId: session.id });
      if (fact.tokenUid !== null && authorization === 'Accepted' && session.state === 'active') this.#openOn(fact.tokenUid, { sessionId: session.id, stationId: source.stationId, heardAt: source.receivedAt });
    }
    if (session !== known) this.#put(session);
    if (verdict === 'applied' || verdict === 'late') this.#seenHere.set(key, [...here, { seqNo: fact.seqNo, at: fact.at, receivedAt: source.receivedAt, kind: fact.kind, chargingState: fact.chargingState }]);
    if (session.state === 'ended' && session !== known && (fact.kind === 'Ended' || verdict === 'late') && verdict !== 'conflict') this.toBill.add(session.id);
    this.#note(source, session, `TransactionEvent/${fact.kind}`, verdict, detail, { at: fact.at, seqNo: fact.seqNo, chargingState: fact.chargingState, payload: fact.payload });
    if (verdict !== 'duplicate') {
      this.#store(source, fact.readings.map((reading) => ({ ...reading, evseId: reading.evseId || session.evseId, connectorId: reading.connectorId || (session.connectorId ?? 0), transactionRef: session.transactionRef })));
      this.#liveState(source, fact, session);
    }
    return { sessionId: session.id, verdict: verdict === 'duplicate' ? 'duplicate' : 'applied', authorization };
  }

  takeReadings(source: FactSource, readings: readonly Reading[], payload: unknown): void {
    let late: { session: SessionState; detail: string } | null = null;
    for (const said of readings) {
      const given = readableReading(said);
      // Many 1.6 chargers name no transaction, or 0 or -1 while its id has not come: the reading belongs to what runs on that connector.
      const nameless = source.ocppVersion === 'ocpp1.6' && ['', '0', '-1'].includes(given.transactionRef);
      const session = nameless ? this.#runningAt(source.stationId, given, source.receivedAt) : this.#byRef.get(refKey(source.stationId, given.transactionRef));
      const reading = session && nameless ? { ...given, transactionRef: session.transactionRef } : given;
      this.#store(source, [reading]);
      if (!session) continue;
      const { session: next, verdict, detail } = applyReading(session, reading, source.receivedAt);
      if (verdict === 'late') late = { session, detail };
      else if (next.flags !== session.flags) this.#put(next);
      else if (next !== session) this.#touch(next);
    }
    if (late) this.#note(source, late.session, 'MeterValues', 'late', late.detail, { at: readings[0]?.at ?? null, payload });
  }

  status(source: FactSource, fact: { evseId: number; connectorId: number; status: StatusRow['status']; errorCode: string | null; info: string | null; at: Date | null }): void {
    const at = orderingTime(fact.at, source.receivedAt);
    const session = this.#sessionsAt(source.stationId).find((each) => each.state === 'active' && each.evseId === fact.evseId && (each.connectorId === null || each.connectorId === fact.connectorId));
    if (session && source.ocppVersion === 'ocpp1.6' && ['Charging', 'SuspendedEV', 'SuspendedEVSE'].includes(fact.status)) {
      const next = applyChargingState(session, fact.status, at);
      if (next !== session) this.#put(next);
    }
    const status = refineOccupied(fact.status, session?.chargingState ?? null, (session?.energyWh ?? 0) > 0);
    this.connectors.push({ stationId: source.stationId, evseId: fact.evseId, connectorId: fact.connectorId, status, errorCode: fact.errorCode, info: fact.info, at, receivedAt: source.receivedAt });
  }

  /** A 2.x station says the state of charging with its transaction; an event that was queued offline says nothing of now (G-40). */
  #liveState(source: FactSource, fact: TransactionEventFact, session: SessionState): void {
    const status = statusOfChargingState(fact.chargingState, (session.energyWh ?? 0) > 0);
    if (status === null || fact.offline || session.connectorId === null || session.evseId === 0 || !speaksOfNow(sessionTime(fact.at, source.receivedAt), source.receivedAt)) return;
    this.connectors.push({ stationId: source.stationId, evseId: session.evseId, connectorId: session.connectorId, status, errorCode: null, info: null, at: orderingTime(fact.at, source.receivedAt), receivedAt: source.receivedAt });
  }

  #closeLost(source: FactSource, start: { evseId: number; connectorId: number | null; startedAt: Date; sessionId: string }): void {
    for (const open of this.#sessionsAt(source.stationId)) {
      if (!provesLostStop(open, start)) continue;
      const lost = closeLostStop(open, source.receivedAt);
      this.#put(lost);
      this.toBill.add(lost.id);
      this.#note(source, lost, 'StopTransaction', 'late', 'its stop never came: a new start on this connector closed it with the last register that is known', { at: lost.endedAt, payload: null });
    }
  }

  #decide(uid: string, at: Date, context: { sessionId: string | null; stationId: string }): AuthorizationStatus {
    const key = uid.toLowerCase();
    return decideAuthorization(this.#view.tokens.get(key) ?? null, this.#openOf(key), at, context);
  }

  /** Open sessions of a card: as loaded, less those that this batch has closed. */
  #openOf(key: string): OpenSessionOfToken[] {
    return (this.#view.openByToken.get(key) ?? []).filter((open) => this.changed.get(open.sessionId)?.state !== 'ended' && this.changed.get(open.sessionId)?.state !== 'lost-stop');
  }

  #openOn(uid: string, session: OpenSessionOfToken): void {
    const key = uid.toLowerCase();
    this.#view.openByToken.set(key, [...(this.#view.openByToken.get(key) ?? []), session]);
  }

  #runningAt(stationId: string, reading: Reading, receivedAt: Date): SessionState | undefined {
    return this.#sessionsAt(stationId).find((each) => each.state === 'active' && each.ocppVersion === 'ocpp1.6' && each.connectorId === reading.connectorId && each.startedAt <= sessionTime(reading.at, receivedAt));
  }

  #store(source: FactSource, readings: readonly Reading[]): void {
    for (const reading of readings) this.readings.push({ stationId: source.stationId, receivedAt: source.receivedAt, reading: readableReading(reading) });
  }

  #sessionsAt(stationId: string): SessionState[] {
    return [...(this.#byStation.get(stationId) ?? [])].map((key) => this.#byRef.get(key)!);
  }

  #index(session: SessionState): void {
    const key = refKey(session.stationId, session.transactionRef);
    this.#byRef.set(key, session);
    const keys = this.#byStation.get(session.stationId) ?? new Set();
    this.#byStation.set(session.stationId, keys.add(key));
  }

  #put(session: SessionState): void {
    this.#index(session);
    this.changed.set(session.id, session);
    this.touched.delete(session.id);
  }

  #touch(session: SessionState): void {
    const alone = session.ocppVersion === 'ocpp1.6' && (!this.changed.has(session.id) || this.touched.has(session.id));
    this.#put(session);
    if (alone) this.touched.add(session.id);
  }

  #note(source: FactSource, session: SessionState, action: string, verdict: Verdict, detail: string, about: { at: Date | null; seqNo?: number; chargingState?: string | null; payload: unknown }): void {
    this.#evidence(source, session.id, session.transactionRef, action, verdict, detail, about);
  }

  #evidence(source: FactSource, sessionId: string | null, transactionRef: string, action: string, verdict: Verdict, detail: string, about: { at: Date | null; seqNo?: number; chargingState?: string | null; payload: unknown }): void {
    this.evidence.push({ stationId: source.stationId, sessionId, transactionRef, action, messageId: source.messageId, seqNo: about.seqNo ?? null, chargingState: about.chargingState ?? null, eventAt: about.at, receivedAt: source.receivedAt, verdict, detail, payload: about.payload });
  }
}

export const refKey = (stationId: string, transactionRef: string): string => `${stationId}/${transactionRef}`;
