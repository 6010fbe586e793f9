import type { Rollout } from '@csms/contracts/http/firmware';
import { countUpdates, nextRolloutStep, type RolloutView } from '@csms/domain/firmware/rollout';
import type { UpdateState } from '@csms/domain/firmware/update-state';
import { uuidv7 } from '@csms/kit';
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, keyTime, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';
import { audit, type Actor } from '../register.ts';
import { madeBefore, requestHash, type MadeBefore } from './made-before.ts';
import { onItsWay } from './updates.ts';

/** `key`: the request's idempotency key. `no-station`: there is none to bring it to; `on-its-way`: such a rollout is not over; `key-reused`: the key was another request's. */
export type StartedRollout = { id: string } | 'no-station' | 'on-its-way' | 'key-reused';

/**
 * Enters a rollout over every station that the firmware fits and that does not have it: connected ones first, then by identity. The same key again is the
 * same rollout, and of one firmware to one site there is one at a time. Firmware that is not approved is the caller's to refuse; nobody is asked for it in any case.
 */
export async function startRollout(client: pg.ClientBase, given: { firmwareId: string; siteId: string | null; updateTimeoutS: number; key: string | null }, actor: Actor): Promise<StartedRollout> {
  const id = uuidv7();
  const hash = requestHash([given.firmwareId, given.siteId, given.updateTimeoutS]);
  const known = given.key === null ? undefined : (await client.query<MadeBefore>('SELECT id, request_hash FROM firmware_rollout WHERE idempotency_key = $1', [given.key])).rows[0];
  if (known !== undefined) return madeBefore(known, hash);
  const { rows } = await client.query<{ id: string }>(
    `SELECT s.id FROM station s JOIN firmware_image f ON f.id = $1 JOIN site si ON si.tenant_id = s.tenant_id AND si.id = s.site_id AND si.state = 'active'
     WHERE lower(s.vendor) = lower(f.vendor) AND lower(s.model) = lower(f.model) AND s.firmware IS DISTINCT FROM f.version AND coalesce(s.ocpp_version, 'ocpp1.6') = 'ocpp1.6' AND ($2::uuid IS NULL OR s.site_id = $2)
     ORDER BY s.online DESC, s.identity`, [given.firmwareId, given.siteId]);
  if (rows.length === 0) return 'no-station';
  const { rowCount } = await client.query(
    `INSERT INTO firmware_rollout (tenant_id, id, firmware_id, site_id, update_timeout_s, created_by, created_at, updated_at, idempotency_key, request_hash)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $6, $7, $8) ON CONFLICT DO NOTHING`,
    [id, given.firmwareId, given.siteId, given.updateTimeoutS, actor.name, actor.now, given.key, hash]);
  if (rowCount === 0) {
    // The same request at the same moment, or another one that was first.
    const { rows: [first] } = await client.query<MadeBefore>('SELECT id, request_hash FROM firmware_rollout WHERE idempotency_key = $1', [given.key]);
    return first === undefined ? 'on-its-way' : madeBefore(first, hash);
  }
  await client.query(
    `INSERT INTO firmware_update (tenant_id, id, firmware_id, station_id, rollout_id, place, request_id, nonce, timeout_s, created_by, created_at)
     SELECT current_setting('app.tenant'), m.id, $1, m.station_id, $2, m.place, nextval('station_request_id'), m.nonce, $3, $4, $5 FROM unnest($6::uuid[], $7::uuid[], $8::int[], $9::bytea[]) AS m(id, station_id, place, nonce)`,
    [given.firmwareId, id, given.updateTimeoutS, actor.name, actor.now, rows.map(() => uuidv7()), rows.map((row) => row.id), rows.map((_, place) => place), rows.map(() => randomBytes(16))]);
  await audit(client, actor, 'rollout.start', id, { firmwareId: given.firmwareId, siteId: given.siteId, stations: rows.length });
  return { id };
}

interface RunningRow { id: string; state: RolloutView['state']; stage: RolloutView['stage']; forgiven_started: number; forgiven_failed: number }

/** Of two drivers one steps a tenant's updates at a time: two rollouts may want one station, which is on its way to one firmware. Until the end of the transaction. */
export async function takeFirmwareTurn(client: pg.ClientBase): Promise<boolean> {
  return (await client.query<{ ours: boolean }>(`SELECT pg_try_advisory_xact_lock(hashtextextended('firmware/' || current_setting('app.tenant'), 42)) AS ours`)).rows[0]!.ours;
}

/**
 * Has the station of an update got its version meanwhile: by another update of the same firmware, or, in a rollout, by whatever brought it. Somebody who
 * asks one station for the version that it runs means it.
 */
