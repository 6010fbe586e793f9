import type { SessionState } from '@csms/domain/session/session-state';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { countBill, type TariffRow } from './count-bill.ts';

/** Which of these sessions have a final bill. */
export async function loadFinalBills(client: pg.ClientBase, sessionIds: readonly string[]): Promise<Set<string>> {
  if (sessionIds.length === 0) return new Set();
  const { rows } = await client.query<{ id: string }>(`SELECT session_id AS id FROM bill WHERE session_id = ANY($1::uuid[]) AND state = 'final'`, [sessionIds]);
  return new Set(rows.map((row) => row.id));
}

/**
 * Writes the bill of each closed session, priced by the tariff of its start (the site's own before the tenant's). One bill a session, ever (I-3): a
 * final one is never touched; a provisional one (lost stop, missing events) is counted again. Where the
 * amount cannot be counted exactly the bill is provisional and of nothing. Returns the sessions that are flagged for it or for want of a tariff, and the
 * bills that were written.
 */
export async function billSessions(client: pg.ClientBase, sessions: readonly SessionState[], now: Date): Promise<{ sessions: SessionState[]; bills: { sessionId: string; totalMinor: number; currency: string }[] }> {
  if (sessions.length === 0) return { sessions: [], bills: [] };
  const { rows: tariffs } = await client.query<TariffRow>(
    `SELECT id, site_id AS "siteId", currency, energy_per_kwh_minor AS "energyPerKwhMinor", session_fee_minor AS "sessionFeeMinor", idle_per_minute_minor AS "idlePerMinuteMinor",
       idle_grace_minutes AS "idleGraceMinutes", valid_from AS "validFrom", valid_until AS "validUntil" FROM tariff ORDER BY valid_from DESC, id DESC`);
  const { rows: stations } = await client.query<{ id: string; siteId: string; currency: string }>(
    `SELECT st.id, st.site_id AS "siteId", t.currency FROM station st JOIN tenant t ON t.id = st.tenant_id WHERE st.id = ANY($1::uuid[])`, [[...new Set(sessions.map((s) => s.stationId))]]);
  const siteOf = new Map(stations.map((station) => [station.id, station]));
  const flagged: SessionState[] = [];
  const rows = sessions.map((session) => {
    const { bill, session: said } = countBill(session, tariffs, siteOf.get(session.stationId)!);
    if (said !== session) flagged.push(said);
    return { id: uuidv7(), session_id: session.id, tariff_id: bill.tariffId, currency: bill.currency, energy_wh: bill.energyWh, total_minor: bill.totalMinor, lines: bill.lines, state: bill.final ? 'final' : 'provisional', now };
  });
  const { rows: written } = await client.query<{ sessionId: string; totalMinor: string; currency: string }>(
    `INSERT INTO bill AS b (tenant_id, id, session_id, tariff_id, currency, energy_wh, total_minor, lines, state, created_at, finalized_at)
     SELECT current_setting('app.tenant'), r.id, r.session_id, r.tariff_id, r.currency, r.energy_wh, r.total_minor, r.lines, r.state, r.now, CASE WHEN r.state = 'final' THEN r.now END
     FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, session_id uuid, tariff_id uuid, currency text, energy_wh float8, total_minor bigint, lines jsonb, state text, now timestamptz)
     ON CONFLICT (tenant_id, session_id) DO UPDATE SET tariff_id = excluded.tariff_id, currency = excluded.currency, energy_wh = excluded.energy_wh, total_minor = excluded.total_minor,
       lines = excluded.lines, state = excluded.state, finalized_at = excluded.finalized_at
     WHERE b.state = 'provisional'
     RETURNING session_id AS "sessionId", total_minor AS "totalMinor", currency`, [JSON.stringify(rows)]);
  return { sessions: flagged, bills: written.map((row) => ({ sessionId: row.sessionId, totalMinor: Number(row.totalMinor), currency: row.currency })) };
}
