import type { Firmware } from '@csms/contracts/http/firmware';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';
import { AlreadyRegistered, audit, type Actor } from '../register.ts';

/** Who acts, as the audit names them, and by the subject of their token: that is who counts as a second person. */
export interface FirmwareActor extends Actor { subject: string }

export interface FirmwareSignature { signature: string; certificatePem: string; fingerprint: string }

/** Enters firmware without its file. Throws AlreadyRegistered where this version is there and was not withdrawn. */
export async function addFirmware(client: pg.ClientBase, given: { vendor: string; model: string; version: string; fileName: string; signed: FirmwareSignature | null }, actor: FirmwareActor): Promise<string> {
  const id = uuidv7();
  const { rowCount } = await client.query(
    `INSERT INTO firmware_image (tenant_id, id, vendor, model, version, file_name, signature, signing_certificate_pem, signing_fingerprint, created_by, created_by_name, created_at)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
    [id, given.vendor, given.model, given.version, given.fileName, given.signed?.signature ?? null, given.signed?.certificatePem ?? null, given.signed?.fingerprint ?? null, actor.subject, actor.name, actor.now]);
  if (rowCount === 0) throw new AlreadyRegistered(`firmware ${given.version} of ${given.vendor} ${given.model} is in the catalogue already`);
  await audit(client, actor, 'firmware.add', id, { vendor: given.vendor, model: given.model, version: given.version, isSigned: given.signed !== null });
  return id;
}

export interface FirmwareRow { state: Firmware['state']; vendor: string; model: string; version: string; fileName: string; signature: string | null; certificatePem: string | null; sha256: string | null; sizeBytes: number | null }

export async function firmwareToFill(db: Queryable, id: string): Promise<FirmwareRow | null> {
  const { rows } = await db.query<FirmwareRow>(
    `SELECT state, vendor, model, version, file_name AS "fileName", signature, signing_certificate_pem AS "certificatePem", sha256, size_bytes::float8 AS "sizeBytes" FROM firmware_image WHERE id = $1`, [id]);
  return rows[0] ?? null;
}

/**
 * The file came whole, and its signature, where it has one, was verified. It is approved at once only where its signing certificate is that of firmware
 * which is approved already: a certificate that came with the file speaks for nobody yet. False: the file was there before.
 */
export async function firmwareStored(client: pg.ClientBase, id: string, file: { fileId: string; sizeBytes: number; sha256: string }, actor: FirmwareActor): Promise<boolean> {
  const { rows } = await client.query<{ state: string }>(
    `UPDATE firmware_image f SET size_bytes = $2, sha256 = $3, uploaded_by = $4, uploaded_at = $5, file_id = $6,
       state = CASE WHEN EXISTS (SELECT 1 FROM firmware_image known WHERE known.tenant_id = f.tenant_id AND known.signing_fingerprint = f.signing_fingerprint AND known.state = 'approved') THEN 'approved' ELSE 'awaiting-approval' END,
       approved_at = CASE WHEN EXISTS (SELECT 1 FROM firmware_image known WHERE known.tenant_id = f.tenant_id AND known.signing_fingerprint = f.signing_fingerprint AND known.state = 'approved') THEN $5::timestamptz END
     WHERE id = $1 AND state = 'awaiting-file' RETURNING state`, [id, file.sizeBytes, file.sha256, actor.subject, actor.now, file.fileId]);
  if (!rows[0]) return false;
  await audit(client, actor, 'firmware.upload', id, { sha256: file.sha256, sizeBytes: file.sizeBytes, state: rows[0].state });
  return true;
}

/** A second person says yes. `same-person`: who brought it cannot approve it (C-12). */
export async function approveFirmware(client: pg.ClientBase, id: string, actor: FirmwareActor): Promise<'approved' | 'same-person' | 'not-waiting' | null> {
  const { rows } = await client.query<{ state: string; own: boolean; sha256: string }>('SELECT state, $2 IN (created_by, uploaded_by) AS own, sha256 FROM firmware_image WHERE id = $1 FOR UPDATE', [id, actor.subject]);
  const image = rows[0];
  if (!image) return null;
  if (image.state !== 'awaiting-approval') return 'not-waiting';
  if (image.own) return 'same-person';
  await client.query(`UPDATE firmware_image SET state = 'approved', approved_by = $2, approved_by_name = $3, approved_at = $4 WHERE id = $1`, [id, actor.subject, actor.name, actor.now]);
  await audit(client, actor, 'firmware.approve', id, { sha256: image.sha256 });
  return 'approved';
}

/** No station is asked for it any more, and its rollouts end; null: there is none, or it was withdrawn before. What is on its way to a station ends there. */
export async function withdrawFirmware(client: pg.ClientBase, id: string, actor: Actor): Promise<true | null> {
  const { rowCount } = await client.query(`UPDATE firmware_image SET state = 'withdrawn' WHERE id = $1 AND state <> 'withdrawn'`, [id]);
  if (rowCount === 0) return null;
  await client.query(`UPDATE firmware_rollout SET state = 'aborted', detail = 'the firmware was withdrawn', updated_at = $2 WHERE firmware_id = $1 AND state IN ('running', 'paused', 'stopped')`, [id, actor.now]);
  await client.query(`UPDATE firmware_update SET state = 'cancelled', detail = 'the firmware was withdrawn', ended_at = $2 WHERE firmware_id = $1 AND state = 'waiting'`, [id, actor.now]);
  await audit(client, actor, 'firmware.withdraw', id, null);
  return true;
}

interface ImageRow {
  id: string; vendor: string; model: string; version: string; file_name: string; state: Firmware['state']; signing_fingerprint: string | null; size_bytes: string | null; sha256: string | null;
  created_by_name: string; created_at: Date; approved_by_name: string | null; approved_at: Date | null; key_at: string;
}

export async function listFirmware(db: Queryable, request: PageRequest): Promise<PageRead<Firmware>> {
  const where = new Where();
  if (request.after) where.add('(created_at, id) < (?, ?)', ...request.after);
  const { rows } = await db.query<ImageRow>(`SELECT *, ${keyTime('created_at')} AS key_at FROM firmware_image ${where.sql} ORDER BY created_at DESC, id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], shownFirmware);
}

export async function readFirmware(db: Queryable, id: string): Promise<Firmware | null> {
  const { rows } = await db.query<ImageRow>(`SELECT *, '' AS key_at FROM firmware_image WHERE id = $1`, [id]);
  return rows[0] ? shownFirmware(rows[0]) : null;
}

function shownFirmware(row: ImageRow): Firmware {
  return {
    id: row.id, vendor: row.vendor, model: row.model, version: row.version, fileName: row.file_name, state: row.state, isSigned: row.signing_fingerprint !== null, signingFingerprint: row.signing_fingerprint,
    sizeBytes: row.size_bytes === null ? null : Number(row.size_bytes), sha256: row.sha256, createdBy: row.created_by_name, createdAt: iso(row.created_at), approvedBy: row.approved_by_name, approvedAt: isoOrNull(row.approved_at),
  };
}
