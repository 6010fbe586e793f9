import type { ShownConnector, ShownStation } from '@csms/domain/public-state/public-state';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { inTenant } from '../in-tenant.ts';
import { energySoFar, finite } from '../read-models/page.ts';

/** Sites of one namespace: those named, or (null) all of them. */
export interface MirrorScope { namespace: string; sites: readonly string[] | null }

const inScope = `FROM station st JOIN site si ON si.tenant_id = st.tenant_id AND si.id = st.site_id AND si.state = 'active' AND si.namespace = $1 AND ($2::text[] IS NULL OR si.name = ANY ($2))`;

/** A transaction that began longer ago is not looked for: nobody waits at its connector. */
const sessionDaysMax = 31;

interface StationRow { id: string; online: boolean; online_since: Date | null; offline_since: Date | null; status: string | null; status_at: Date | null }
interface ConnectorRow {
  station_id: string; status: string; status_at: Date | null; received_at: Date | null; session_id: string | null; started_at: Date; ended_at: Date | null; charging_ended_at: Date | null; state: string;
  energy_wh: number | null; last_register_wh: number | null; meter_start_wh: number | null; last_power_w: number | null; last_reading_at: Date | null;
}

/** What the public state of these stations is made of; stations outside of the scope are left out. Times that no calendar has are none. */
export async function readShownStations(db: Queryable, scope: MirrorScope, stationIds: readonly string[], now: Date): Promise<Map<string, ShownStation>> {
  const stations = await db.query<StationRow>(`SELECT st.id, st.online, st.online_since, st.offline_since, st.status, st.status_at ${inScope} WHERE st.id = ANY ($3::uuid[])`, [scope.namespace, scope.sites, stationIds]);
  const connectors = await db.query<ConnectorRow>(
    `SELECT c.station_id, c.status, c.status_at, c.received_at, s.id AS session_id, s.started_at, s.ended_at, s.charging_ended_at, s.state, s.energy_wh, s.last_register_wh, s.meter_start_wh, s.last_power_w, s.last_reading_at
     FROM connector c LEFT JOIN LATERAL (SELECT * FROM session o WHERE o.tenant_id = c.tenant_id AND o.station_id = c.station_id AND o.evse_id = c.evse_id AND (o.connector_id = c.connector_id OR o.connector_id IS NULL)
       AND o.source = 'ocpp' AND o.started_at > $2::timestamptz - interval '${sessionDaysMax} days' ORDER BY o.started_at DESC, o.id DESC LIMIT 1) s ON true
     WHERE c.station_id = ANY ($1::uuid[]) ORDER BY c.station_id, c.evse_id, c.connector_id`, [stations.rows.map((row) => row.id), now]);
  const connectorsOf = new Map<string, ShownConnector[]>();
  for (const row of connectors.rows) connectorsOf.set(row.station_id, [...(connectorsOf.get(row.station_id) ?? []), connectorOf(row)]);
  return new Map(stations.rows.map((row) => [row.id, {
    isOnline: row.online, onlineSince: time(row.online_since), offlineSince: time(row.offline_since), status: row.status, statusAt: time(row.status_at), connectors: connectorsOf.get(row.id) ?? [],
  }]));
}

/** Ids of the shown stations, and of those that were shown at `target` and are not any more, by id after `afterId`. */
export async function stationsToLookAt(pool: pg.Pool, tenantId: string, scope: MirrorScope & { target: string }, afterId: string | null, limit: number): Promise<string[]> {
  return inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM (SELECT st.id ${inScope} UNION SELECT m.station_id FROM mirrored_station m WHERE m.target = $3 AND m.state IS NOT NULL) every
       WHERE $4::uuid IS NULL OR id > $4 ORDER BY id LIMIT $5`, [scope.namespace, scope.sites, scope.target, afterId, limit]);
    return rows.map((row) => row.id);
  });
}

function connectorOf(row: ConnectorRow): ShownConnector {
  return {
    status: row.status, statusAt: time(row.status_at), receivedAt: time(row.received_at),
    session: row.session_id === null ? null : {
      startedAt: time(row.started_at) ?? new Date(0),
      // An end that cannot be read is an end.
      endedAt: row.state === 'active' ? null : time(row.ended_at) ?? time(row.last_reading_at) ?? time(row.started_at) ?? new Date(0),
      chargingEndedAt: time(row.charging_ended_at), energyWh: energySoFar(row), powerW: finite(row.last_power_w), lastReadingAt: time(row.last_reading_at),
    },
  };
}

/** PostgreSQL's infinity comes as a number, and a year beyond 9999 has no form in RFC 3339: both are no time. */
function time(stored: Date | number | null): Date | null {
  return stored instanceof Date && stored.getTime() >= 0 && stored.getUTCFullYear() <= 9999 ? stored : null;
}
