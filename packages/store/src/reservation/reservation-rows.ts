import type { Reservation as ReservationRead } from '@csms/contracts/http/reservations';
import type { LiveChange } from '@csms/contracts/live';
import { stateNow, type Reservation, type ReservationState } from '@csms/domain/reservation/reservation';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, maskUid, type PageRead, type PageRequest } from '../read-models/page.ts';

export const reservationKey = ['time', 'uuid'] as const;

export interface NewReservation {
  id: string; stationId: string; evseId: number; tokenUid: string; parentUid: string | null; expiresAt: Date; idempotencyKey: string; createdBy: string; createdAt: Date;
}

/** Enters a reservation as pending, with a number of its own. The same key again: the one that is there, which may be of another request. */
export async function insertReservation(client: pg.ClientBase, made: NewReservation): Promise<{ reservation: Reservation; isNew: boolean }> {
  const { rows } = await client.query<Reservation>(
    `INSERT INTO reservation AS r (tenant_id, id, station_id, number, evse_id, token_uid, parent_uid, expires_at, idempotency_key, created_by, created_at)
     VALUES (current_setting('app.tenant'), $1, $2, nextval('reservation_number'), $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, idempotency_key) DO NOTHING RETURNING ${ruleColumns}`,
    [made.id, made.stationId, made.evseId, made.tokenUid, made.parentUid, made.expiresAt, made.idempotencyKey, made.createdBy, made.createdAt]);
  if (rows[0]) {
    await announceReservations(client, [rows[0]], made.createdAt);
    return { reservation: rows[0], isNew: true };
  }
  const { rows: known } = await client.query<Reservation>(`SELECT ${ruleColumns} FROM reservation r WHERE r.idempotency_key = $1`, [made.idempotencyKey]);
  return { reservation: known[0]!, isNew: false };
}

/** What the domain's rules look at. */
export const ruleColumns = `r.id, r.station_id AS "stationId", r.number, r.evse_id AS "evseId", r.token_uid AS "tokenUid", r.parent_uid AS "parentUid", r.state, r.created_at AS "createdAt", r.expires_at AS "expiresAt"`;

export async function findReservation(db: Queryable, id: string): Promise<Reservation | null> {
  const { rows } = await db.query<Reservation>(`SELECT ${ruleColumns} FROM reservation r WHERE r.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Moves reservations that are in one of `from` to a state; resolves with those that moved. */
export async function moveReservation(
  client: pg.ClientBase, ids: readonly string[], from: readonly ReservationState[], to: { state: ReservationState; detail: string | null; sessionId?: string; at: Date },
): Promise<Reservation[]> {
  const { rows } = await client.query<Reservation>(
    `UPDATE reservation AS r SET state = $3, detail = $4, session_id = coalesce($5, session_id), ended_at = CASE WHEN $3 IN ('pending', 'active') THEN NULL ELSE $6::timestamptz END
     WHERE r.id = ANY($1::uuid[]) AND r.state = ANY($2::text[]) RETURNING ${ruleColumns}`, [ids, from, to.state, to.detail, to.sessionId ?? null, to.at]);
  return rows;
}

/** What is told of reservations that changed. */
export function changesOf(reservations: readonly Reservation[], at: Date): LiveChange[] {
  return reservations.map(({ id, stationId, evseId, state }) => ({ kind: 'reservation', reservationId: id, stationId, evseId, state, at: at.toISOString() }));
}

export async function announceReservations(client: pg.ClientBase, reservations: readonly Reservation[], at: Date): Promise<void> {
  if (reservations.length === 0) return;
  await client.query(`INSERT INTO outbox (tenant_id, changes) VALUES (current_setting('app.tenant'), $1)`, [JSON.stringify(changesOf(reservations, at))]);
}

/** Writes down what has expired by the clock (readers know it before); resolves with how many. */
export async function expireReservations(client: pg.ClientBase, now: Date): Promise<number> {
  const { rows } = await client.query<Reservation>(
    `UPDATE reservation AS r SET state = 'expired', ended_at = r.expires_at
     FROM (SELECT id FROM reservation WHERE state IN ('pending', 'active') AND expires_at <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED) AS over WHERE r.id = over.id RETURNING ${ruleColumns}`, [now]);
  await announceReservations(client, rows, now);
  return rows.length;
}

interface ReservationRow {
  id: string; station_id: string; identity: string; evse_id: number; number: number; token_uid: string; driver_name: string | null; state: ReservationState; detail: string | null;
  session_id: string | null; created_by: string; created_at: Date; expires_at: Date; ended_at: Date | null; key_at: string;
}

const select = `SELECT r.*, st.identity, coalesce(d.name, t.driver_name) AS driver_name, ${keyTime('r.created_at')} AS key_at FROM reservation r
  JOIN station st ON st.tenant_id = r.tenant_id AND st.id = r.station_id LEFT JOIN token t ON t.tenant_id = r.tenant_id AND t.uid_key = lower(r.token_uid) LEFT JOIN driver d ON d.tenant_id = t.tenant_id AND d.id = t.driver_id`;

/** Reservations, latest first. `open`: those that a station keeps, or may keep, now. */
export async function listReservations(db: Queryable, request: PageRequest, filter: { stationId?: string | undefined; open?: boolean | undefined }, now: Date): Promise<PageRead<ReservationRead>> {
  const where = new Where();
  if (filter.stationId) where.add('r.station_id = ?', filter.stationId);
  if (filter.open !== undefined) where.add(`(r.state IN ('pending', 'active') AND r.expires_at > ?) = ?`, now, filter.open);
  if (request.after) where.add('(r.created_at, r.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<ReservationRow>(`${select} ${where.sql} ORDER BY r.created_at DESC, r.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => reservationOf(row, now));
}

export async function readReservation(db: Queryable, id: string, now: Date): Promise<ReservationRead | null> {
  const { rows } = await db.query<ReservationRow>(`${select} WHERE r.id = $1`, [id]);
  return rows[0] ? reservationOf(rows[0], now) : null;
}

function reservationOf(row: ReservationRow, now: Date): ReservationRead {
  const state = stateNow({ state: row.state, expiresAt: row.expires_at }, now);
  return {
    id: row.id, stationId: row.station_id, stationIdentity: row.identity, evseId: row.evse_id, number: row.number, uidMasked: maskUid(row.token_uid), driverName: row.driver_name,
    state, detail: row.detail, sessionId: row.session_id, createdBy: row.created_by, createdAt: iso(row.created_at), expiresAt: iso(row.expires_at),
    endedAt: isoOrNull(state === 'expired' ? row.expires_at : row.ended_at),
  };
}
