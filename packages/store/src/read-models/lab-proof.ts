import type { Queryable } from '../forecast/queryable.ts';
import { finite } from './page.ts';

/** One transaction as its charger knows it: the natural key of its start, and what it measured once it is over. */
export interface TruthOfCharger {
  identity: string;
  connectorId: number;
  idTag: string;
  startedAt: string;
  meterStartWh: number;
  transactionRef: string | null;
}

/** What the books hold of one of them; `sessions` counts every session that claims to be it, by its transaction id or by its natural key. */
export interface TruthInBooks {
  sessions: number;
  state: string | null;
  energyWh: number | null;
  bills: number;
}

/** Looks for each charger's transaction in the books of the tenant; the answer has one row for each, in the order asked. */
export async function findInBooks(db: Queryable, truths: readonly TruthOfCharger[]): Promise<TruthInBooks[]> {
  const { rows } = await db.query<{ sessions: number; state: string | null; energy_wh: number | null; bills: number }>(`SELECT f.sessions, f.state, f.energy_wh, f.bills
    FROM unnest($1::text[], $2::int[], $3::text[], $4::timestamptz[], $5::float8[], $6::text[]) WITH ORDINALITY AS t(identity, connector_id, id_tag, started_at, meter_start_wh, transaction_ref, n)
    LEFT JOIN station st ON st.tenant_id = current_setting('app.tenant') AND st.identity = t.identity
    LEFT JOIN LATERAL (
      SELECT count(DISTINCT s.id)::int AS sessions, max(s.state) AS state, max(s.energy_wh) AS energy_wh, count(b.id)::int AS bills
      FROM session s LEFT JOIN bill b ON b.tenant_id = s.tenant_id AND b.session_id = s.id
      WHERE s.tenant_id = st.tenant_id AND s.station_id = st.id AND (s.transaction_ref = t.transaction_ref
        OR (s.connector_id = t.connector_id AND s.token_uid = t.id_tag AND s.started_at = t.started_at AND s.meter_start_wh = t.meter_start_wh))
    ) f ON true ORDER BY t.n`, [
    truths.map((t) => t.identity), truths.map((t) => t.connectorId), truths.map((t) => t.idTag), truths.map((t) => t.startedAt), truths.map((t) => t.meterStartWh), truths.map((t) => t.transactionRef)]);
  return rows.map((row) => ({ sessions: row.sessions, state: row.state, energyWh: finite(row.energy_wh), bills: row.bills }));
}

/** Which of these identities are stations of the tenant: the lab shows a tenant its own chargers alone. */
export async function ownIdentities(db: Queryable, identities: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ identity: string }>('SELECT identity FROM station WHERE identity = ANY ($1)', [identities]);
  return new Set(rows.map((row) => row.identity));
}
