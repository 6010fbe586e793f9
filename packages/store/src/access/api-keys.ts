import type { z } from 'zod';
import type { ApiKey } from '@csms/contracts/http/api-keys';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';
import { audit, type Actor } from '../register.ts';

type Key = z.infer<typeof ApiKey>;
export interface ApiKeyInput { name: string; role: Key['role']; areas: string[] | null; expiresAt: Date; secretHmac: Buffer }

/** A key for a program; its secret is known to its creator alone. */
export async function createApiKey(client: pg.ClientBase, key: ApiKeyInput, actor: Actor): Promise<string> {
  const id = uuidv7();
  await client.query(`INSERT INTO api_key (tenant_id, id, name, role, areas, secret_hmac, created_by, created_at, expires_at) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8)`,
    [id, key.name, key.role, key.areas, key.secretHmac, actor.name, actor.now, key.expiresAt]);
  await audit(client, actor, 'api-key.create', id, { name: key.name, role: key.role, areas: key.areas, expiresAt: key.expiresAt.toISOString() });
  return id;
}

/** Ends a key at once; false where there is none, or it is revoked already. */
export async function revokeApiKey(client: pg.ClientBase, id: string, actor: Actor): Promise<boolean> {
  const { rowCount } = await client.query('UPDATE api_key SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL', [id, actor.now, actor.name]);
  if (rowCount === 1) await audit(client, actor, 'api-key.revoke', id, null);
  return rowCount === 1;
}

interface KeyRow { id: string; name: string; role: Key['role']; areas: string[] | null; created_by: string; created_at: Date; expires_at: Date; revoked_at: Date | null; last_used_at: Date | null; key_at: string }

/** Keys, newest first, those that are over among them. */
export async function listApiKeys(db: Queryable, request: PageRequest, now: Date): Promise<PageRead<Key>> {
  const where = new Where();
  if (request.after) where.add('(k.created_at, k.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<KeyRow>(`SELECT k.*, ${keyTime('k.created_at')} AS key_at FROM api_key k ${where.sql} ORDER BY k.created_at DESC, k.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => keyOf(row, now));
}

/** One key without its secret, or null. */
export async function readApiKey(db: Queryable, id: string, now: Date): Promise<Key | null> {
  const { rows } = await db.query<KeyRow>(`SELECT k.*, '' AS key_at FROM api_key k WHERE k.id = $1`, [id]);
  return rows[0] ? keyOf(rows[0], now) : null;
}

function keyOf(row: KeyRow, now: Date): Key {
  return {
    id: row.id, name: row.name, role: row.role, areas: row.areas, createdBy: row.created_by, createdAt: iso(row.created_at), expiresAt: iso(row.expires_at),
    revokedAt: isoOrNull(row.revoked_at), lastUsedAt: isoOrNull(row.last_used_at), state: row.revoked_at !== null ? 'revoked' : row.expires_at <= now ? 'expired' : 'active',
  };
}

/** What the secret of this digest opens now, and null where it opens nothing; that it was used is noted to the minute. */
export async function useApiKey(client: pg.ClientBase, secretHmac: Buffer, now: Date): Promise<{ id: string; name: string; role: Key['role']; areas: string[] | null; createdAt: Date; expiresAt: Date } | null> {
  const { rows } = await client.query<KeyRow>('SELECT id, name, role, areas, created_at, expires_at, last_used_at FROM api_key WHERE secret_hmac = $1 AND revoked_at IS NULL AND expires_at > $2', [secretHmac, now]);
  const row = rows[0];
  if (!row) return null;
  if (row.last_used_at === null || now.getTime() - row.last_used_at.getTime() > 60_000) await client.query('UPDATE api_key SET last_used_at = $2 WHERE id = $1', [row.id, now]);
  return { id: row.id, name: row.name, role: row.role, areas: row.areas, createdAt: row.created_at, expiresAt: row.expires_at };
}
