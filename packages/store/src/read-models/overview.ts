import type { Overview } from '@csms/contracts/http/index';
import type { Queryable } from '../forecast/queryable.ts';
import { iso } from './page.ts';

/** The parts of the first screen that are counted, for a site or (null) for every site of the tenant. */
export type OverviewCounts = Pick<Overview, 'stations' | 'connectors' | 'powerNowW' | 'activeSessions'>;

// A figure beyond this was measured by nobody (a TW, a TWh); one such row must not make a sum that is nothing, or that overflows.
const measuredMax = '1e12';

const ofSite = `FROM station st JOIN site si ON si.tenant_id = st.tenant_id AND si.id = st.site_id AND si.state = 'active'`;

export async function countNow(db: Queryable, siteId: string | null): Promise<OverviewCounts> {
  const stations = await db.query<{ total: number; online: number; faulted: number }>(`SELECT count(*)::int AS total, count(*) FILTER (WHERE st.online)::int AS online,
      count(*) FILTER (WHERE st.online AND st.status = 'Faulted')::int AS faulted ${ofSite} WHERE ($1::uuid IS NULL OR st.site_id = $1)`, [siteId]);
  // What a station that is not connected said last is no figure of now: its connectors are "other".
  const connectors = await db.query<{ total: number; available: number; charging: number; faulted: number }>(`SELECT count(*)::int AS total,
      count(*) FILTER (WHERE st.online AND c.status = 'Available')::int AS available,
      count(*) FILTER (WHERE st.online AND c.status = 'Charging')::int AS charging,
      count(*) FILTER (WHERE st.online AND c.status = 'Faulted')::int AS faulted
    ${ofSite} JOIN connector c ON c.tenant_id = st.tenant_id AND c.station_id = st.id WHERE ($1::uuid IS NULL OR st.site_id = $1)`, [siteId]);
  const sessions = await db.query<{ active: number; power: number | null }>(`SELECT count(*)::int AS active, sum(s.last_power_w) FILTER (WHERE st.online AND abs(s.last_power_w) < ${measuredMax}) AS power
    ${ofSite} JOIN session s ON s.tenant_id = st.tenant_id AND s.station_id = st.id AND s.state = 'active' WHERE ($1::uuid IS NULL OR st.site_id = $1)`, [siteId]);
  const [station, connector, session] = [stations.rows[0]!, connectors.rows[0]!, sessions.rows[0]!];
  return {
    stations: { total: station.total, online: station.online, offline: station.total - station.online, faulted: station.faulted },
    connectors: { ...connector, other: connector.total - connector.available - connector.charging - connector.faulted },
    powerNowW: session.power ?? 0, activeSessions: session.active,
  };
}

/** The local day that a moment is in, and the one before it; on a day of 23 or 25 hours the ends are the zone's own midnights. */
export async function localDay(db: Queryable, timeZone: string, now: Date): Promise<{ from: Date; until: Date; yesterday: Date }> {
  const { rows } = await db.query<{ from: Date; until: Date; yesterday: Date }>(`SELECT d AT TIME ZONE $1 AS "from", (d + interval '1 day') AT TIME ZONE $1 AS until, (d - interval '1 day') AT TIME ZONE $1 AS yesterday
    FROM (SELECT date_trunc('day', $2::timestamptz AT TIME ZONE $1) AS d) day`, [timeZone, now]);
  return rows[0]!;
}

/**
 * The energy that flowed in [from, until) by hours counted from `from`, hours without energy left out. A session's energy is spread evenly from
 * its start to the end of its charging (its last reading while it runs), exactly as `site_load` spreads what forecasts are made of and judged by:
 * so a session across midnight is split linearly, and this screen and the forecast agree. Wh, in thousandths.
 */
export async function energyByHour(db: Queryable, window: { siteId: string | null; from: Date; until: Date }): Promise<{ at: string; energyWh: number }[]> {
  const { rows } = await db.query<{ at: Date; energy_wh: number }>(`WITH span AS (
      SELECT s.started_at AS a,
        LEAST(s.started_at + interval '31 days', GREATEST(s.started_at, COALESCE(s.charging_ended_at, s.ended_at, s.last_reading_at, s.started_at))) AS b,
        COALESCE(s.energy_wh, CASE WHEN abs(s.last_register_wh) < ${measuredMax} AND abs(s.meter_start_wh) < ${measuredMax} THEN s.last_register_wh - s.meter_start_wh END) AS wh
      FROM station st JOIN session s ON s.tenant_id = st.tenant_id AND s.station_id = st.id
      WHERE ($1::uuid IS NULL OR st.site_id = $1) AND s.started_at < $3 AND s.started_at >= $2::timestamptz - interval '31 days'
    ), hour AS (SELECT h AS at, LEAST(h + interval '1 hour', $3::timestamptz) AS ends FROM generate_series($2::timestamptz, $3::timestamptz - interval '1 microsecond', interval '1 hour') AS h)
    SELECT hour.at, sum(CASE WHEN b = a THEN wh ELSE wh * extract(epoch FROM LEAST(b, hour.ends) - GREATEST(a, hour.at)) / extract(epoch FROM b - a) END)::double precision AS energy_wh
    FROM span JOIN hour ON CASE WHEN b = a THEN a >= hour.at AND a < hour.ends ELSE a < hour.ends AND b > hour.at END
    WHERE wh > 0 AND wh < ${measuredMax} GROUP BY hour.at ORDER BY hour.at`, [window.siteId, window.from, window.until]);
  return rows.map((row) => ({ at: iso(row.at), energyWh: milli(row.energy_wh) }));
}

