import { FactRefused } from '@csms/domain/station/fact-refused';
import { orderingTime, statusTarget } from '@csms/domain/station/connector-status';
import type { SessionState } from '@csms/domain/session/session-state';
import type { OpenSessionOfToken } from '@csms/domain/authorization/decide';
import type { BootFact, Token } from '@csms/domain';
import { Batch } from '../batch.ts';
import { countBill, type CountedBill, type TariffRow } from '../count-bill.ts';
import type { Evidence } from '../evidence-rows.ts';
import { stationOf, type LaneFact } from '../facts.ts';
import { isSameOrphan, type OrphanStop } from '../orphan-rows.ts';
import { joinTo, type StoredReading } from '../reading-rows.ts';
import { connectorKey, connectorsMax, type StatusRow } from '../station-rows.ts';

/** A station's row, as far as facts move it. */
export interface TwinStation { id: string; siteId: string; online: boolean; onlineEpoch: bigint; boot: BootFact | null; lastSeenAt: Date | null; status: StatusRow | null }

/**
 * The tables of one tenant in memory, written by the same rules in the same order as commitBatch writes PostgreSQL: the twin of the books for the
 * simulation. The suite in books-contract.ts holds both. Commits run one after the other, as if every station were locked.
 */
export class TwinTables {
  readonly stations = new Map<string, TwinStation>();
  readonly tokens = new Map<string, Token>();
  readonly sessions = new Map<string, SessionState>();
  readonly bills = new Map<string, CountedBill>();
  readonly readings = new Map<string, StoredReading>();
  readonly connectors = new Map<string, StatusRow>();
  readonly evidence: Evidence[] = [];
  readonly orphans: (OrphanStop & { matchedSessionId: string | null })[] = [];
  readonly tariffs: TariffRow[] = [];
  currency = 'IDR';
  #transactionRef = 0;
  #turn: Promise<unknown> = Promise.resolve();
  readonly #newId: () => string;

