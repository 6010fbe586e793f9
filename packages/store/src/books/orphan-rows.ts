import type pg from 'pg';

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

export async function writeOrphans(client: pg.ClientBase, orphans: readonly OrphanStop[], matched: ReadonlyMap<string, string>): Promise<void> {
  for (const orphan of orphans) {
    await client.query(
      `INSERT INTO orphan_stop (tenant_id, id, station_id, transaction_ref, token_uid, meter_stop_wh, ended_at, received_at, reason, payload)
       VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, station_id, transaction_ref, ended_at) DO NOTHING`,
      [orphan.id, orphan.stationId, orphan.transactionRef, orphan.tokenUid, orphan.meterStopWh, orphan.endedAt, orphan.receivedAt, orphan.reason, JSON.stringify(orphan.payload ?? null)]);
  }
  for (const [id, sessionId] of matched) await client.query('UPDATE orphan_stop SET matched_session_id = $2 WHERE id = $1', [id, sessionId]);
}
