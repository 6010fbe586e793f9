import type { Bill, BillRead, MeterValue, Session, SessionCurve, SessionExplanation } from '@csms/contracts/http/index';
import { BillLine, unreadableBill } from '@csms/contracts/http/sessions';
import { z } from 'zod';
import type { Queryable } from '../forecast/queryable.ts';
import { maskCards } from './evidence.ts';
import { Where, cutPage, energySoFar, finite, iso, isoOrNull, keyTime, limitOf, maskUid, type PageRead, type PageRequest } from './page.ts';

export const sessionKey = ['time', 'uuid'] as const;
export const meterValueKey = ['time', 'int', 'int', 'text'] as const;

export interface SessionFilter { siteId?: string | undefined; stationId?: string | undefined; state?: string | undefined; from?: string | undefined; until?: string | undefined }

interface SessionRow {
  id: string; station_id: string; identity: string; site_id: string; evse_id: number; connector_id: number | null; transaction_ref: string; ocpp_version: string; source: 'ocpp' | 'import';
  token_uid: string | null; driver_name: string | null; authorization_status: string; started_at: Date; start_received_at: Date; ended_at: Date | null; end_received_at: Date | null;
  state: 'active' | 'ended' | 'lost-stop'; stop_reason: string | null; meter_start_wh: number | null; meter_stop_wh: number | null; energy_wh: number | null; last_register_wh: number | null;
  last_power_w: number | null; last_soc_pct: number | null; last_reading_at: Date | null; idle_since: Date | null; idle_seconds: number; flags: string[];
  tariff_name: string | null; energy_per_kwh_minor: number; tariff_currency: string; key_at: string;
  bill_id: string | null; bill_currency: string; bill_energy_wh: number; bill_total_minor: string; bill_lines: unknown; bill_state: 'provisional' | 'final'; bill_created_at: Date; bill_finalized_at: Date | null;
}

// The tariff of a bill is the one it was made by; before there is one, the one that would be taken: the site's before the tenant's, the newest first.
const select = `SELECT s.*, st.identity, st.site_id, coalesce(dr.name, tk.driver_name) AS driver_name, t.name AS tariff_name, t.energy_per_kwh_minor, t.currency AS tariff_currency, ${keyTime('s.started_at')} AS key_at,
  b.id AS bill_id, b.currency AS bill_currency, b.energy_wh AS bill_energy_wh, b.total_minor AS bill_total_minor, b.lines AS bill_lines, b.state AS bill_state, b.created_at AS bill_created_at, b.finalized_at AS bill_finalized_at
  FROM session s JOIN station st ON st.tenant_id = s.tenant_id AND st.id = s.station_id
  LEFT JOIN token tk ON tk.tenant_id = s.tenant_id AND tk.id = s.token_id LEFT JOIN driver dr ON dr.tenant_id = tk.tenant_id AND dr.id = tk.driver_id
  LEFT JOIN bill b ON b.tenant_id = s.tenant_id AND b.session_id = s.id
  LEFT JOIN LATERAL (SELECT * FROM tariff f WHERE f.tenant_id = s.tenant_id AND CASE WHEN b.id IS NOT NULL THEN f.id = b.tariff_id
      ELSE (f.site_id = st.site_id OR f.site_id IS NULL) AND f.valid_from <= s.started_at AND (f.valid_until IS NULL OR f.valid_until > s.started_at) END
    ORDER BY f.site_id NULLS LAST, f.valid_from DESC, f.id DESC LIMIT 1) t ON true`;

