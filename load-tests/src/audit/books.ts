import pg from 'pg';

export interface BookedSession {
  id: string;
  identity: string;
  siteId: string;
  transactionRef: string;
  ocppVersion: string;
  idTag: string | null;
  startedAt: number;
  endedAt: number | null;
  state: string;
  energyWh: number | null;
  meterStartWh: number | null;
  meterStopWh: number | null;
  idleSeconds: number;
  bills: Array<{ id: string; state: string; tariffId: string | null; currency: string; energyWh: number; totalMinor: number; linesSumMinor: number }>;
}

export interface BookedTariff {
  id: string;
  siteId: string | null;
  currency: string;
  energyPerKwhMinor: number;
  sessionFeeMinor: number;
  idlePerMinuteMinor: number;
  idleGraceMinutes: number;
  validFrom: number;
  validUntil: number | null;
}

export interface Books {
  sessions: BookedSession[];
  tariffs: BookedTariff[];
}

/**
 * Reads what one tenant's books say of the given stations between two moments: sessions with all their bills, and the
 * tariff table. Plain SQL under the tenant's own row security; nothing is written.
 */
export async function readBooks(databaseUrl: string, tenant: string, identities: string[], fromMs: number, untilMs: number): Promise<Books> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN READ ONLY');
    await client.query("SELECT set_config('app.tenant', $1, true)", [tenant]);
    const sessions = await client.query(
      `SELECT s.id, st.identity, st.site_id, s.transaction_ref, s.ocpp_version, s.token_uid, s.state,
              (extract(epoch FROM s.started_at) * 1000)::float8 AS started_ms, (extract(epoch FROM s.ended_at) * 1000)::float8 AS ended_ms,
              s.energy_wh, s.meter_start_wh, s.meter_stop_wh, s.idle_seconds,
              coalesce((SELECT jsonb_agg(jsonb_build_object('id', b.id, 'state', b.state, 'tariffId', b.tariff_id, 'currency', b.currency,
                'energyWh', b.energy_wh, 'totalMinor', b.total_minor,
                'linesSumMinor', (SELECT coalesce(sum((line->>'amountMinor')::bigint), 0) FROM jsonb_array_elements(b.lines) AS line)))
                FROM bill b WHERE b.tenant_id = s.tenant_id AND b.session_id = s.id), '[]') AS bills
       FROM session s JOIN station st ON st.tenant_id = s.tenant_id AND st.id = s.station_id
       WHERE s.tenant_id = $1 AND st.identity = ANY($2) AND s.source = 'ocpp'
         AND s.started_at >= to_timestamp($3::float8 / 1000) AND s.started_at <= to_timestamp($4::float8 / 1000)
       ORDER BY s.started_at, s.id`, [tenant, identities, fromMs, untilMs]);
    const tariffs = await client.query(
      `SELECT id, site_id, currency, energy_per_kwh_minor, session_fee_minor, idle_per_minute_minor, idle_grace_minutes,
              (extract(epoch FROM valid_from) * 1000)::float8 AS from_ms, (extract(epoch FROM valid_until) * 1000)::float8 AS until_ms
       FROM tariff WHERE tenant_id = $1`, [tenant]);
    await client.query('COMMIT');
    return {
      sessions: sessions.rows.map((row) => ({
        id: row.id, identity: row.identity, siteId: row.site_id, transactionRef: row.transaction_ref, ocppVersion: row.ocpp_version,
        idTag: row.token_uid, startedAt: Math.round(row.started_ms), endedAt: row.ended_ms === null ? null : Math.round(row.ended_ms),
        state: row.state, energyWh: row.energy_wh, meterStartWh: row.meter_start_wh, meterStopWh: row.meter_stop_wh,
        idleSeconds: row.idle_seconds, bills: row.bills,
      })),
      tariffs: tariffs.rows.map((row) => ({
        id: row.id, siteId: row.site_id, currency: row.currency, energyPerKwhMinor: row.energy_per_kwh_minor, sessionFeeMinor: row.session_fee_minor,
        idlePerMinuteMinor: row.idle_per_minute_minor, idleGraceMinutes: row.idle_grace_minutes, validFrom: row.from_ms, validUntil: row.until_ms,
      })),
    };
  } finally {
    await client.end();
  }
}
