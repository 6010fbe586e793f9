import type { LiveChange } from '@csms/contracts/live';
import { readableRegister } from '@csms/domain/meter/readable';
import { orderingTime, statusTarget } from '@csms/domain/station/connector-status';
import { FactRefused } from '@csms/domain/station/fact-refused';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { moveReservationsByFacts } from '../reservation/reservation-facts.ts';
import { otherSpellings, spellingsOf } from '../cards/card-gate.ts';
import { Batch } from './batch.ts';
import { billSessions, loadFinalBills } from './bill-rows.ts';
import { insertEvidence, loadSeenEvents } from './evidence-rows.ts';
import { stationOf, type LaneFact } from './facts.ts';
import { Liveness } from './liveness.ts';
import { loadOpenOrphans, noteForeignStops, writeOrphans } from './orphan-rows.ts';
import { storeReadings, type RepeatedReading } from './reading-rows.ts';
import { insertSessions, loadSessions, nextTransactionRefs, touchSessions, updateSessions } from './session-rows.ts';
import { connectorKey, connectorsMax, writeBoots, writeConnectors, writePresences, writeSeen, writeStationStatus, type BootRow, type PresenceRow, type StatusRow } from './station-rows.ts';
import { loadTokens } from './token-rows.ts';

/**
 * Writes the facts of one tenant in one transaction and resolves, after COMMIT, with an outcome for each. The stations of the batch are locked in
 * sorted order first, so that two gateways that hear one station (a socket that moved) take turns and never deadlock. Throws what PostgreSQL says;
 * nothing is written then.
 */