/** Sessions, latest start first. */
export async function listSessions(db: Queryable, request: PageRequest, filter: SessionFilter): Promise<PageRead<Session>> {
  const where = new Where();
  if (filter.siteId) where.add('st.site_id = ?', filter.siteId);
  if (filter.stationId) where.add('s.station_id = ?', filter.stationId);
  if (filter.state) where.add('s.state = ?', filter.state);
  if (filter.from) where.add('s.started_at >= ?', filter.from);
  if (filter.until) where.add('s.started_at < ?', filter.until);
  if (request.after) where.add('(s.started_at, s.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<SessionRow>(`${select} ${where.sql} ORDER BY s.started_at DESC, s.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], sessionOf);
}

export async function readSession(db: Queryable, id: string): Promise<Session | null> {
  const { rows } = await db.query<SessionRow>(`${select} WHERE s.id = $1`, [id]);
  return rows[0] ? sessionOf(rows[0]) : null;
}

/** The readings of a session thinned to about `points`: one of every n, the first and the last always, so that the curve keeps its ends. */
export async function readCurve(db: Queryable, id: string, points: number): Promise<SessionCurve | null> {
  const session = await readingsOfSession(db, id);
  if (!session) return null;
  const { rows } = await db.query<{ at: Date; power_w: number | null; register_wh: number | null; soc_pct: number | null; of: number }>(
    `SELECT at, power_w, register_wh, soc_pct, of FROM (
       SELECT at, power_w, register_wh, soc_pct, row_number() OVER (ORDER BY at)::int AS n, count(*) OVER ()::int AS of FROM meter_value
       WHERE station_id = $1 AND evse_id = $2 AND transaction_ref = $3 AND at >= $4 AND at <= $5) r
     WHERE n = 1 OR n = of OR n % greatest(1, ceil(of / $6::float8)::int) = 0 ORDER BY at`, [...session.range, points]);
  const start = session.meterStartWh;
  return {
    sessionId: id, readings: rows[0]?.of ?? 0,
    points: rows.map((row) => ({ at: iso(row.at), powerW: finite(row.power_w), energyWh: energySoFar({ energy_wh: null, last_register_wh: row.register_wh, meter_start_wh: start }), socPct: finite(row.soc_pct) })),
  };
}

/** Everything the books know of how a session came to be what it is: each message with its verdict, and how many readings stand behind it. */
export async function explainSession(db: Queryable, id: string): Promise<SessionExplanation | null> {
  const session = await readSession(db, id);
  const readings = await readingsOfSession(db, id);
  if (!session || !readings) return null;
  const { rows } = await db.query<{ action: string; message_id: string; seq_no: number | null; event_at: Date | null; received_at: Date; verdict: 'applied' | 'duplicate' | 'late' | 'orphan' | 'conflict'; detail: string | null; payload: unknown }>(
    'SELECT action, message_id, seq_no, event_at, received_at, verdict, detail, payload FROM session_event WHERE session_id = $1 ORDER BY id LIMIT 5000', [id]);
  const count = await db.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM meter_value WHERE station_id = $1 AND evse_id = $2 AND transaction_ref = $3', readings.range.slice(0, 3));
  const decided = rows.map((row) => ({
    action: row.action, messageId: row.message_id, seqNo: row.seq_no, eventAt: isoOrNull(row.event_at), receivedAt: iso(row.received_at), verdict: row.verdict, detail: row.detail, payload: maskCards(row.payload),
  }));
  // A 2.x reading comes inside an event, which is listed; a late or repeated one has a row of its own.
  const told = session.ocppVersion === 'ocpp1.6' ? await readingsAsMessages(db, readings.range.slice(0, 3), session) : [];
  const late = new Set(decided.filter((one) => one.action === 'MeterValues' && one.verdict === 'late').map((one) => one.eventAt));
  return { session, readings: count.rows[0]!.n, messages: [...decided, ...told.filter((one) => !late.has(one.eventAt))].sort((x, y) => (x.receivedAt < y.receivedAt ? -1 : x.receivedAt > y.receivedAt ? 1 : 0)) };
}

/**
 * The readings that 1.6 sends as messages of their own, in the shape of the other messages of a session. Not bounded by the charger's clock, because one
 * that is wrong is what somebody may be looking for.
 */
async function readingsAsMessages(db: Queryable, of: unknown[], end: { endedAt: string | null; endReceivedAt: string | null }): Promise<SessionExplanation['messages']> {
  const { rows } = await db.query<{ at: Date; received_at: Date; context: string | null; register_wh: number | null; power_w: number | null; soc_pct: number | null; other: Record<string, { flag?: string }> | null }>(
    `SELECT at, received_at, context, register_wh, power_w, soc_pct, other FROM meter_value
     WHERE station_id = $1 AND evse_id = $2 AND transaction_ref = $3 AND (received_at <= coalesce($4, 'infinity'::timestamptz) OR at <= $5::timestamptz) ORDER BY received_at, at LIMIT 5000`, [...of, end.endReceivedAt, end.endedAt]);
  return rows.map((row) => {
    const words = [row.register_wh === null ? null : `register ${kilo(row.register_wh)} kWh`, row.power_w === null ? null : `${kilo(row.power_w)} kW`, row.soc_pct === null ? null : `battery ${row.soc_pct} %`];
    const aside = Object.entries(row.other ?? {}).flatMap(([name, sample]) => (typeof sample?.flag === 'string' ? [`${name} ${sample.flag}`] : []));
    return {
      action: 'MeterValues', messageId: '', seqNo: null, eventAt: row.at.getUTCFullYear() > 0 && row.at.getUTCFullYear() < 10_000 ? iso(row.at) : null, receivedAt: iso(row.received_at), verdict: 'applied' as const,
      detail: `reading stored: ${words.filter((word) => word !== null).join(', ') || 'other measurands'}${aside.length > 0 ? `; kept aside: ${aside.join(', ')}` : ''}`,
      payload: { context: row.context, registerWh: finite(row.register_wh), powerW: finite(row.power_w), socPct: finite(row.soc_pct), other: row.other ?? null },
    };
  });
}

const kilo = (value: number): string => String(Math.round(value) / 1000);

/** Where a session's readings stand; the bounds in time let PostgreSQL leave most partitions alone, and are wide because clocks are wrong and readings late. */
async function readingsOfSession(db: Queryable, id: string): Promise<{ range: unknown[]; meterStartWh: number | null } | null> {
  const { rows } = await db.query<{ station_id: string; evse_id: number; transaction_ref: string; meter_start_wh: number | null; a: Date; b: Date }>(
    `SELECT station_id, evse_id, transaction_ref, meter_start_wh, started_at - interval '1 day' AS a, greatest(coalesce(ended_at, now()), coalesce(last_reading_at, started_at)) + interval '1 day' AS b
     FROM session WHERE id = $1`, [id]);
  const row = rows[0];
  return row ? { range: [row.station_id, row.evse_id, row.transaction_ref, row.a, row.b], meterStartWh: row.meter_start_wh } : null;
}

/** The readings of a station by time, latest first. */
export async function listMeterValues(db: Queryable, request: PageRequest, filter: { stationId: string; from?: string | undefined; until?: string | undefined }): Promise<PageRead<z.infer<typeof MeterValue>>> {
  const where = new Where().add('m.station_id = ?', filter.stationId);
  if (filter.from) where.add('m.at >= ?', filter.from);
  if (filter.until) where.add('m.at < ?', filter.until);
  if (request.after) where.add('(m.at, m.evse_id, m.connector_id, m.transaction_ref) < (?, ?, ?, ?)', ...request.after);
  const { rows } = await db.query<{
    station_id: string; evse_id: number; connector_id: number; transaction_ref: string; at: Date; received_at: Date; context: string | null; register_wh: number | null; power_w: number | null;
    current_a: number | null; voltage_v: number | null; soc_pct: number | null; other: unknown; key_at: string;
  }>(`SELECT m.*, ${keyTime('m.at')} AS key_at FROM meter_value m ${where.sql} ORDER BY m.at DESC, m.evse_id DESC, m.connector_id DESC, m.transaction_ref DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, String(row.evse_id), String(row.connector_id), row.transaction_ref], (row) => ({
    stationId: row.station_id, evseId: row.evse_id, connectorId: row.connector_id, transactionRef: row.transaction_ref, at: iso(row.at), receivedAt: iso(row.received_at), context: row.context,
    registerWh: finite(row.register_wh), powerW: finite(row.power_w), currentA: finite(row.current_a), voltageV: finite(row.voltage_v), socPct: finite(row.soc_pct), other: row.other ?? null,
  }));
}

function sessionOf(row: SessionRow): Session {
  const bill = row.bill_id === null ? null : readBillRow({
    id: row.bill_id, session_id: row.id, currency: row.bill_currency, energy_wh: row.bill_energy_wh, total_minor: row.bill_total_minor, lines: row.bill_lines, state: row.bill_state,
    created_at: row.bill_created_at, finalized_at: row.bill_finalized_at,
  });
  return {
    id: row.id, stationId: row.station_id, stationIdentity: row.identity, siteId: row.site_id, evseId: row.evse_id, connectorId: row.connector_id,
    transactionRef: row.transaction_ref, ocppVersion: row.ocpp_version, source: row.source,
    tokenMasked: row.token_uid === null ? null : maskUid(row.token_uid), driverName: row.driver_name, authorizationStatus: row.authorization_status,
    startedAt: iso(row.started_at), startReceivedAt: iso(row.start_received_at), endedAt: isoOrNull(row.ended_at), endReceivedAt: isoOrNull(row.end_received_at),
    state: row.state, stopReason: row.stop_reason, meterStartWh: finite(row.meter_start_wh), meterStopWh: finite(row.meter_stop_wh), energyWh: energySoFar(row),
    powerW: finite(row.last_power_w), socPct: finite(row.last_soc_pct), lastReadingAt: isoOrNull(row.last_reading_at), idleSince: isoOrNull(row.idle_since), idleSeconds: row.idle_seconds,
    flags: bill === null || isWhole(bill) ? row.flags : [...row.flags, unreadableBill], bill: bill !== null && isWhole(bill) ? wholeBill(bill) : null,
    tariff: row.tariff_name === null ? null : { name: row.tariff_name, energyPerKwhMinor: row.energy_per_kwh_minor, currency: row.tariff_currency },
  };
}

const Lines = z.array(BillLine);

export interface BillRow { id: string; session_id: string; currency: string; energy_wh: number; total_minor: string; lines: unknown; state: 'provisional' | 'final'; created_at: Date; finalized_at: Date | null }

/** A bill as it stands; where something of it cannot be read (a number beyond safe integers, lines of no known shape), that is null or left out and the flag says so. */
export function readBillRow(row: BillRow): BillRead {
  const lines = Lines.safeParse(row.lines);
  const total = Number(row.total_minor);
  const totalMinor = Number.isSafeInteger(total) ? total : null;
  const energyWh = finite(row.energy_wh);
  return {
    id: row.id, sessionId: row.session_id, currency: row.currency, energyWh, totalMinor, lines: lines.data ?? [], state: row.state,
    createdAt: iso(row.created_at), finalizedAt: isoOrNull(row.finalized_at), flags: lines.success && totalMinor !== null && energyWh !== null ? [] : [unreadableBill],
  };
}

type WholeBill = BillRead & Pick<Bill, 'energyWh' | 'totalMinor'>;

function isWhole(bill: BillRead): bill is WholeBill {
  return bill.flags.length === 0;
}

function wholeBill({ flags: _none, ...bill }: WholeBill): Bill {
  return bill;
}
