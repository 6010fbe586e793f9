import type { z } from 'zod';
import type { Impersonation } from '@csms/contracts/http/impersonations';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { iso, isoOrNull } from '../read-models/page.ts';
import { audit, type Actor } from '../register.ts';

type Shown = z.infer<typeof Impersonation>;
export interface ImpersonationInput { staffSubject: string; staffName: string | null; role: Shown['role']; reason: string; secretHmac: Buffer; expiresAt: Date }

/** Staff of the platform begins to act as one of this tenant; the row in the tenant's own audit says who and why. */
export async function startImpersonation(client: pg.ClientBase, input: ImpersonationInput, actor: Actor): Promise<Shown> {
  const id = uuidv7();
  const { rows } = await client.query<ImpersonationRow>(
    `INSERT INTO impersonation (tenant_id, id, staff_subject, staff_name, role, reason, secret_hmac, started_at, expires_at) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8) RETURNING *`,
    [id, input.staffSubject, input.staffName, input.role, input.reason, input.secretHmac, actor.now, input.expiresAt]);
  await audit(client, actor, 'impersonation.start', id, { role: input.role, reason: input.reason, until: input.expiresAt.toISOString() });
  return shownOf(rows[0]!);
}

/** Ends it at once; null where it is over already. */
export async function endImpersonation(client: pg.ClientBase, id: string, actor: Actor): Promise<Shown | null> {
  const { rows } = await client.query<ImpersonationRow>('UPDATE impersonation SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING *', [id, actor.now]);
  if (!rows[0]) return null;
  await audit(client, actor, 'impersonation.end', id, null);
  return shownOf(rows[0]);
}

interface ImpersonationRow { id: string; tenant_id: string; staff_subject: string; staff_name: string | null; role: Shown['role']; reason: string; started_at: Date; expires_at: Date; ended_at: Date | null }

/** What the secret of this digest opens now. */
export async function useImpersonation(db: Queryable, secretHmac: Buffer, now: Date): Promise<(Shown & { staffSubject: string; staffName: string | null }) | null> {
  const { rows } = await db.query<ImpersonationRow>('SELECT * FROM impersonation WHERE secret_hmac = $1 AND ended_at IS NULL AND expires_at > $2', [secretHmac, now]);
  return rows[0] ? { ...shownOf(rows[0]), staffSubject: rows[0].staff_subject, staffName: rows[0].staff_name } : null;
}

function shownOf(row: ImpersonationRow): Shown {
  return { id: row.id, tenant: row.tenant_id, staff: row.staff_name ?? row.staff_subject, role: row.role, reason: row.reason, startedAt: iso(row.started_at), expiresAt: iso(row.expires_at), endedAt: isoOrNull(row.ended_at) };
}