const isFulfilled = `((u.rollout_id IS NOT NULL AND s.firmware IS NOT DISTINCT FROM f.version)
  OR EXISTS (SELECT 1 FROM firmware_update i WHERE i.tenant_id = u.tenant_id AND i.station_id = u.station_id AND i.firmware_id = u.firmware_id AND i.state = 'installed' AND i.ended_at >= u.created_at))`;

/** Ends the updates that wait for what their station has got meanwhile: nobody is asked for that again. */
export async function cancelFulfilled(client: pg.ClientBase, now: Date): Promise<void> {
  await client.query(
    `UPDATE firmware_update u SET state = 'cancelled', detail = 'the station has got this version meanwhile', ended_at = $1
     FROM station s, firmware_image f WHERE u.state = 'waiting' AND s.tenant_id = u.tenant_id AND s.id = u.station_id AND f.tenant_id = u.tenant_id AND f.id = u.firmware_id
       AND ${isFulfilled}`, [now]);
}

/**
 * One step of each running rollout of the tenant that no other process looks at, under its row lock: stages go on, failures stop, and the stations whose turn
 * it is are marked `asked`. Whoever comes after sees that.
 */
export async function stepRollouts(client: pg.ClientBase, now: Date): Promise<void> {
  const { rows } = await client.query<RunningRow>(`SELECT id, state, stage, forgiven_started, forgiven_failed FROM firmware_rollout WHERE state = 'running' ORDER BY id FOR UPDATE SKIP LOCKED`);
  for (const rollout of rows) {
    const counts = await client.query<{ state: UpdateState; n: number }>('SELECT state, count(*)::int AS n FROM firmware_update WHERE rollout_id = $1 GROUP BY state', [rollout.id]);
    const step = nextRolloutStep({ state: rollout.state, stage: rollout.stage, forgivenStarted: rollout.forgiven_started, forgivenFailed: rollout.forgiven_failed }, countUpdates(counts.rows.map((row) => [row.state, row.n])));
    if (step.state !== rollout.state || step.stage !== rollout.stage) {
      await client.query('UPDATE firmware_rollout SET state = $2, stage = $3, detail = $4, updated_at = $5 WHERE id = $1', [rollout.id, step.state, step.stage, step.detail, now]);
      if (step.state !== rollout.state) await audit(client, { name: 'rollout', now }, `rollout.${step.state}`, rollout.id, step.detail === null ? null : { why: step.detail });
    }
    if (step.askMax > 0) await markAsked(client, await readyUpdates(client, rollout.id, step.askMax, now), now);
  }
}

/** Updates of single stations whose turn it is; as `stepRollouts`. */
export async function stepSingles(client: pg.ClientBase, now: Date): Promise<void> {
  await markAsked(client, await readyUpdates(client, null, 1_000, now), now);
}

/**
 * Updates of a rollout, or (null) of single stations, that can be asked now, in their order: the station is connected and on its way to no other firmware,
 * of its single updates it is the oldest, it has not got the firmware since, and that is still approved.
 */