  constructor(newId: () => string) { this.#newId = newId; }

  /** Writes the facts of one batch, all or none, and resolves with an outcome for each. */
  commit(facts: readonly LaneFact[]): Promise<unknown[]> {
    const written = this.#turn.then(() => this.#write(facts));
    this.#turn = written.catch(() => undefined);
    return written;
  }

  openOf(uidKey: string): OpenSessionOfToken[] {
    return [...this.sessions.values()]
      .filter((session) => session.state === 'active' && session.authorizationStatus === 'Accepted' && session.tokenUid?.toLowerCase() === uidKey)
      .map((session) => ({ sessionId: session.id, stationId: session.stationId, startedAt: session.startedAt, heardAt: later(session.lastReadingAt, session.startReceivedAt) }));
  }

  async #write(facts: readonly LaneFact[]): Promise<unknown[]> {
    const batch = new Batch({
      sessions: this.#sessionsFor(facts), tokens: this.tokens, openByToken: new Map([...this.tokens.keys()].map((key) => [key, this.openOf(key)])),
      orphans: this.orphans.filter((orphan) => orphan.matchedSessionId === null),
      finalBills: new Set([...this.bills].filter(([, bill]) => bill.final).map(([id]) => id)),
      transactionRefs: facts.filter((fact) => fact.kind === 'start').map(() => String((this.#transactionRef += 1))),
      seenEvents: async (stationId, transactionRef) => this.evidence.flatMap((one) => one.stationId === stationId && one.transactionRef === transactionRef && one.seqNo !== null && ['applied', 'late'].includes(one.verdict)
        ? [{ seqNo: one.seqNo, at: one.eventAt!, receivedAt: one.receivedAt, kind: one.action.split('/')[1] as 'Started' | 'Updated' | 'Ended', chargingState: one.chargingState ?? null }] : []),
      newId: this.#newId,
    });
    const outcomes: unknown[] = [];
    const statuses: { index: number; row: StatusRow }[] = [];
    const ofStations: { index: number; row: StatusRow }[] = [];
    for (const [index, item] of facts.entries()) {
      switch (item.kind) {
        case 'start': outcomes[index] = batch.start(item.source, item.fact); break;
        case 'stop': outcomes[index] = batch.stop(item.source, item.fact); break;
        case 'event': outcomes[index] = await batch.event(item.source, item.fact); break;
        case 'readings': batch.takeReadings(item.source, item.readings, item.payload); break;
        case 'status': {
          if (statusTarget(item.fact) === 'connector') { batch.status(item.source, item.fact); statuses.push({ index, row: batch.connectors.at(-1)! }); break; }
          const { status, errorCode, info } = item.fact;
          ofStations.push({ index, row: { stationId: item.source.stationId, evseId: 0, connectorId: 0, status, errorCode, info, at: orderingTime(item.fact.at, item.source.receivedAt), receivedAt: item.source.receivedAt } });
          break;
        }
        default: break;
      }
    }
    // From here on nothing can fail: the batch is in the tables as a whole.
    for (const { index, row } of ofStations) outcomes[index] = { applied: this.#stationStatus(row) };
    for (const item of facts) this.#station(item);
    const refused = this.#connectors(batch.connectors);
    for (const { index, row } of statuses) {
      const stored = this.connectors.get(connectorKey(row));
      outcomes[index] = refused.has(connectorKey(row)) ? new FactRefused(`a station has at most ${connectorsMax} connectors`) : { applied: stored === row || (stored !== undefined && row.at >= stored.at) };
    }
    for (const session of batch.changed.values()) this.sessions.set(session.id, session);
    for (const id of batch.toBill) this.#bill(this.sessions.get(id)!);
    joinTo(this.readings, batch.readings);
    this.evidence.push(...batch.evidence);
    for (const orphan of batch.newOrphans) {
      if (!this.orphans.some((one) => isSameOrphan(one, orphan))) this.orphans.push({ ...orphan, matchedSessionId: null });
    }
    for (const orphan of this.orphans) orphan.matchedSessionId = batch.matchedOrphans.get(orphan.id) ?? orphan.matchedSessionId;
    return outcomes;
  }

  /** Open sessions of the batch's stations and whatever its facts name; a superset would be as good. */
  #sessionsFor(facts: readonly LaneFact[]): SessionState[] {
    const stationIds = new Set(facts.map(stationOf));
    return [...this.sessions.values()].filter((session) => stationIds.has(session.stationId));
  }

  #station(item: LaneFact): void {
    const station = this.stations.get(stationOf(item));
    if (station === undefined) return;
    if (item.kind === 'presence') {
      if (station.onlineEpoch <= item.epoch) Object.assign(station, { online: item.online, onlineEpoch: item.epoch });
      return;
    }
    if (item.kind === 'boot') station.boot = item.fact;
    station.lastSeenAt = later(station.lastSeenAt, item.kind === 'seen' ? item.at : item.source.receivedAt);
  }

  #stationStatus(row: StatusRow): boolean {
    const station = this.stations.get(row.stationId);
    if (station === undefined || (station.status !== null && station.status.at > row.at)) return false;
    station.status = row;
    return true;
  }

  #connectors(rows: readonly StatusRow[]): Set<string> {
    const refused = new Set<string>();
    for (const row of rows) {
      const key = connectorKey(row);
      const known = this.connectors.get(key);
      if (known === undefined && [...this.connectors.values()].filter((one) => one.stationId === row.stationId).length >= connectorsMax) { refused.add(key); continue; }
      if (known === undefined || row.at >= known.at) this.connectors.set(key, row);
    }
    return refused;
  }

  #bill(session: SessionState): void {
    if (this.bills.get(session.id)?.final === true) return;
    const counted = countBill(session, this.tariffs, { siteId: this.stations.get(session.stationId)?.siteId ?? '', currency: this.currency });
    this.sessions.set(session.id, counted.session);
    this.bills.set(session.id, counted.bill);
  }
}

function later(a: Date | null, b: Date): Date {
  return a !== null && a > b ? a : b;
}
