import type { FirmwareUpdate } from '@csms/contracts/http/firmware';
import { afterBoot, afterStatus, type UpdateState } from '@csms/domain/firmware/update-state';
import { uuidv7 } from '@csms/kit';
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';
import { audit, type Actor } from '../register.ts';
import { madeBefore, requestHash, type MadeBefore } from './made-before.ts';

export const onItsWay = `state IN ('asked', 'downloading', 'downloaded', 'installing')`;

/** Enters the update of one station, to be asked at its next turn; the same key again is the same update. The caller has seen that firmware and station fit. */
export async function addUpdate(client: pg.ClientBase, given: { firmwareId: string; stationId: string; timeoutS: number; key: string | null }, actor: Actor): Promise<{ id: string } | 'on-its-way' | 'key-reused'> {
  const id = uuidv7();
  const hash = requestHash([given.firmwareId, given.stationId, given.timeoutS]);
  const before = async (): Promise<MadeBefore | undefined> => given.key === null ? undefined : (await client.query<MadeBefore>('SELECT id, request_hash FROM firmware_update WHERE idempotency_key = $1', [given.key])).rows[0];
  const known = await before();
  if (known !== undefined) return madeBefore(known, hash);
  // Two requests at once for one station take turns.
  await client.query('SELECT 1 FROM station WHERE id = $1 FOR NO KEY UPDATE', [given.stationId]);
  const first = await before();
  if (first !== undefined) return madeBefore(first, hash);
  const open = await client.query(`SELECT 1 FROM firmware_update WHERE station_id = $1 AND firmware_id = $2 AND (state = 'waiting' OR ${onItsWay}) LIMIT 1`, [given.stationId, given.firmwareId]);
  if (open.rowCount !== 0) return 'on-its-way';
  const { rowCount } = await client.query(
    `INSERT INTO firmware_update (tenant_id, id, firmware_id, station_id, request_id, nonce, timeout_s, created_by, created_at, idempotency_key, request_hash)
     VALUES (current_setting('app.tenant'), $1, $2, $3, nextval('station_request_id'), $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, [id, given.firmwareId, given.stationId, randomBytes(16), given.timeoutS, actor.name, actor.now, given.key, hash]);
  // The same key for another station, at the same moment.
  if (rowCount === 0) return 'key-reused';
  await audit(client, actor, 'firmware.update', id, { firmwareId: given.firmwareId, stationId: given.stationId });
  return { id };
}

/** A station's word about an update: the one whose request it names, else the last that it was asked for. */
export async function noteFirmwareStatus(client: pg.ClientBase, stationId: string, fact: { status: string; requestId: number | null }, at: Date): Promise<void> {
  const { rows } = await client.query<{ id: string; state: UpdateState; fetched_at: Date | null }>(
    `SELECT id, state, fetched_at FROM firmware_update WHERE station_id = $1 AND asked_at IS NOT NULL AND state <> 'cancelled' AND ($2::integer IS NULL OR request_id = $2) ORDER BY asked_at DESC, id DESC LIMIT 1 FOR UPDATE`,
    [stationId, fact.requestId]);
  const update = rows[0];
  if (!update) return;
  const change = afterStatus(update.state, fact.status, update.fetched_at !== null);
  await client.query(
    `UPDATE firmware_update SET station_says = $2, station_said_at = $3, state = $4, detail = CASE WHEN $5 THEN $6 ELSE detail END, ended_at = CASE WHEN $4 IN ('installed', 'failed') THEN coalesce(ended_at, $3) END WHERE id = $1`,
    [update.id, fact.status, at, change?.state ?? update.state, change !== null, change?.detail ?? null]);
}

/** What boots since say of updates, and those whose end nobody heard of in time. Rows that another process looks at are left to it. */
export async function settleUpdates(client: pg.ClientBase, now: Date): Promise<number> {
  const { rows } = await client.query<{ id: string; state: UpdateState; firmware: string | null; version: string; firmware_before: string | null }>(
    `SELECT u.id, u.state, s.firmware, f.version, u.firmware_before FROM firmware_update u JOIN station s ON s.tenant_id = u.tenant_id AND s.id = u.station_id JOIN firmware_image f ON f.tenant_id = u.tenant_id AND f.id = u.firmware_id
     WHERE u.id IN (SELECT id FROM firmware_update WHERE ${onItsWay} UNION ALL SELECT id FROM firmware_update WHERE state = 'installed' AND ended_at > $1::timestamptz - interval '1 hour')
       AND s.booted_at > CASE u.state WHEN 'installed' THEN u.ended_at ELSE u.asked_at END FOR UPDATE OF u SKIP LOCKED`, [now]);
  let changed = 0;
  for (const row of rows) {
    const change = afterBoot(row.state, { firmware: row.firmware, wanted: row.version, before: row.firmware_before });
    if (change === null) continue;
    await client.query('UPDATE firmware_update SET state = $2, detail = $3, ended_at = $4 WHERE id = $1', [row.id, change.state, change.detail, now]);
    changed += 1;
  }
  const late = await client.query(
    `UPDATE firmware_update SET state = 'failed', detail = 'its end was not heard of within ' || timeout_s || ' s', ended_at = $1
     WHERE id IN (SELECT id FROM firmware_update WHERE ${onItsWay} AND asked_at + make_interval(secs => timeout_s) < $1 FOR UPDATE SKIP LOCKED)`, [now]);
  return changed + (late.rowCount ?? 0);
}

/** What opens the address of a station's firmware; null: there is none, or its time is over. */
export async function firmwareAddress(client: pg.ClientBase, id: string, now: Date): Promise<{ nonce: Buffer; fileId: string; sizeBytes: number; sha256: string; fileName: string } | null> {
  const { rows } = await client.query<{ nonce: Buffer; fileId: string; sizeBytes: number; sha256: string; fileName: string }>(
    `SELECT u.nonce, f.file_id AS "fileId", f.size_bytes::float8 AS "sizeBytes", f.sha256, f.file_name AS "fileName" FROM firmware_update u JOIN firmware_image f ON f.tenant_id = u.tenant_id AND f.id = u.firmware_id
     WHERE u.id = $1 AND u.${onItsWay} AND u.expires_at > $2 AND f.state = 'approved'`, [id, now]);
  return rows[0] ?? null;
}

/** How often one address is served: a try, three retries of the station, and ranges of a poor connection, with room. */
export const fetchesMax = 20;

/** Takes one of the address's servings; false: it has had them all. */
export async function beginFetch(client: pg.ClientBase, id: string): Promise<boolean> {
  return (await client.query(`UPDATE firmware_update SET fetches = fetches + 1 WHERE id = $1 AND fetches < ${fetchesMax}`, [id])).rowCount === 1;
}

/** The station has the last byte. */
export async function firmwareFetched(client: pg.ClientBase, id: string, now: Date): Promise<void> {
  await client.query('UPDATE firmware_update SET fetched_at = coalesce(fetched_at, $2) WHERE id = $1', [id, now]);
}

const select = `SELECT u.*, s.identity, f.version, ${keyTime('u.created_at')} AS key_at FROM firmware_update u
  JOIN station s ON s.tenant_id = u.tenant_id AND s.id = u.station_id JOIN firmware_image f ON f.tenant_id = u.tenant_id AND f.id = u.firmware_id`;
interface UpdateRow {
  id: string; firmware_id: string; version: string; station_id: string; identity: string; rollout_id: string | null; state: UpdateState; detail: string | null; is_signed: boolean; firmware_before: string | null;
  station_says: string | null; station_said_at: Date | null; attempt: number; created_by: string; created_at: Date; asked_at: Date | null; fetched_at: Date | null; ended_at: Date | null; key_at: string;
}

export async function listUpdates(db: Queryable, request: PageRequest, filter: { stationId?: string | undefined; rolloutId?: string | undefined }): Promise<PageRead<FirmwareUpdate>> {
  const where = new Where();
  if (filter.stationId) where.add('u.station_id = ?', filter.stationId);
  if (filter.rolloutId) where.add('u.rollout_id = ?', filter.rolloutId);
  if (request.after) where.add('(u.created_at, u.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<UpdateRow>(`${select} ${where.sql} ORDER BY u.created_at DESC, u.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], shownUpdate);
}

export async function readUpdate(db: Queryable, id: string): Promise<FirmwareUpdate | null> {
  const { rows } = await db.query<UpdateRow>(`${select} WHERE u.id = $1`, [id]);
  return rows[0] ? shownUpdate(rows[0]) : null;
}

function shownUpdate(row: UpdateRow): FirmwareUpdate {
  return {
    id: row.id, firmwareId: row.firmware_id, version: row.version, stationId: row.station_id, stationIdentity: row.identity, rolloutId: row.rollout_id, state: row.state, detail: row.detail, isSigned: row.is_signed,
    firmwareBefore: row.firmware_before, stationSays: row.station_says, stationSaidAt: isoOrNull(row.station_said_at), attempts: row.attempt, createdBy: row.created_by, createdAt: iso(row.created_at),
    askedAt: isoOrNull(row.asked_at), fetchedAt: isoOrNull(row.fetched_at), endedAt: isoOrNull(row.ended_at),
  };
}
