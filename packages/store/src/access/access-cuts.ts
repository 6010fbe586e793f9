import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';

/** From when on tokens of this holder count; null: always. A token that was issued before is none any more. */
export async function accessCutOf(db: Queryable, subject: string): Promise<Date | null> {
  const { rows } = await db.query<{ not_before: Date }>('SELECT not_before FROM access_cut WHERE subject = $1', [subject]);
  return rows[0]?.not_before ?? null;
}

/** Tokens that somebody has now end here: they were removed, got another role, or sign out everywhere. */
export async function cutAccess(client: pg.ClientBase, subject: string, now: Date): Promise<void> {
  await client.query(`INSERT INTO access_cut AS c (tenant_id, subject, not_before) VALUES (current_setting('app.tenant'), $1, $2)
    ON CONFLICT (tenant_id, subject) DO UPDATE SET not_before = greatest(c.not_before, excluded.not_before)`, [subject, now]);
}