export async function commitBatch(pool: pg.Pool, tenantId: string, facts: readonly LaneFact[], liveness: Liveness = new Liveness(), onSecurityEvent: (kind: string) => void = () => undefined): Promise<unknown[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const begun = Promise.all([client.query('BEGIN'), client.query({
      name: 'begin_batch',
      text: `SELECT set_config('app.tenant', $1, true), (SELECT count(pg_advisory_xact_lock(hashtextextended(id, 42))) FROM (SELECT id FROM unnest($2::text[]) AS id ORDER BY id) AS sorted)`,
      values: [tenantId, locksOf(facts).map((name) => `${tenantId}/${name}`)],
    })]);
    const { outcomes, changes, foreignStops } = await firstFailure(begun, writeFacts(client, facts, liveness));
    const outbox = changes.length === 0 ? null : client.query({ name: 'insert_outbox', text: 'INSERT INTO outbox (tenant_id, changes) VALUES ($1, $2)', values: [tenantId, JSON.stringify(changes)] });
    // After a statement that failed COMMIT is a ROLLBACK, and the failure is what is thrown.
    await firstFailure(outbox, client.query('COMMIT'));
    for (let i = 0; i < foreignStops; i += 1) onSecurityEvent('foreign-transaction');
    return outcomes;
  } catch (error) {
    await client.query('ROLLBACK').catch((lost: Error) => { broken = lost; });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Statements follow each other on the wire without waiting for each other's answers, so what fails first makes everything after it fail too, for a reason that
 * says nothing. Waits for both and throws the earlier one's error.
 */
async function firstFailure<T>(earlier: Promise<unknown> | null, later: Promise<T>): Promise<T> {
  const [first, second] = await Promise.allSettled([earlier, later]);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return second.value;
}

/** Stations, and the cards that begin something: two stations that start on one card at once must not both find it free. */
function locksOf(facts: readonly LaneFact[]): string[] {
  const locks = new Set<string>();
  for (const fact of facts) {
    if (fact.kind !== 'seen') locks.add(stationOf(fact));
    if ((fact.kind === 'start' || fact.kind === 'event') && fact.fact.tokenUid !== null) locks.add(`card/${fact.fact.tokenUid.toLowerCase()}`);
  }
  return [...locks];
}

async function writeFacts(client: pg.PoolClient, facts: readonly LaneFact[], liveness: Liveness): Promise<{ outcomes: unknown[]; changes: LiveChange[]; foreignStops: number }> {
  const batch = new Batch(await readView(client, facts));
  const changes: LiveChange[] = [];
  const outcomes: unknown[] = [];
  const statusOutcomes: { index: number; row: StatusRow }[] = [];
  const seen = new Map<string, Date>();
  const boots: BootRow[] = [];
  const presences: PresenceRow[] = [];
  for (const [index, item] of facts.entries()) {
    switch (item.kind) {
      case 'start': outcomes[index] = batch.start(item.source, item.fact); break;
      case 'stop': outcomes[index] = batch.stop(item.source, item.fact); break;
      case 'event': outcomes[index] = await batch.event(item.source, item.fact); break;
      case 'readings': batch.takeReadings(item.source, item.readings, item.payload); break;
      case 'status':
        if (statusTarget(item.fact) === 'connector') {
          batch.status(item.source, item.fact);
          statusOutcomes.push({ index, row: batch.connectors.at(-1)! });
        } else {
          const row: StatusRow = { stationId: item.source.stationId, evseId: 0, connectorId: 0, status: item.fact.status, errorCode: item.fact.errorCode, info: item.fact.info, at: orderingTime(item.fact.at, item.source.receivedAt), receivedAt: item.source.receivedAt };
          const applied = await writeStationStatus(client, row);
          outcomes[index] = { applied };
          if (applied) changes.push({ kind: 'station', stationId: row.stationId, status: row.status, at: row.at.toISOString() });
        }
        break;
      case 'boot':
        boots.push({ stationId: item.source.stationId, fact: item.fact, ocppVersion: item.source.ocppVersion, at: item.source.receivedAt });
        changes.push({ kind: 'station', stationId: item.source.stationId, at: item.source.receivedAt.toISOString() });
        break;
      case 'presence': presences.push(item); break;
      case 'seen': seen.set(item.stationId, item.at); break;
    }
    if ('source' in item) seen.set(item.source.stationId, item.source.receivedAt);
  }
  await writeBoots(client, boots);
  for (const row of await writePresences(client, presences)) changes.push({ kind: 'station', stationId: row.stationId, online: row.online, at: row.at.toISOString() });
  await writeSeen(client, liveness.due(seen));
  const { applied, refused } = await writeConnectors(client, batch.connectors);
  for (const { index, row } of statusOutcomes) outcomes[index] = refused.has(connectorKey(row)) ? new FactRefused(`a station has at most ${connectorsMax} connectors`) : { applied: applied.some((each) => connectorKey(each) === connectorKey(row) && each.at >= row.at) };
  for (const row of applied) changes.push({ kind: 'connector', stationId: row.stationId, evseId: row.evseId, connectorId: row.connectorId, status: row.status, errorCode: row.errorCode, at: row.at.toISOString() });
  const foreignStops = await writeSessions(client, batch, changes);
  changes.push(...await moveReservationsByFacts(client, facts, outcomes));
  return { outcomes, changes, foreignStops };
}

async function writeSessions(client: pg.PoolClient, batch: Batch, changes: LiveChange[]): Promise<number> {
  const now = new Date();
  const changed = [...batch.changed.values()];
  await insertSessions(client, changed.filter((session) => batch.inserted.has(session.id)));
  await updateSessions(client, changed.filter((session) => !batch.inserted.has(session.id) && !batch.touched.has(session.id)));
  const touched = touchSessions(client, changed.filter((session) => batch.touched.has(session.id)));
  const repeated = await firstFailure(touched, batch.readings.length > 0 ? storeReadings(client, batch.readings) : Promise.resolve<RepeatedReading[]>([]));
  const { sessions: flagged, bills } = await billSessions(client, changed.filter((session) => batch.toBill.has(session.id)), now);
  await updateSessions(client, flagged);
  const evident = repeated.filter(({ reading, verdict }) => reading.transactionRef !== '' || verdict === 'conflict');
  const sessionOf = (stationId: string, ref: string) => changed.find((session) => session.stationId === stationId && session.transactionRef === ref)?.id ?? null;
  await insertEvidence(client, [...batch.evidence, ...evident.map(({ stationId, receivedAt, reading, verdict }) => ({
    stationId, sessionId: sessionOf(stationId, reading.transactionRef), transactionRef: reading.transactionRef, action: 'MeterValues', messageId: '', seqNo: null, eventAt: reading.at, receivedAt,
    ...(verdict === 'conflict' ? { verdict, detail: 'this moment has another value or context already; both are kept', payload: reading } : { verdict, detail: 'this reading is on the books already', payload: null }),
  }))]);
  const foreignStops = await noteForeignStops(client, await writeOrphans(client, batch.newOrphans, batch.matchedOrphans));
  for (const session of changed) {
    changes.push({
      kind: 'session', sessionId: session.id, stationId: session.stationId, evseId: session.evseId, connectorId: session.connectorId, state: session.state,
      energyWh: session.energyWh, powerW: session.lastPowerW, socPct: session.lastSocPct, at: (session.endedAt ?? session.lastReadingAt ?? session.startedAt).toISOString(),
    });
  }
  for (const bill of bills) changes.push({ kind: 'bill', ...bill, at: now.toISOString() });
  return foreignStops;
}

async function readView(client: pg.PoolClient, facts: readonly LaneFact[]) {
  const starts = facts.filter((item) => item.kind === 'start');
  const refs = facts.flatMap((item) => {
    if (item.kind === 'stop' || item.kind === 'event') return [{ stationId: item.source.stationId, transactionRef: item.fact.transactionRef }];
    if (item.kind === 'readings') return [...new Set(item.readings.map((reading) => reading.transactionRef))].filter((ref) => ref !== '').map((transactionRef) => ({ stationId: item.source.stationId, transactionRef }));
    return [];
  });
  const stationIds = [...new Set(facts.filter((item) => ['start', 'event', 'readings', 'status'].includes(item.kind)).map(stationOf))];
  const nothing = stationIds.length === 0 && refs.length === 0;
  const others = otherSpellings(facts);
  const inTodaysWords = <Row extends { tokenUid: string | null }>(row: Row): Row => (row.tokenUid !== null && others.has(row.tokenUid) ? { ...row, tokenUid: others.get(row.tokenUid)! } : row);
  const sessions = nothing ? [] : (await loadSessions(client, {
    stationIds, refs, starts: starts.flatMap((item) => spellingsOf(item).map((tokenUid) => ({ stationId: item.source.stationId, connectorId: item.fact.connectorId, tokenUid, startedAt: item.fact.startedAt, meterStartWh: readableRegister(item.fact.meterStartWh) }))),
  })).map(inTodaysWords);
  const { tokens, open } = await loadTokens(client, facts.map(spellingsOf).filter((spellings) => spellings.length > 0));
  const orphans = (await loadOpenOrphans(client, [...new Set(starts.map(({ source }) => source.stationId))])).map(inTodaysWords);
  const closed = sessions.filter((session) => session.state !== 'active' && refs.length > 0).map((session) => session.id);
  return {
    sessions, tokens, openByToken: open, orphans, finalBills: await loadFinalBills(client, closed),
    transactionRefs: await nextTransactionRefs(client, starts.length), seenEvents: (stationId: string, ref: string) => loadSeenEvents(client, stationId, ref), newId: () => uuidv7(),
  };
}
