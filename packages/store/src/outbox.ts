import { LiveChange } from '@csms/contracts/live';
import type pg from 'pg';
import { z } from 'zod';
import { inTenant } from './in-tenant.ts';
import { iso } from './read-models/page.ts';

export interface OutboxRow { id: string; at: Date; changes: LiveChange[] }

const Changes = z.array(z.unknown());

/**
 * The next changes of a tenant after an id, oldest first. Ids of one tenant are drawn under a lock that is held until the commit (the trigger
 * outbox_turn), so they become visible in their order and none is passed over; nor does a long transaction elsewhere hold them back.
 * (Ordered by the column: a bare `id` would be the text that is selected, and 10 before 9.)
 * A change that fits no schema is left out and told to `onUnreadable`; its row is given with what else it has, if with nothing, so that a reader
 * gets past it.
 */
export async function readOutbox(pool: pg.Pool, tenantId: string, afterId: string, limit: number, onUnreadable?: (rowId: string, error: z.ZodError) => void): Promise<OutboxRow[]> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ id: string; at: Date; changes: unknown }>(
      `SELECT id::text, at, changes FROM outbox WHERE tenant_id = $1 AND id > $2::bigint ORDER BY outbox.id LIMIT $3`, [tenantId, afterId, limit]);
    return rows.map((row) => ({ id: row.id, at: new Date(iso(row.at)), changes: readable(row.changes, (error) => onUnreadable?.(row.id, error)) }));
  });
}

function readable(stored: unknown, onUnreadable: (error: z.ZodError) => void): LiveChange[] {
  const list = Changes.safeParse(stored);
  if (!list.success) onUnreadable(list.error);
  return (list.data ?? []).flatMap((each) => {
    const change = LiveChange.safeParse(each);
    if (!change.success) onUnreadable(change.error);
    return change.success ? [change.data] : [];
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