/** A figure in thousandths: what a mean or a share has beyond them is an artefact of the division, not a measurement. */
function milli(figure: number): number {
  return Math.round(figure * 1_000) / 1_000;
}

/** Sessions that ended in [from, until), and the sum of their bills in minor units: of those in the tenant's currency alone, since others cannot be added to them, and of those that can be read. */
export async function endedSessions(db: Queryable, window: { siteId: string | null; from: Date; until: Date }): Promise<{ sessions: number; totalMinor: number }> {
  const { rows } = await db.query<{ sessions: number; total: string }>(`SELECT count(*)::int AS sessions, coalesce(sum(b.total_minor), 0)::text AS total
    FROM session s JOIN station st ON st.tenant_id = s.tenant_id AND st.id = s.station_id LEFT JOIN bill b ON b.tenant_id = s.tenant_id AND b.session_id = s.id
      AND b.currency = (SELECT currency FROM tenant WHERE id = b.tenant_id) AND b.total_minor <= ${Number.MAX_SAFE_INTEGER}
    WHERE s.ended_at >= $2 AND s.ended_at < $3 AND s.started_at > $2::timestamptz - interval '400 days' AND s.state <> 'active' AND ($1::uuid IS NULL OR st.site_id = $1)`, [window.siteId, window.from, window.until]);
  return { sessions: rows[0]!.sessions, totalMinor: Math.min(Number(rows[0]!.total), Number.MAX_SAFE_INTEGER) };
}

interface AttentionRow { kind: Overview['attention'][number]['kind']; station_id: string | null; identity: string | null; connector_id: number | null; session_id: string | null; code: string | null; since: Date }

// Flags that a person has to look at: the bill may be wrong, or there is none. What was merely late is no work for anybody.
const urgentFlags = `ARRAY['negative-energy', 'conflicting-stop', 'lost-stop', 'time-reversed', 'no-tariff', 'no-register', 'start-missing', 'clock-wrong', 'unreadable-register', 'unpriceable']`;

/** What needs someone, longest first. `withKnocking`: strangers at the door are shown to those who may see that list. */
export async function attentionList(db: Queryable, options: { siteId: string | null; now: Date; withKnocking: boolean }): Promise<Overview['attention']> {
  const { rows } = await db.query<AttentionRow>(`WITH mine AS (SELECT st.* ${ofSite} WHERE ($1::uuid IS NULL OR st.site_id = $1))
    SELECT * FROM (
      SELECT 'station-offline' AS kind, id AS station_id, identity, NULL::int AS connector_id, NULL::uuid AS session_id, NULL AS code, coalesce(offline_since, last_seen_at, created_at) AS since FROM mine WHERE NOT online
      UNION ALL SELECT 'station-faulted', id, identity, NULL, NULL, error_code, coalesce(status_at, created_at) FROM mine WHERE online AND status = 'Faulted'
      UNION ALL SELECT 'connector-faulted', m.id, m.identity, c.connector_id, NULL, c.error_code, coalesce(c.status_at, c.received_at, m.created_at)
        FROM mine m JOIN connector c ON c.tenant_id = m.tenant_id AND c.station_id = m.id WHERE m.online AND c.status = 'Faulted'
      UNION ALL SELECT 'station-knocking', NULL, identity, NULL, NULL, reason, first_seen_at FROM knocking_station k
        WHERE $3 AND last_seen_at > $2::timestamptz - interval '1 day' AND NOT EXISTS (SELECT 1 FROM station s WHERE s.tenant_id = k.tenant_id AND s.identity = k.identity AND s.online)
      UNION ALL SELECT 'orphan-stop', m.id, m.identity, NULL, NULL, o.transaction_ref, o.received_at
        FROM mine m JOIN orphan_stop o ON o.tenant_id = m.tenant_id AND o.station_id = m.id WHERE o.matched_session_id IS NULL AND o.received_at > $2::timestamptz - interval '7 days'
      UNION ALL SELECT 'session-flagged', m.id, m.identity, s.connector_id, s.id, (SELECT f FROM unnest(s.flags) f WHERE f = ANY (${urgentFlags}) LIMIT 1), coalesce(s.end_received_at, s.start_received_at)
        FROM mine m JOIN session s ON s.tenant_id = m.tenant_id AND s.station_id = m.id
        WHERE s.flags && ${urgentFlags} AND s.source = 'ocpp' AND s.started_at > $2::timestamptz - interval '2 days'
    ) a ORDER BY since, identity LIMIT 100`, [options.siteId, options.now, options.withKnocking]);
  return rows.map((row) => ({ kind: row.kind, stationId: row.station_id, identity: row.identity, connectorId: row.connector_id, sessionId: row.session_id, code: row.code, since: iso(row.since) }));
}
