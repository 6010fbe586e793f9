import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';

/**
 * A card may no longer do what stations may remember that it may: each station of the tenant is to forget what it has cached (1.6, 5.4 ClearCache), those that
 * are away when they come again. For every change that takes something from a card.
 */
export async function forgetCachedCards(client: pg.ClientBase): Promise<void> {
  await client.query(`INSERT INTO card_revision AS r (tenant_id, revision, block_revision) VALUES (current_setting('app.tenant'), 1, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET block_revision = r.block_revision + 1`);
}

/** Stations that are there and were not asked since the last block; one that failed waits for its next try, or until it comes again. */
export async function staleCaches(db: Queryable, now: Date, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT s.id FROM card_revision r JOIN station s ON s.tenant_id = r.tenant_id AND s.online LEFT JOIN card_cache c ON c.tenant_id = s.tenant_id AND c.station_id = s.id
     WHERE r.block_revision > coalesce(c.cleared_revision, 0) AND (c.clearing_until IS NULL OR c.clearing_until <= $1) AND (c.retry_at IS NULL OR c.retry_at <= $1 OR s.online_since > c.tried_at)
     ORDER BY c.tried_at NULLS FIRST LIMIT $2`, [now, limit]);
  return rows.map((row) => row.id);
}

/** Takes the only right to ask this station until then; the count of blocks that it would have forgotten, or null where somebody has the right. */
export async function claimCacheClear(client: pg.ClientBase, stationId: string, options: { now: Date; until: Date }): Promise<string | null> {
  const { rows } = await client.query<{ revision: string }>(
    `INSERT INTO card_cache AS c (tenant_id, station_id, clearing_until, tried_at) VALUES (current_setting('app.tenant'), $1, $3, $2)
     ON CONFLICT (tenant_id, station_id) DO UPDATE SET clearing_until = excluded.clearing_until, tried_at = excluded.tried_at WHERE c.clearing_until IS NULL OR c.clearing_until <= $2
     RETURNING (SELECT block_revision::text FROM card_revision) AS revision`, [stationId, options.now, options.until]);
  return rows[0]?.revision ?? null;
}

/** Ends a try. A station that answered, be it that it has no cache, has nothing to forget until the next block; one that did not is asked again, later each time. */
export async function endCacheClear(client: pg.ClientBase, stationId: string, end: { answered: boolean; revision: string; detail: string | null; now: Date }): Promise<void> {
  await client.query(
    `UPDATE card_cache SET clearing_until = NULL, detail = $4, cleared_revision = CASE WHEN $2 THEN greatest(cleared_revision, $3::bigint) ELSE cleared_revision END,
       failures = CASE WHEN $2 THEN 0 ELSE failures + 1 END, retry_at = CASE WHEN $2 THEN NULL ELSE $5::timestamptz + least(interval '1 hour', interval '5 seconds' * power(2, least(failures, 12))) END
     WHERE station_id = $1`, [stationId, end.answered, end.revision, end.detail, end.now]);
}
