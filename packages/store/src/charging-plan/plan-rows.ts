import { ChargingPlan } from '@csms/contracts/commands/charging-plan';
import type { ChargingPlanRead } from '@csms/contracts/http/charging-plans';
import { replaces } from '@csms/domain/charging-plan/check-plan';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from '../read-models/page.ts';

export const chargingPlanKey = ['time', 'uuid'] as const;

export interface NewPlan { id: string; stationId: string; evseId: number; plan: Omit<ChargingPlan, 'profileId'>; sessionId: string | null; createdBy: string; createdAt: Date }

/** Enters a plan as pending, under a number of its own by which the station will know it. */
export async function insertPlan(client: pg.ClientBase, made: NewPlan): Promise<ChargingPlan> {
  const { rows } = await client.query<{ plan: unknown }>(
    `INSERT INTO charging_plan (tenant_id, id, station_id, evse_id, profile_number, purpose, stack_level, plan, session_id, created_by, created_at)
     SELECT current_setting('app.tenant'), $1, $2, $3, n, $4, $5, $6::jsonb || jsonb_build_object('profileId', n), $7, $8, $9 FROM (SELECT nextval('charging_profile_number')::int AS n) AS numbered RETURNING plan`,
    [made.id, made.stationId, made.evseId, made.plan.purpose, made.plan.stackLevel, JSON.stringify(made.plan), made.sessionId, made.createdBy, made.createdAt]);
  return ChargingPlan.parse(rows[0]!.plan);
}

/** A plan that a station has, as far as we know: accepted, its session running (where it is of one), its time not over. */
export interface InstalledRow { id: string; evseId: number; plan: ChargingPlan }

const installed = `p.state = 'accepted' AND (p.session_id IS NULL OR s.state = 'active')`;
const withSession = 'charging_plan p LEFT JOIN session s ON s.tenant_id = p.tenant_id AND s.id = p.session_id';

export async function installedPlans(db: Queryable, stationId: string, now: Date): Promise<InstalledRow[]> {
  const { rows } = await db.query<{ id: string; evse_id: number; plan: unknown }>(`SELECT p.id, p.evse_id, p.plan FROM ${withSession} WHERE p.station_id = $1 AND ${installed} ORDER BY p.accepted_at`, [stationId]);
  return rows.flatMap((row) => {
    const plan = ChargingPlan.safeParse(row.plan);
    return plan.success && !isOver(plan.data, now) ? [{ id: row.id, evseId: row.evse_id, plan: plan.data }] : [];
  });
}

/** The station took a plan: whatever it replaces there is replaced here. False: no such plan waits. */
export async function acceptPlan(client: pg.ClientBase, stationId: string, profileNumber: number, at: Date): Promise<boolean> {
  const { rows } = await client.query<{ id: string; evseId: number; purpose: string; stackLevel: number }>(
    `UPDATE charging_plan SET state = 'accepted', accepted_at = $3, ended_at = NULL, detail = NULL WHERE station_id = $1 AND profile_number = $2 AND state = 'pending'
     RETURNING id, evse_id AS "evseId", purpose, stack_level AS "stackLevel"`, [stationId, profileNumber, at]);
  const next = rows[0];
  if (next === undefined) return false;
  const { rows: others } = await client.query<{ id: string; evseId: number; purpose: string; stackLevel: number }>(
    `SELECT id, evse_id AS "evseId", purpose, stack_level AS "stackLevel" FROM charging_plan WHERE station_id = $1 AND state = 'accepted' AND id <> $2`, [stationId, next.id]);
  await endPlans(client, others.filter((known) => replaces(next, known)).map((known) => known.id), 'replaced', null, at);
  return true;
}

export async function refusePlan(client: pg.ClientBase, stationId: string, profileNumber: number, detail: string, at: Date): Promise<void> {
  await client.query(`UPDATE charging_plan SET state = 'refused', detail = $3, ended_at = $4 WHERE station_id = $1 AND profile_number = $2 AND state = 'pending'`, [stationId, profileNumber, detail, at]);
}

/** Nobody knows whether the station has it: it stays pending, and says why. */
export async function doubtPlan(client: pg.ClientBase, stationId: string, profileNumber: number, detail: string | null): Promise<void> {
  await client.query(`UPDATE charging_plan SET detail = $3 WHERE station_id = $1 AND profile_number = $2 AND state = 'pending'`, [stationId, profileNumber, detail]);
}

export interface PlanFilter { profileId: number | null; evseId: number | null; purpose: string | null; stackLevel: number | null }

