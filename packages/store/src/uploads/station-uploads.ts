import { afterUploadStatus, type UploadState } from '@csms/domain/firmware/upload-state';
import type { StationUpload } from '@csms/contracts/http/files';
import { uuidv7 } from '@csms/kit';
import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';
import { audit, type Actor } from '../register.ts';

/** How long an address takes a file; the table itself allows no longer (C-13). */
const addressLastsMs = 3_600_000;
/** A file that has not come whole by then is given up, and its address takes another try. */
const receivingLastsMs = 15 * 60_000;
const attemptsMax = 5;

export interface AskedUpload { id: string; stationId: string; kind: StationUpload['kind']; nonce: Buffer; requestId: number; from: Date | null; to: Date | null; createdAt: Date; expiresAt: Date }
interface AskedRow { id: string; station_id: string; kind: StationUpload['kind']; nonce: Buffer; request_id: number; from_at: Date | null; to_at: Date | null; created_at: Date; expires_at: Date; request_hash: string }

/** Enters an upload that a station will be asked for, once under its idempotency key; null: the key was used for another request. */
export async function askUpload(client: pg.ClientBase, given: Pick<AskedUpload, 'stationId' | 'kind' | 'from' | 'to'> & { idempotencyKey: string }, actor: Actor): Promise<AskedUpload | null> {
  const hash = createHash('sha256').update(JSON.stringify([given.stationId, given.kind, given.from, given.to])).digest('hex');
  const id = uuidv7();
  const { rows } = await client.query<AskedRow>(
    `INSERT INTO station_upload (tenant_id, id, station_id, kind, nonce, idempotency_key, request_hash, request_id, from_at, to_at, created_by, created_at, expires_at)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, nextval('station_request_id'), $7, $8, $9, $10, $11) ON CONFLICT (tenant_id, idempotency_key) DO NOTHING RETURNING *`,
    [id, given.stationId, given.kind, randomBytes(16), given.idempotencyKey, hash, given.from, given.to, actor.name, actor.now, new Date(actor.now.getTime() + addressLastsMs)]);
  if (rows[0]) await audit(client, actor, 'upload.ask', id, { stationId: given.stationId, kind: given.kind });
  const row = rows[0] ?? (await client.query<AskedRow>('SELECT * FROM station_upload WHERE idempotency_key = $1', [given.idempotencyKey])).rows[0];
  if (row?.request_hash !== hash) return null;
  return { id: row.id, stationId: row.station_id, kind: row.kind, nonce: row.nonce, requestId: row.request_id, from: row.from_at, to: row.to_at, createdAt: row.created_at, expiresAt: row.expires_at };
}

/** The key of the command that asks a station for an upload: it names the upload. */
export const uploadCommandKey = (uploadId: string): string => `upload/${uploadId}`;
const uploadOfKey = (key: string): string | undefined => /^upload\/([0-9a-f-]{36})$/.exec(key)?.[1];

/** What makes the secret of an address, for whoever knocks at it; null: no such upload. */
export async function uploadNonce(client: pg.ClientBase, id: string): Promise<Buffer | null> {
  return (await client.query<{ nonce: Buffer }>('SELECT nonce FROM station_upload WHERE id = $1', [id])).rows[0]?.nonce ?? null;
}

/**
 * Takes the address for one file: the id under which its bytes go, this try's alone; null: it was used, it is over, or another file is on its way through it.
 * Holds until `endUpload`, or for 15 minutes.
 */
export async function beginUpload(client: pg.ClientBase, id: string, now: Date): Promise<string | null> {
  const fileId = uuidv7();
  const { rowCount } = await client.query(
    `UPDATE station_upload SET state = 'receiving', receiving_until = $3, attempts = attempts + 1, file_id = $4
     WHERE id = $1 AND expires_at > $2 AND attempts < ${attemptsMax} AND (state = 'asked' OR (state = 'receiving' AND receiving_until < $2))`, [id, now, new Date(now.getTime() + receivingLastsMs), fileId]);
  return rowCount === 1 ? fileId : null;
}

/** The file of this try came whole, or it did not (`file` null): then the address takes another try while it lasts. False: a later try has the address, and these bytes are nobody's. */
export async function endUpload(client: pg.ClientBase, { id, fileId }: { id: string; fileId: string }, now: Date, file: { name: string; sizeBytes: number; sha256: string } | null, detail: string | null = null): Promise<boolean> {
  const { rowCount } = file === null
    ? await client.query(`UPDATE station_upload SET state = 'asked', receiving_until = NULL, detail = $2 WHERE id = $1 AND state = 'receiving' AND file_id = $3`, [id, detail, fileId])
    : await client.query(`UPDATE station_upload SET state = 'stored', receiving_until = NULL, file_name = $2, size_bytes = $3, sha256 = $4, stored_at = $5, detail = NULL WHERE id = $1 AND state = 'receiving' AND file_id = $6`,
      [id, file.name, file.sizeBytes, file.sha256, now, fileId]);
  if (rowCount === 1 && file !== null) await audit(client, { name: 'station', now }, 'upload.store', id, { sizeBytes: file.sizeBytes, sha256: file.sha256 });
  return rowCount === 1;
}

