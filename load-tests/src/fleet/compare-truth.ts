import type pg from 'pg';
import { cardEnds } from '../card-ends.ts';
import type { SessionTruth } from './orders.ts';

/** What the books and the chargers' own truth disagree in; every list empty: nothing was lost, nothing doubled. */
export interface TruthReport {
  sessions: number;
  readings: number;
  /** Answered, and not on the books. */
  lost: string[];
  /** On the books more than once, or with another number than the charger was told. */
  doubled: string[];
  /** On the books with another end or another energy. */
  differing: string[];
}

interface Booked extends pg.QueryResultRow { identity: string; token: string; startedMs: number; meterStart: number; ref: string; state: string; endedMs: number | null; meterStop: number | null; energyWh: number | null; bills: number }
interface BookedReadings extends pg.QueryResultRow { identity: string; ref: string; atMs: number[]; rows: number }

/** Lays what the chargers know beside the books, by SQL alone. Every queue of theirs must be empty. */
export async function compareTruth(truths: readonly SessionTruth[], sql: <Row extends pg.QueryResultRow>(text: string) => Promise<Row[]>): Promise<TruthReport> {
  const booked = await sql<Booked>(
    `SELECT st.identity, s.token_uid AS token, (extract(epoch FROM s.started_at) * 1000)::float8 AS "startedMs", s.meter_start_wh::float8 AS "meterStart", s.transaction_ref AS ref, s.state,
       (extract(epoch FROM s.ended_at) * 1000)::float8 AS "endedMs", s.meter_stop_wh::float8 AS "meterStop", s.energy_wh::float8 AS "energyWh",
       (SELECT count(*)::int FROM bill b WHERE b.tenant_id = s.tenant_id AND b.session_id = s.id) AS bills
     FROM session s JOIN station st ON st.tenant_id = s.tenant_id AND st.id = s.station_id WHERE s.tenant_id = 'bench'`);
  const readings = await sql<BookedReadings>(
    `SELECT st.identity, m.transaction_ref AS ref, count(*)::int AS rows, array_agg(DISTINCT (extract(epoch FROM m.at) * 1000)::float8) AS "atMs"
     FROM meter_value m JOIN station st ON st.tenant_id = m.tenant_id AND st.id = m.station_id WHERE m.tenant_id = 'bench' GROUP BY 1, 2`);
  const bySession = new Map<string, Booked[]>();
  for (const row of booked) {
    const key = `${row.identity}/${cardEnds(row.token)}/${Math.round(row.startedMs)}/${row.meterStart}`;
    bySession.set(key, [...(bySession.get(key) ?? []), row]);
  }
  const byRef = new Map(readings.map((row) => [`${row.identity}/${row.ref}`, row]));
  const report: TruthReport = { sessions: truths.length, readings: 0, lost: [], doubled: [], differing: [] };
  for (const truth of truths) {
    const name = `${truth.identity} ${new Date(truth.startedAtMs).toISOString()}`;
    const key = `${truth.identity}/${cardEnds(truth.idTag)}/${truth.startedAtMs}/${truth.meterStartWh}`;
    const rows = bySession.get(key) ?? [];
    bySession.delete(key);
    const [row] = rows;
    if (row === undefined) { if (truth.transactionId !== null) report.lost.push(`${name}: the start`); continue; }
    if (rows.length > 1) report.doubled.push(`${name}: ${rows.length} sessions`);
    if (truth.transactionId !== null && row.ref !== String(truth.transactionId)) report.doubled.push(`${name}: the charger was told ${truth.transactionId}, the books say ${row.ref}`);
    checkReadings(truth, byRef.get(`${truth.identity}/${row.ref}`), name, report);
    if (truth.stop?.acknowledged !== true) continue;
    if (row.state !== 'ended') report.lost.push(`${name}: the stop; it is ${row.state}`);
    else if (row.endedMs === null || Math.round(row.endedMs) !== truth.stop.atMs || row.meterStop !== truth.stop.meterWh || row.energyWh !== truth.stop.meterWh - truth.meterStartWh) report.differing.push(`${name}: ended at ${row.endedMs} with ${row.energyWh} Wh`);
    if (row.bills > 1) report.doubled.push(`${name}: ${row.bills} bills`);
    if (row.bills === 0) report.lost.push(`${name}: its bill`);
  }
  for (const [key, rows] of bySession) report.doubled.push(`${key}: ${rows.length} sessions that no charger began`);
  return report;
}

function checkReadings(truth: SessionTruth, stored: BookedReadings | undefined, name: string, report: TruthReport): void {
  report.readings += truth.readingsMs.length;
  const at = new Set((stored?.atMs ?? []).map(Math.round));
  const missing = truth.readingsMs.filter((ms) => !at.has(ms));
  if (missing.length > 0) report.lost.push(`${name}: ${missing.length} of ${truth.readingsMs.length} readings`);
  if (stored !== undefined && stored.rows !== at.size) report.doubled.push(`${name}: ${stored.rows - at.size} readings`);
  if (at.size > truth.readingsMade) report.doubled.push(`${name}: ${at.size} readings stored, ${truth.readingsMade} made`);
}
