import type { z } from 'zod';
import type { Connector, Knocking, Station } from '@csms/contracts/http/index';
import { worstStatus } from '@csms/domain/station/connector-status';
import type { ConnectorStatus } from '@csms/domain';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, energySoFar, finite, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from './page.ts';

export const stationKey = ['text', 'uuid'] as const;
export const knockingKey = ['time', 'text'] as const;
export const connectorKey = ['text', 'uuid', 'int', 'int'] as const;

export interface StationFilter { siteId?: string | undefined; identity?: string | undefined; status?: string | undefined; search?: string | undefined }

interface StationRow {
  id: string; site_id: string; site_name: string; identity: string; display_name: string | null; ocpp_version: string | null;
  vendor: string | null; model: string | null; serial: string | null; firmware: string | null; online: boolean;
  online_since: Date | null; offline_since: Date | null; last_seen_at: Date | null; booted_at: Date | null;
  status: string | null; error_code: string | null; status_at: Date | null;
  security_profile: number; security_profile_next: number | null;
}

const select = `SELECT st.id, st.site_id, si.display_name AS site_name, st.identity, st.display_name, st.ocpp_version, st.vendor, st.model, st.serial, st.firmware,
  st.online, st.online_since, st.offline_since, st.last_seen_at, st.booted_at, st.status, st.error_code, st.status_at,
  st.security_profile, st.security_profile_next
  FROM station st JOIN site si ON si.tenant_id = st.tenant_id AND si.id = st.site_id AND si.state = 'active'`;

/**
 * Stations by identity. A filter by status finds the stations where something is in it: `Offline` those that are not connected, any other word
 * those that are and have a connector (or themselves) in it. `search` looks in identity and name.
 */
export async function listStations(db: Queryable, request: PageRequest, filter: StationFilter): Promise<PageRead<Station>> {
  const where = new Where();
  if (filter.siteId) where.add('st.site_id = ?', filter.siteId);
  if (filter.identity) where.add('st.identity = ?', filter.identity);
  if (filter.search) where.add(`position(lower(?) IN lower(st.identity || ' ' || coalesce(st.display_name, ''))) > 0`, filter.search);
  if (filter.status?.toLowerCase() === 'offline') where.add('NOT st.online');
  else if (filter.status) {
    where.add(`st.online AND (lower(st.status) = lower(?) OR EXISTS (SELECT 1 FROM connector c WHERE c.tenant_id = st.tenant_id AND c.station_id = st.id AND lower(c.status) = lower(?)))`, filter.status, filter.status);
  }
  if (request.after) where.add('(st.identity, st.id) > (?, ?)', ...request.after);
  const { rows } = await db.query<StationRow>(`${select} ${where.sql} ORDER BY st.identity, st.id LIMIT ${where.value(limitOf(request))}`, where.values);
  const connectors = await connectorsOf(db, rows.map((row) => row.id));
  return cutPage(rows, request, (row) => [row.identity, row.id], (row) => stationOf(row, connectors.get(row.id) ?? []));
}

export async function readStation(db: Queryable, id: string): Promise<Station | null> {
  const { rows } = await db.query<StationRow>(`${select} WHERE st.id = $1`, [id]);
  const row = rows[0];
  return row ? stationOf(row, (await connectorsOf(db, [id])).get(id) ?? []) : null;
}

interface ConnectorRow {
  station_id: string; evse_id: number; connector_id: number; status: string; error_code: string | null; info: string | null; status_at: Date | null;
  session_id: string | null; started_at: Date; energy_wh: number | null; last_register_wh: number | null; meter_start_wh: number | null; last_power_w: number | null; last_soc_pct: number | null; last_reading_at: Date | null; idle_since: Date | null;
}

const connectorColumns = `c.station_id, c.evse_id, c.connector_id, c.status, c.error_code, c.info, c.status_at,
  s.id AS session_id, s.started_at, s.energy_wh, s.last_register_wh, s.meter_start_wh, s.last_power_w, s.last_soc_pct, s.last_reading_at, s.idle_since`;
// The newest open session of the connector; a 2.x station that never said which connector has it at its EVSE.
const openSession = `LEFT JOIN LATERAL (SELECT * FROM session o WHERE o.tenant_id = c.tenant_id AND o.station_id = c.station_id AND o.evse_id = c.evse_id
  AND (o.connector_id = c.connector_id OR o.connector_id IS NULL) AND o.state = 'active' ORDER BY o.started_at DESC, o.id DESC LIMIT 1) s ON true`;