async function readyUpdates(client: pg.ClientBase, rolloutId: string | null, howMany: number, now: Date): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT u.id FROM firmware_update u JOIN station s ON s.tenant_id = u.tenant_id AND s.id = u.station_id JOIN firmware_image f ON f.tenant_id = u.tenant_id AND f.id = u.firmware_id
     WHERE u.state = 'waiting' AND u.rollout_id IS NOT DISTINCT FROM $1 AND s.online AND coalesce(u.not_before <= $2, true) AND f.state = 'approved' AND NOT ${isFulfilled}
       AND NOT EXISTS (SELECT 1 FROM firmware_update o WHERE o.tenant_id = u.tenant_id AND o.station_id = u.station_id AND (o.${onItsWay} OR ($1::uuid IS NULL AND o.state = 'waiting' AND o.rollout_id IS NULL AND o.id < u.id)))
     ORDER BY u.place, u.id LIMIT $3 FOR UPDATE OF u SKIP LOCKED`, [rolloutId, now, howMany]);
  return rows.map((row) => row.id);
}

/**
 * Does a station not know SignedUpdateFirmware: it refused it for this update, or under the firmware that it still runs, or it says that it has no key
 * SecurityProfile, which whoever has the extension has (security whitepaper, 6).
 */
const knowsNoSigned = `(u.signed_refused
  OR EXISTS (SELECT 1 FROM firmware_update p WHERE p.tenant_id = u.tenant_id AND p.station_id = u.station_id AND p.signed_refused AND p.firmware_before IS NOT DISTINCT FROM s.firmware)
  OR EXISTS (SELECT 1 FROM configuration_value v WHERE v.tenant_id = u.tenant_id AND v.station_id = u.station_id AND lower(v.key) = 'securityprofile' AND NOT v.is_known))`;

async function markAsked(client: pg.ClientBase, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await client.query(
    `UPDATE firmware_update u SET state = 'asked', attempt = u.attempt + 1, asked_at = $2, expires_at = $2::timestamptz + interval '1 hour', not_before = NULL, firmware_before = s.firmware,
       fetched_at = NULL, fetches = 0, detail = NULL, is_signed = f.signature IS NOT NULL AND NOT ${knowsNoSigned}
     FROM station s, firmware_image f WHERE u.id = ANY ($1::uuid[]) AND s.tenant_id = u.tenant_id AND s.id = u.station_id AND f.tenant_id = u.tenant_id AND f.id = u.firmware_id AND u.state = 'waiting'`, [ids, now]);
}

/** How a person changes a rollout; `wrong-state`: it is not in one that allows this. Null: there is none. */
export async function changeRollout(client: pg.ClientBase, id: string, what: 'pause' | 'resume' | 'abort', actor: Actor): Promise<'done' | 'wrong-state' | null> {
  const { rows } = await client.query<{ state: string }>('SELECT state FROM firmware_rollout WHERE id = $1 FOR UPDATE', [id]);
  const state = rows[0]?.state;
  if (state === undefined) return null;
  const from = { pause: ['running'], resume: ['paused', 'stopped'], abort: ['running', 'paused', 'stopped'] }[what];
  if (!from.includes(state)) return 'wrong-state';
  const next = { pause: 'paused', resume: 'running', abort: 'aborted' }[what];
  await client.query(`UPDATE firmware_rollout SET state = $2, detail = NULL, updated_at = $3 WHERE id = $1`, [id, next, actor.now]);
  if (what === 'resume' && state === 'stopped') {
    await client.query(`UPDATE firmware_rollout SET forgiven_started = c.started, forgiven_failed = c.failed
      FROM (SELECT count(*) FILTER (WHERE state NOT IN ('waiting', 'cancelled')) AS started, count(*) FILTER (WHERE state = 'failed') AS failed FROM firmware_update WHERE rollout_id = $1) c WHERE firmware_rollout.id = $1`, [id]);
  }
  if (what === 'abort') await client.query(`UPDATE firmware_update SET state = 'cancelled', ended_at = $2 WHERE rollout_id = $1 AND state = 'waiting'`, [id, actor.now]);
  await audit(client, actor, `rollout.${what}`, id, { from: state });
  return 'done';
}

const select = `SELECT r.*, f.vendor, f.model, f.version, c.*, ${keyTime('r.created_at')} AS key_at FROM firmware_rollout r JOIN firmware_image f ON f.tenant_id = r.tenant_id AND f.id = r.firmware_id,
  LATERAL (SELECT count(*)::int AS total, count(*) FILTER (WHERE u.state = 'waiting')::int AS waiting, count(*) FILTER (WHERE u.${onItsWay})::int AS on_their_way, count(*) FILTER (WHERE u.state = 'installed')::int AS installed,
    count(*) FILTER (WHERE u.state = 'failed')::int AS failed, count(*) FILTER (WHERE u.state = 'cancelled')::int AS cancelled FROM firmware_update u WHERE u.tenant_id = r.tenant_id AND u.rollout_id = r.id) c`;
interface RolloutRow {
  id: string; firmware_id: string; vendor: string; model: string; version: string; site_id: string | null; state: Rollout['state']; stage: Rollout['stage']; detail: string | null;
  total: number; waiting: number; on_their_way: number; installed: number; failed: number; cancelled: number; created_by: string; created_at: Date; updated_at: Date; key_at: string;
}

export async function listRollouts(db: Queryable, request: PageRequest): Promise<PageRead<Rollout>> {
  const where = new Where();
  if (request.after) where.add('(r.created_at, r.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<RolloutRow>(`${select} ${where.sql} ORDER BY r.created_at DESC, r.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], shownRollout);
}

export async function readRollout(db: Queryable, id: string): Promise<Rollout | null> {
  const { rows } = await db.query<RolloutRow>(`${select} WHERE r.id = $1`, [id]);
  return rows[0] ? shownRollout(rows[0]) : null;
}

function shownRollout(row: RolloutRow): Rollout {
  return {
    id: row.id, firmwareId: row.firmware_id, vendor: row.vendor, model: row.model, version: row.version, siteId: row.site_id, state: row.state, stage: row.stage, detail: row.detail,
    stations: { total: row.total, waiting: row.waiting, onTheirWay: row.on_their_way, installed: row.installed, failed: row.failed, cancelled: row.cancelled },
    createdBy: row.created_by, createdAt: iso(row.created_at), updatedAt: iso(row.updated_at),
  };
}
