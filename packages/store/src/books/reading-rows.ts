import { mergeReadings } from '@csms/domain/meter/normalise';
import type { Reading } from '@csms/domain';
import type pg from 'pg';

export interface StoredReading { stationId: string; receivedAt: Date; reading: Reading }

export const readingKey = (stationId: string, reading: Reading): string =>
  `${stationId}/${reading.evseId}/${reading.connectorId}/${reading.transactionRef}/${reading.at.getTime()}`;

/**
 * Stores readings, one row a (connector, transaction, time): what is there already stays, what it lacked is added. Resolves with the keys of the
 * readings that brought nothing new.
 */
export async function storeReadings(client: pg.ClientBase, readings: readonly StoredReading[]): Promise<Set<string>> {
  const merged = new Map<string, StoredReading>();
  for (const one of readings) {
    const key = readingKey(one.stationId, one.reading);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, reading: mergeReadings(known.reading, one.reading) } : one);
  }
  const rows = [...merged.values()];
  const column = <T>(pick: (one: StoredReading) => T): T[] => rows.map(pick);
  const { rows: written } = await client.query<{ n: string }>({
    name: 'store_readings',
    text: `WITH given AS (
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::jsonb[])
         AS g(station_id, evse_id, connector_id, transaction_ref, at, received_at, context, register_wh, power_w, current_a, voltage_v, soc_pct, temperature_c, other))
     INSERT INTO meter_value AS m (tenant_id, station_id, evse_id, connector_id, transaction_ref, at, received_at, context, register_wh, power_w, current_a, voltage_v, soc_pct, temperature_c, other)
     SELECT current_setting('app.tenant'), given.* FROM given
     ON CONFLICT (tenant_id, station_id, evse_id, connector_id, transaction_ref, at) DO UPDATE SET
       register_wh = coalesce(m.register_wh, excluded.register_wh), power_w = coalesce(m.power_w, excluded.power_w), current_a = coalesce(m.current_a, excluded.current_a),
       voltage_v = coalesce(m.voltage_v, excluded.voltage_v), soc_pct = coalesce(m.soc_pct, excluded.soc_pct), temperature_c = coalesce(m.temperature_c, excluded.temperature_c),
       context = coalesce(m.context, excluded.context), other = coalesce(excluded.other, '{}'::jsonb) || coalesce(m.other, '{}'::jsonb)
     WHERE (m.register_wh IS NULL AND excluded.register_wh IS NOT NULL) OR (m.power_w IS NULL AND excluded.power_w IS NOT NULL)
        OR (m.current_a IS NULL AND excluded.current_a IS NOT NULL) OR (m.voltage_v IS NULL AND excluded.voltage_v IS NOT NULL)
        OR (m.soc_pct IS NULL AND excluded.soc_pct IS NOT NULL) OR (m.temperature_c IS NULL AND excluded.temperature_c IS NOT NULL)
        OR (excluded.other IS NOT NULL AND NOT coalesce(m.other, '{}'::jsonb) @> excluded.other)
     RETURNING concat_ws('/', station_id, evse_id, connector_id, transaction_ref, (extract(epoch FROM at) * 1000)::bigint) AS n`,
    values: [column((r) => r.stationId), column((r) => r.reading.evseId), column((r) => r.reading.connectorId), column((r) => r.reading.transactionRef), column((r) => r.reading.at),
      column((r) => r.receivedAt), column((r) => r.reading.context), column((r) => r.reading.registerWh), column((r) => r.reading.powerW), column((r) => r.reading.currentA),
      column((r) => r.reading.voltageV), column((r) => r.reading.socPct), column((r) => r.reading.temperatureC), column((r) => (r.reading.other === null ? null : JSON.stringify(r.reading.other)))],
  });
  if (written.length === rows.length) return new Set();
  const brought = new Set(written.map((row) => row.n));
  return new Set([...merged.keys()].filter((key) => !brought.has(key)));
}
