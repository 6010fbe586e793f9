import type pg from 'pg';
import { inTenant } from './in-tenant.ts';
import { forgetFrames } from './quarantine/tolerance-books.ts';

/** Days of meter readings that have a partition of their own around today; everything else falls into the catch-all. */
const daysBehind = 45;
const daysAhead = 7;
/** A bill whose stop was lost stays provisional so long for a late one (DESIGN: Session); one that could not be priced waits for a person. */
const provisionalHours = 48;
const outboxDays = 2;

/**
 * What has to be done every few hours: partitions for the days around `today`, old readings dropped, provisional bills made final after 48 hours, the
 * outbox shortened. Safe to run in several processes at once.
 */
export async function maintainBooks(pool: pg.Pool, options: { now: Date; keepDays: number }): Promise<{ partitionsMade: number; partitionsDropped: number; billsFinal: number }> {
  const { now, keepDays } = options;
  const day = (offset: number) => new Date(now.getTime() + offset * 86_400_000).toISOString().slice(0, 10);
  const made = await pool.query<{ n: number }>('SELECT ensure_meter_partitions($1, $2) AS n', [day(-daysBehind), day(daysAhead)]);
  const dropped = await pool.query<{ n: number }>('SELECT drop_meter_partitions($1) AS n', [day(-keepDays)]);
  const tenants = await pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
  let billsFinal = 0;
  for (const { id } of tenants.rows) {
    billsFinal += await inTenant(pool, id, async (client) => {
      await client.query('DELETE FROM meter_value_other WHERE at < $1', [day(-keepDays)]);
      await forgetFrames(client, now);
      await client.query(`DELETE FROM outbox WHERE at < $1::timestamptz - make_interval(days => $2)`, [now, outboxDays]);
      const { rowCount } = await client.query(
        `UPDATE bill b SET state = 'final', finalized_at = $1 FROM session s
         WHERE b.state = 'provisional' AND s.id = b.session_id AND s.state <> 'active' AND NOT 'unpriceable' = ANY(s.flags) AND b.created_at < $1::timestamptz - make_interval(hours => $2)`, [now, provisionalHours]);
      return rowCount ?? 0;
    });
  }
  return { partitionsMade: made.rows[0]!.n, partitionsDropped: dropped.rows[0]!.n, billsFinal };
}
