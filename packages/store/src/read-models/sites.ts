import type { Site } from '@csms/contracts/http/index';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, finite, iso, limitOf, type PageRead, type PageRequest } from './page.ts';

export const siteKey = ['text', 'uuid'] as const;

interface SiteRow {
  id: string; namespace: string; name: string; display_name: string; latitude: number | null; longitude: number | null; address: string | null;
  time_zone: string; grid_max_power_w: number | null; created_at: Date; stations: number; online: number;
}

const select = `SELECT s.id, s.namespace, s.name, s.display_name, s.latitude, s.longitude, s.address, s.time_zone, s.grid_max_power_w, s.created_at,
  (SELECT count(*)::int FROM station st WHERE st.tenant_id = s.tenant_id AND st.site_id = s.id) AS stations,
  (SELECT count(*)::int FROM station st WHERE st.tenant_id = s.tenant_id AND st.site_id = s.id AND st.online) AS online
  FROM site s`;

/** Sites by name; a deleted one is not listed. */
export async function listSites(db: Queryable, request: PageRequest): Promise<PageRead<Site>> {
  const where = new Where().add(`s.state = 'active'`);
  if (request.after) where.add('(s.display_name, s.id) > (?, ?)', ...request.after);
  const { rows } = await db.query<SiteRow>(`${select} ${where.sql} ORDER BY s.display_name, s.id LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.display_name, row.id], siteOf);
}

export async function readSite(db: Queryable, id: string): Promise<Site | null> {
  const { rows } = await db.query<SiteRow>(`${select} WHERE s.id = $1 AND s.state = 'active'`, [id]);
  return rows[0] ? siteOf(rows[0]) : null;
}

/** The tenant's first site: whose day is "today", and whose forecast is meant, where no site is named. */
export async function firstSite(db: Queryable): Promise<{ id: string; timeZone: string } | null> {
  const { rows } = await db.query<{ id: string; time_zone: string }>(`SELECT id, time_zone FROM site WHERE state = 'active' ORDER BY created_at, id LIMIT 1`);
  return rows[0] ? { id: rows[0].id, timeZone: rows[0].time_zone } : null;
}

/** What the operator mirrors of a site that its ChargingSite names; null when the books do not know it, or hold it as deleted. */
export async function observeSite(db: Queryable, key: { namespace: string; name: string }): Promise<{ id: string; stations: number; connectedStations: number; activeSessions: number } | null> {
  const { rows } = await db.query<{ id: string; stations: number; online: number; active: number }>(`SELECT s.id,
      (SELECT count(*)::int FROM station st WHERE st.tenant_id = s.tenant_id AND st.site_id = s.id) AS stations,
      (SELECT count(*)::int FROM station st WHERE st.tenant_id = s.tenant_id AND st.site_id = s.id AND st.online) AS online,
      (SELECT count(*)::int FROM station st JOIN session se ON se.tenant_id = st.tenant_id AND se.station_id = st.id AND se.state = 'active'
        WHERE st.tenant_id = s.tenant_id AND st.site_id = s.id) AS active
    FROM site s WHERE s.namespace = $1 AND s.name = $2 AND s.state = 'active'`, [key.namespace, key.name]);
  const row = rows[0];
  return row ? { id: row.id, stations: row.stations, connectedStations: row.online, activeSessions: row.active } : null;
}

function siteOf(row: SiteRow): Site {
  return {
    id: row.id, namespace: row.namespace, name: row.name, displayName: row.display_name, latitude: finite(row.latitude), longitude: finite(row.longitude), address: row.address,
    timeZone: row.time_zone, gridMaxPowerW: finite(row.grid_max_power_w), stationCount: row.stations, onlineStationCount: row.online, createdAt: iso(row.created_at),
  };
}
