import { joinReadings, type JoinVerdict } from '@csms/domain/meter/join-readings';
import type { Reading } from '@csms/domain';
import type pg from 'pg';

export interface StoredReading { stationId: string; receivedAt: Date; reading: Reading }

/** A reading of a moment that the books had already: `conflict` where it says another value, which is kept beside the first. */
export interface RepeatedReading extends StoredReading { verdict: Exclude<JoinVerdict, 'added'> }

export const readingKey = (stationId: string, reading: Reading): string =>
  `${stationId}/${reading.evseId}/${reading.connectorId}/${reading.transactionRef}/${reading.at.getTime()}`;

const rowsGiven = `unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::float8[], $13::float8[], $14::jsonb[])
  AS g(station_id, evse_id, connector_id, transaction_ref, at, received_at, context, register_wh, power_w, current_a, voltage_v, soc_pct, temperature_c, other)`;

function valuesOf(rows: readonly StoredReading[]): unknown[][] {
  const column = (pick: (one: StoredReading) => unknown): unknown[] => rows.map(pick);
  return [column((r) => r.stationId), column((r) => r.reading.evseId), column((r) => r.reading.connectorId), column((r) => r.reading.transactionRef), column((r) => r.reading.at),
    column((r) => r.receivedAt), column((r) => r.reading.context), column((r) => r.reading.registerWh), column((r) => r.reading.powerW), column((r) => r.reading.currentA),
    column((r) => r.reading.voltageV), column((r) => r.reading.socPct), column((r) => r.reading.temperatureC), column((r) => (r.reading.other === null ? null : JSON.stringify(r.reading.other)))];
}

/** Joins each reading to what `known` has of its moment; `known` holds the outcome. Resolves with those that brought nothing, or another value. */
export function joinTo(known: Map<string, StoredReading>, given: readonly StoredReading[]): RepeatedReading[] {
  const repeated: RepeatedReading[] = [];
  for (const one of given) {
    const key = readingKey(one.stationId, one.reading);
    const there = known.get(key);
    if (there === undefined) { known.set(key, one); continue; }
    const { reading, verdict } = joinReadings(there.reading, one.reading);
    if (verdict !== 'duplicate') known.set(key, { ...there, reading });
    if (verdict !== 'added') repeated.push({ ...one, verdict });
  }
  return repeated;
}

/**
 * Stores readings, one row a (connector, transaction, time): what is there already stays, what it lacked is added, what differs is kept beside it (I-1).
 * Runs under the locks of the stations. Resolves with the readings that brought nothing new, or another value.
 */
export async function storeReadings(client: pg.ClientBase, readings: readonly StoredReading[]): Promise<RepeatedReading[]> {
  const here = new Map<string, StoredReading>();
  const repeatedHere = joinTo(here, readings);
  const { rows: written } = await client.query<{ key: string }>({
    name: 'store_readings',
    text: `INSERT INTO meter_value (tenant_id, station_id, evse_id, connector_id, transaction_ref, at, received_at, context, register_wh, power_w, current_a, voltage_v, soc_pct, temperature_c, other)
     SELECT current_setting('app.tenant'), g.* FROM ${rowsGiven} ON CONFLICT (tenant_id, station_id, evse_id, connector_id, transaction_ref, at) DO NOTHING
     RETURNING concat_ws('/', station_id, evse_id, connector_id, transaction_ref, (extract(epoch FROM at) * 1000)::bigint) AS key`,
    values: valuesOf([...here.values()]),
  });
  if (written.length === here.size) return repeatedHere;
  const isNew = new Set(written.map(({ key }) => key));
  return [...repeatedHere, ...await joinToRows(client, [...here].flatMap(([key, one]) => (isNew.has(key) ? [] : [one])))];
}

/** Repetitions are rare: they are read, joined by the domain's rule, and written where that changed them. */
async function joinToRows(client: pg.ClientBase, given: readonly StoredReading[]): Promise<RepeatedReading[]> {
  const column = <T>(pick: (one: StoredReading) => T): T[] => given.map(pick);
  const { rows } = await client.query<Reading & { stationId: string; receivedAt: Date }>({
    name: 'readings_there',
    text: `SELECT m.station_id AS "stationId", m.received_at AS "receivedAt", m.evse_id AS "evseId", m.connector_id AS "connectorId", m.transaction_ref AS "transactionRef", m.at, m.context,
       m.register_wh AS "registerWh", m.power_w AS "powerW", m.current_a AS "currentA", m.voltage_v AS "voltageV", m.soc_pct AS "socPct", m.temperature_c AS "temperatureC", m.other
     FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::timestamptz[]) AS k(station_id, evse_id, connector_id, transaction_ref, at) JOIN meter_value m USING (station_id, evse_id, connector_id, transaction_ref, at)`,
    values: [column((r) => r.stationId), column((r) => r.reading.evseId), column((r) => r.reading.connectorId), column((r) => r.reading.transactionRef), column((r) => r.reading.at)],
  });
  const there = new Map(rows.map(({ stationId, receivedAt, ...reading }) => [readingKey(stationId, reading), { stationId, receivedAt, reading }]));
  const before = new Map(there);
  const repeated = joinTo(there, given);
  const changed = [...there].flatMap(([key, one]) => (before.get(key) === one ? [] : [one]));
  if (changed.length > 0) {
    await client.query({
      name: 'join_readings',
      text: `UPDATE meter_value m SET context = g.context, register_wh = g.register_wh, power_w = g.power_w, current_a = g.current_a, voltage_v = g.voltage_v, soc_pct = g.soc_pct, temperature_c = g.temperature_c, other = g.other
       FROM ${rowsGiven} WHERE m.station_id = g.station_id AND m.evse_id = g.evse_id AND m.connector_id = g.connector_id AND m.transaction_ref = g.transaction_ref AND m.at = g.at`,
      values: valuesOf(changed),
    });
  }
  return repeated;
}