/** Ends every plan that a ClearChargingProfile meets (1.6, 5.4: an id alone counts where there is one; else each field that is given). */
export async function clearPlans(client: pg.ClientBase, stationId: string, filter: PlanFilter, detail: string, at: Date): Promise<number> {
  const byId = filter.profileId !== null;
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM charging_plan WHERE station_id = $1 AND state IN ('accepted', 'pending')
       AND CASE WHEN $2::int IS NOT NULL THEN profile_number = $2 ELSE ($3::int IS NULL OR evse_id = $3) AND ($4::text IS NULL OR purpose = $4) AND ($5::int IS NULL OR stack_level = $5) END`,
    [stationId, filter.profileId, byId ? null : filter.evseId, byId ? null : filter.purpose, byId ? null : filter.stackLevel]);
  await endPlans(client, rows.map((row) => row.id), 'cleared', detail, at);
  return rows.length;
}

async function endPlans(client: pg.ClientBase, ids: readonly string[], state: 'replaced' | 'cleared', detail: string | null, at: Date): Promise<void> {
  if (ids.length > 0) await client.query('UPDATE charging_plan SET state = $2, detail = $3, ended_at = $4 WHERE id = ANY($1::uuid[])', [ids, state, detail, at]);
}

interface PlanRow {
  id: string; station_id: string; evse_id: number; profile_number: number; purpose: ChargingPlan['purpose']; stack_level: number; plan: unknown; session_id: string | null; session_ended_at: Date | null; state: Exclude<ChargingPlanRead['state'], 'over'>; detail: string | null;
  created_by: string; created_at: Date; accepted_at: Date | null; ended_at: Date | null; key_at: string;
}

/** What is shown of a row whose plan fits no schema: that it is there. */
const unreadable = { kind: 'Absolute', recurrency: null, validFrom: null, validTo: null, transactionRef: null, unit: 'A', durationS: null, startsAt: null, minRate: null, periods: [] } as const;

const select = `SELECT p.*, s.ended_at AS session_ended_at, ${keyTime('p.created_at')} AS key_at FROM ${withSession}`;

/** Plans of a station, latest first. `installed`: those that it has. */
export async function listPlans(db: Queryable, request: PageRequest, filter: { stationId: string; installed?: boolean | undefined }, now: Date): Promise<PageRead<ChargingPlanRead>> {
  const where = new Where();
  where.add('p.station_id = ?', filter.stationId);
  if (filter.installed !== undefined) where.add(`(${installed} AND (p.plan ->> 'validTo' IS NULL OR p.plan ->> 'validTo' > ?)) = ?`, now.toISOString(), filter.installed);
  if (request.after) where.add('(p.created_at, p.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<PlanRow>(`${select} ${where.sql} ORDER BY p.created_at DESC, p.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => planOf(row, now));
}

export async function readPlan(db: Queryable, stationId: string, id: string, now: Date): Promise<ChargingPlanRead | null> {
  const { rows } = await db.query<PlanRow>(`${select} WHERE p.station_id = $1 AND p.id = $2`, [stationId, id]);
  return rows[0] ? planOf(rows[0], now) : null;
}

function planOf(row: PlanRow, now: Date): ChargingPlanRead {
  const read = ChargingPlan.safeParse(row.plan);
  const { transactionRef: _ref, ...plan } = read.success ? read.data : { ...unreadable, profileId: row.profile_number, purpose: row.purpose, stackLevel: row.stack_level };
  const over = row.state === 'accepted' && (row.session_ended_at !== null || isOver(plan, now));
  return {
    ...plan, periods: [...plan.periods], id: row.id, stationId: row.station_id, evseId: row.evse_id, sessionId: row.session_id, validFrom: stamp(plan.validFrom), validTo: stamp(plan.validTo), startsAt: stamp(plan.startsAt),
    state: over ? 'over' : row.state, detail: row.detail, createdBy: row.created_by, createdAt: iso(row.created_at), acceptedAt: isoOrNull(row.accepted_at),
    endedAt: over ? isoOrNull(row.session_ended_at ?? (plan.validTo === null ? null : new Date(plan.validTo))) : isoOrNull(row.ended_at),
  };
}

const stamp = (text: string | null): string | null => (text === null ? null : iso(new Date(text)));

function isOver(plan: Pick<ChargingPlan, 'validTo'>, now: Date): boolean {
  return plan.validTo !== null && Date.parse(plan.validTo) <= now.getTime();
}