async function connectorsOf(db: Queryable, stationIds: readonly string[]): Promise<Map<string, z.infer<typeof Connector>[]>> {
  const found = new Map<string, z.infer<typeof Connector>[]>();
  if (stationIds.length === 0) return found;
  const { rows } = await db.query<ConnectorRow>(
    `SELECT ${connectorColumns} FROM connector c ${openSession} WHERE c.station_id = ANY ($1::uuid[]) ORDER BY c.station_id, c.evse_id, c.connector_id`, [stationIds]);
  for (const row of rows) found.set(row.station_id, [...(found.get(row.station_id) ?? []), connectorOf(row)]);
  return found;
}

export type ConnectorOfStation = z.infer<typeof Connector> & { stationId: string; stationIdentity: string };

/** Every connector of the tenant (or of a site or station), by station. */
export async function listConnectors(db: Queryable, request: PageRequest, filter: { siteId?: string | undefined; stationId?: string | undefined }): Promise<PageRead<ConnectorOfStation>> {
  const where = new Where();
  if (filter.siteId) where.add('st.site_id = ?', filter.siteId);
  if (filter.stationId) where.add('st.id = ?', filter.stationId);
  if (request.after) where.add('(st.identity, st.id, c.evse_id, c.connector_id) > (?, ?, ?, ?)', ...request.after);
  const { rows } = await db.query<ConnectorRow & { identity: string }>(`SELECT st.identity, ${connectorColumns}
    FROM connector c JOIN station st ON st.tenant_id = c.tenant_id AND st.id = c.station_id
    JOIN site si ON si.tenant_id = st.tenant_id AND si.id = st.site_id AND si.state = 'active' ${openSession} ${where.sql}
    ORDER BY st.identity, st.id, c.evse_id, c.connector_id LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.identity, row.station_id, String(row.evse_id), String(row.connector_id)],
    (row) => ({ stationId: row.station_id, stationIdentity: row.identity, ...connectorOf(row) }));
}

/** Who asked to come in and was not let in, latest first. */
export async function listKnocking(db: Queryable, request: PageRequest): Promise<PageRead<z.infer<typeof Knocking>>> {
  const where = new Where();
  if (request.after) where.add('(k.last_seen_at, k.identity) < (?, ?)', ...request.after);
  const { rows } = await db.query<{ identity: string; first_seen_at: Date; last_seen_at: Date; attempts: string; remote_address: string | null; ocpp_version: string | null; reason: string; key_at: string }>(
    `SELECT k.*, ${keyTime('k.last_seen_at')} AS key_at FROM knocking_station k ${where.sql} ORDER BY k.last_seen_at DESC, k.identity DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.identity], (row) => ({
    identity: row.identity, firstSeenAt: iso(row.first_seen_at), lastSeenAt: iso(row.last_seen_at), attempts: Math.min(Number(row.attempts), Number.MAX_SAFE_INTEGER),
    remoteAddress: row.remote_address, ocppVersion: row.ocpp_version, reason: row.reason,
  }));
}

const words: readonly string[] = ['Available', 'Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Finishing', 'Reserved', 'Unavailable', 'Faulted', 'Occupied', 'Unknown'] satisfies ConnectorStatus[];
const asWord = (status: string): ConnectorStatus => words.find((word): word is ConnectorStatus => word === status) ?? 'Unknown';

function stationOf(row: StationRow, connectors: z.infer<typeof Connector>[]): Station {
  // A station that is well says nothing about its connectors, so its own Available does not count.
  const own = row.status === null || row.status === 'Available' ? [] : [asWord(row.status)];
  const statuses = [...own, ...connectors.map((connector) => asWord(connector.status))];
  return {
    id: row.id, siteId: row.site_id, siteName: row.site_name, identity: row.identity, displayName: row.display_name, ocppVersion: row.ocpp_version,
    vendor: row.vendor, model: row.model, serial: row.serial, firmware: row.firmware,
    securityProfile: row.security_profile, securityProfileNext: row.security_profile_next,
    online: row.online, since: isoOrNull(row.online ? row.online_since : row.offline_since), lastSeenAt: isoOrNull(row.last_seen_at), bootedAt: isoOrNull(row.booted_at),
    status: row.status, errorCode: row.error_code, statusAt: isoOrNull(row.status_at),
    worst: !row.online ? 'Offline' : statuses.length === 0 && row.status === 'Available' ? 'Available' : worstStatus(statuses),
    connectors,
  };
}

function connectorOf(row: ConnectorRow): z.infer<typeof Connector> {
  return {
    evseId: row.evse_id, connectorId: row.connector_id, status: row.status, errorCode: row.error_code, info: row.info, statusAt: isoOrNull(row.status_at),
    session: row.session_id === null ? null : {
      id: row.session_id, startedAt: iso(row.started_at), energyWh: energySoFar(row), powerW: finite(row.last_power_w), socPct: finite(row.last_soc_pct),
      lastReadingAt: isoOrNull(row.last_reading_at), idleSince: isoOrNull(row.idle_since),
    },
  };
}
