import type { Queryable } from '../forecast/queryable.ts';

/** What a station said of a configuration key; `value` null: it has none. A key that it does not know has `isKnown` false. */
export interface ConfiguredValue { value: string | null; isKnown: boolean }

/**
 * What a station has said of these keys since it booted last (another firmware may know others), by the key as it was asked for. A key of which it
 * has said nothing is absent.
 */
export async function readConfiguredValues(db: Queryable, stationId: string, keys: readonly string[]): Promise<Map<string, ConfiguredValue>> {
  const { rows } = await db.query<{ asked: string; value: string | null; is_known: boolean }>(
    `SELECT k.key AS asked, v.value, v.is_known FROM unnest($2::text[]) AS k(key)
     JOIN configuration_value v ON v.station_id = $1 AND lower(v.key) = lower(k.key)
     JOIN station s ON s.tenant_id = v.tenant_id AND s.id = v.station_id AND (s.booted_at IS NULL OR v.at >= s.booted_at)`, [stationId, keys]);
  return new Map(rows.map((row) => [row.asked, { value: row.value, isKnown: row.is_known }]));
}
