import { storableJson } from './storable.ts';
import type pg from 'pg';
import { writeSecurityEvent } from '../security-events/security-event-rows.ts';

/** A stop that matched no session (G-07, I-11). */
export interface OrphanStop {
  id: string; stationId: string; transactionRef: string; tokenUid: string | null; meterStopWh: number | null; endedAt: Date; receivedAt: Date; reason: string | null; payload: unknown;
}

export async function loadOpenOrphans(client: pg.ClientBase, stationIds: readonly string[]): Promise<OrphanStop[]> {
  if (stationIds.length === 0) return [];
  const { rows } = await client.query<OrphanStop>(
    `SELECT id, station_id AS "stationId", transaction_ref AS "transactionRef", token_uid AS "tokenUid", meter_stop_wh AS "meterStopWh", ended_at AS "endedAt",
       received_at AS "receivedAt", reason, payload FROM orphan_stop WHERE matched_session_id IS NULL AND station_id = ANY($1::uuid[]) ORDER BY received_at LIMIT 1000`, [stationIds]);
  return rows;
}

/** A repetition is the same stop in every word: two connectors that lose power in one second both say -1, and differ in card or register alone. */
export const isSameOrphan = (one: OrphanStop, other: OrphanStop): boolean =>
  one.stationId === other.stationId && one.transactionRef === other.transactionRef && one.endedAt.getTime() === other.endedAt.getTime()
  && one.tokenUid === other.tokenUid && one.meterStopWh === other.meterStopWh;

/** Writes orphans, each once (a repetition changes nothing), and those that found their session. Resolves with those that are new. */
export async function writeOrphans(client: pg.ClientBase, orphans: readonly OrphanStop[], matched: ReadonlyMap<string, string>): Promise<OrphanStop[]> {
  const fresh: OrphanStop[] = [];
  for (const orphan of orphans) {
    const { rowCount } = await client.query(
      `INSERT INTO orphan_stop (tenant_id, id, station_id, transaction_ref, token_uid, meter_stop_wh, ended_at, received_at, reason, payload)
       VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, station_id, transaction_ref, ended_at, token_uid, meter_stop_wh) DO NOTHING`,
      [orphan.id, orphan.stationId, orphan.transactionRef, orphan.tokenUid, orphan.meterStopWh, orphan.endedAt, orphan.receivedAt, orphan.reason, storableJson(orphan.payload)]);
    if (rowCount === 1) fresh.push(orphan);
  }
  for (const [id, sessionId] of matched) await client.query('UPDATE orphan_stop SET matched_session_id = $2 WHERE id = $1', [id, sessionId]);
  return fresh;
}

/** A stop for a transaction that another station of the tenant has is no lost start: somebody mixes up stations, or tries. Resolves with how many security events are new. */
export async function noteForeignStops(client: pg.ClientBase, orphans: readonly OrphanStop[]): Promise<number> {
  let noted = 0;
  for (const { stationId, transactionRef, receivedAt } of orphans) {
    if (['', '0', '-1'].includes(transactionRef)) continue;
    const { rows: [owner] } = await client.query<{ identity: string }>('SELECT o.identity FROM session s JOIN station o ON o.id = s.station_id WHERE s.transaction_ref = $1 AND s.station_id <> $2 LIMIT 1', [transactionRef, stationId]);
    if (owner === undefined) continue;
    const event = { stationId, identity: null, kind: 'foreign-transaction', detail: `a stop for transaction ${transactionRef}, which is one of station ${owner.identity}`, at: receivedAt };
    if (await writeSecurityEvent(client, event)) noted += 1;
  }
  return noted;
}
