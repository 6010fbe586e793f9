import type { Queryable } from './queryable.ts';

/** The start of an hour (UTC) and the energy that flowed in it. */
export interface LoadHour {
  at: Date;
  energyWh: number;
}

/** What a site's history holds: null where it has no session yet. */
export interface LoadHistory {
  firstStartedAt: Date;
  sessions: number;
}

/**
 * The site's energy by UTC hour in [from, until), hours without energy left out; see `site_load` in migration 0003 for how a session is spread.
 */
export async function hourlyLoad(db: Queryable, window: { siteId: string; from: Date; until: Date }): Promise<LoadHour[]> {
  const { rows } = await db.query<{ hour_at: Date; energy_wh: number }>('SELECT hour_at, energy_wh FROM site_load($1, $2, $3)', [window.siteId, window.from, window.until]);
  return rows.map((row) => ({ at: row.hour_at, energyWh: row.energy_wh }));
}

/** The first session of a site that started in [from, until), and how many there are. */
export async function loadHistory(db: Queryable, window: { siteId: string; from: Date; until: Date }): Promise<LoadHistory | null> {
  const { rows } = await db.query<{ first: Date | null; sessions: number }>(
    `SELECT min(s.started_at) AS first, count(*)::int AS sessions
     FROM station st JOIN session s ON s.tenant_id = st.tenant_id AND s.station_id = st.id
     WHERE st.site_id = $1 AND s.started_at >= $2 AND s.started_at < $3`,
    [window.siteId, window.from, window.until]);
  const row = rows[0];
  return row?.first ? { firstStartedAt: row.first, sessions: row.sessions } : null;
}