/** Under which id the bytes of a stored upload lie; null: there are none. */
export async function storedFileId(db: Queryable, id: string): Promise<string | null> {
  return (await db.query<{ fileId: string }>(`SELECT coalesce(file_id, id) AS "fileId" FROM station_upload WHERE id = $1 AND state = 'stored'`, [id])).rows[0]?.fileId ?? null;
}

/** A command that asked for an upload ended without a yes. */
export async function uploadRefused(client: pg.ClientBase, idempotencyKey: string, said: string): Promise<void> {
  const id = uploadOfKey(idempotencyKey);
  if (id !== undefined) await client.query(`UPDATE station_upload SET state = 'failed', detail = $2 WHERE id = $1 AND state = 'asked'`, [id, said.slice(0, 300)]);
}

/** A station's word about an upload: the one that it names, else the last that it was asked for. */
export async function noteUploadStatus(client: pg.ClientBase, stationId: string, fact: { of: 'diagnostics' | 'log'; status: string; requestId: number | null }, at: Date): Promise<void> {
  const { rows } = await client.query<{ id: string; state: UploadState }>(
    `SELECT id, state FROM station_upload WHERE station_id = $1 AND (kind = 'diagnostics') = $2 AND ($3::integer IS NULL OR request_id = $3) ORDER BY created_at DESC, id DESC LIMIT 1 FOR UPDATE`,
    [stationId, fact.of === 'diagnostics', fact.requestId]);
  const upload = rows[0];
  if (!upload) return;
  const change = afterUploadStatus(upload.state, fact.status);
  await client.query('UPDATE station_upload SET station_says = $2, station_said_at = $3, state = $4, detail = coalesce($5, detail) WHERE id = $1', [upload.id, fact.status, at, change?.state ?? upload.state, change?.detail ?? null]);
}

const select = `SELECT u.*, s.identity, (SELECT c.id FROM command c WHERE c.tenant_id = u.tenant_id AND c.idempotency_key = 'upload/' || u.id) AS command_id
  FROM station_upload u JOIN station s ON s.tenant_id = u.tenant_id AND s.id = u.station_id`;
interface UploadRow extends Omit<AskedRow, 'nonce'> {
  identity: string; state: StationUpload['state']; detail: string | null; station_says: string | null; station_said_at: Date | null; created_by: string;
  file_name: string | null; size_bytes: string | null; sha256: string | null; stored_at: Date | null; deleted_at: Date | null; command_id: string | null;
}

/** Asked uploads and what came of them, latest first. */
export async function listUploads(db: Queryable, request: PageRequest, filter: { stationId?: string | undefined }): Promise<PageRead<StationUpload>> {
  const where = new Where();
  if (filter.stationId) where.add('u.station_id = ?', filter.stationId);
  if (request.after) where.add('(u.created_at, u.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<UploadRow & { key_at: string }>(`${select.replace('SELECT ', `SELECT ${keyTime('u.created_at')} AS key_at, `)} ${where.sql} ORDER BY u.created_at DESC, u.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], shownUpload);
}

export async function readUpload(db: Queryable, id: string): Promise<StationUpload | null> {
  const { rows } = await db.query<UploadRow>(`${select} WHERE u.id = $1`, [id]);
  return rows[0] ? shownUpload(rows[0]) : null;
}

function shownUpload(row: UploadRow): StationUpload {
  return {
    id: row.id, stationId: row.station_id, stationIdentity: row.identity, kind: row.kind, state: row.state, detail: row.detail, stationSays: row.station_says, stationSaidAt: isoOrNull(row.station_said_at),
    requestId: row.request_id, from: isoOrNull(row.from_at), to: isoOrNull(row.to_at), createdBy: row.created_by, createdAt: iso(row.created_at), expiresAt: iso(row.expires_at),
    fileName: row.file_name, sizeBytes: row.size_bytes === null ? null : Number(row.size_bytes), sha256: row.sha256, storedAt: isoOrNull(row.stored_at), deletedAt: isoOrNull(row.deleted_at), commandId: row.command_id,
  };
}
