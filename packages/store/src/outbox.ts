import { LiveChange } from '@csms/contracts/live';
import type pg from 'pg';
import { z } from 'zod';
import { inTenant } from './in-tenant.ts';

export interface OutboxRow { id: string; at: Date; changes: LiveChange[] }

const Changes = z.array(LiveChange);

/**
 * The next changes of a tenant after an id, oldest first. Ids of one tenant are drawn under a lock that is held until the commit (the trigger
 * outbox_turn), so they become visible in their order and none is passed over; nor does a long transaction elsewhere hold them back.
 * (Ordered by the column: a bare `id` would be the text that is selected, and 10 before 9.)
 */
export async function readOutbox(pool: pg.Pool, tenantId: string, afterId: string, limit: number): Promise<OutboxRow[]> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ id: string; at: Date; changes: unknown }>(
      `SELECT id::text, at, changes FROM outbox WHERE tenant_id = $1 AND id > $2::bigint ORDER BY outbox.id LIMIT $3`, [tenantId, afterId, limit]);
    return rows.map((row) => ({ id: row.id, at: row.at, changes: Changes.parse(row.changes) }));
  });
}

/** The id of the newest change that may be read; '0' where there is none. */
export async function lastOutboxId(pool: pg.Pool, tenantId: string): Promise<string> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT coalesce(max(id), 0)::text AS id FROM outbox WHERE tenant_id = $1`, [tenantId]);
    return rows[0]!.id;
  });
}
