import { storableTime } from './storable.ts';
import type { SessionState } from '@csms/domain/session/session-state';
import type pg from 'pg';

/** Column, type, field: one list for reading and writing, so that neither forgets one. */
const columns: readonly [column: string, type: string, field: keyof SessionState][] = [
  ['id', 'uuid', 'id'], ['station_id', 'uuid', 'stationId'], ['evse_id', 'integer', 'evseId'], ['connector_id', 'integer', 'connectorId'],
  ['transaction_ref', 'text', 'transactionRef'], ['ocpp_version', 'text', 'ocppVersion'], ['token_uid', 'text', 'tokenUid'], ['token_id', 'uuid', 'tokenId'],
  ['authorization_status', 'text', 'authorizationStatus'], ['remote_start_id', 'text', 'remoteStartId'], ['started_at', 'timestamptz', 'startedAt'],
  ['start_received_at', 'timestamptz', 'startReceivedAt'], ['stated_started_at', 'timestamptz', 'statedStartedAt'], ['meter_start_wh', 'double precision', 'meterStartWh'], ['meter_start_at', 'timestamptz', 'meterStartAt'],
  ['ended_at', 'timestamptz', 'endedAt'], ['end_received_at', 'timestamptz', 'endReceivedAt'], ['stated_ended_at', 'timestamptz', 'statedEndedAt'], ['meter_stop_wh', 'double precision', 'meterStopWh'],
  ['stop_reason', 'text', 'stopReason'], ['stop_token_uid', 'text', 'stopTokenUid'], ['state', 'text', 'state'], ['energy_wh', 'double precision', 'energyWh'],
  ['charging_ended_at', 'timestamptz', 'chargingEndedAt'], ['idle_since', 'timestamptz', 'idleSince'], ['idle_seconds', 'integer', 'idleSeconds'],
  ['last_register_wh', 'double precision', 'lastRegisterWh'], ['last_register_at', 'timestamptz', 'lastRegisterAt'], ['last_power_w', 'double precision', 'lastPowerW'],
  ['last_soc_pct', 'double precision', 'lastSocPct'], ['last_reading_at', 'timestamptz', 'lastReadingAt'], ['charging_state', 'text', 'chargingState'],
  ['charging_state_at', 'timestamptz', 'chargingStateAt'], ['last_seq_no', 'integer', 'lastSeqNo'], ['flags', 'text[]', 'flags'],
];
const names = columns.map(([column]) => column);
const selection = columns.map(([column, , field]) => `s.${column} AS "${field}"`).join(', ');
const recordType = columns.map(([column, type]) => `${column} ${type}`).join(', ');
const mutable = names.filter((name) => !['id', 'station_id', 'transaction_ref', 'ocpp_version'].includes(name));

export interface SessionKeys {
  /** Stations of which every open session is wanted. */
  stationIds: string[];
  /** Transactions by reference, whatever their state. */
  refs: { stationId: string; transactionRef: string }[];
  /** Natural keys of 1.6 starts (I-2): the time as the charger stated it, the register where it can be read. */
  starts: { stationId: string; connectorId: number; tokenUid: string; startedAt: Date; meterStartWh: number | null }[];
}

/**
 * The sessions that a batch can touch. The caller holds the stations' locks, so nobody else changes them meanwhile. In the usual case, readings of
 * running sessions, this is one look into the small index of open sessions.
 */
export async function loadSessions(client: pg.ClientBase, keys: SessionKeys): Promise<SessionState[]> {
  const found = new Map<string, SessionState>();
  const take = async (name: string, from: string, values: unknown[]) => {
    const { rows } = await client.query<SessionState>({ name, text: `SELECT ${selection} FROM ${from}`, values });
    for (const row of rows) found.set(row.id, row);
  };
  if (keys.stationIds.length > 0) await take('open_sessions', `session s WHERE s.station_id = ANY($1::uuid[]) AND s.state = 'active'`, [keys.stationIds]);
  const open = new Set([...found.values()].map((session) => `${session.stationId}/${session.transactionRef}`));
  const refs = keys.refs.filter((ref) => !open.has(`${ref.stationId}/${ref.transactionRef}`));
  if (refs.length > 0) {
    await take('sessions_by_ref', 'unnest($1::uuid[], $2::text[]) AS k(station_id, ref) JOIN session s ON s.station_id = k.station_id AND s.transaction_ref = k.ref',
      [refs.map((k) => k.stationId), refs.map((k) => k.transactionRef)]);
  }
  if (keys.starts.length > 0) {
    await take('sessions_by_start',
      `unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::float8[]) AS k(station_id, connector_id, token_uid, started_at, meter)
       JOIN session s ON s.station_id = k.station_id AND s.connector_id = k.connector_id AND s.token_uid = k.token_uid AND coalesce(s.stated_started_at, s.started_at) = k.started_at
        AND s.meter_start_wh IS NOT DISTINCT FROM k.meter AND s.ocpp_version = 'ocpp1.6' AND s.source = 'ocpp'`,
      [keys.starts.map((k) => k.stationId), keys.starts.map((k) => k.connectorId), keys.starts.map((k) => k.tokenUid), keys.starts.map((k) => k.startedAt), keys.starts.map((k) => k.meterStartWh)]);
  }
  return [...found.values()];
}

export async function insertSessions(client: pg.ClientBase, sessions: readonly SessionState[]): Promise<void> {
  if (sessions.length === 0) return;
  await client.query(
    `INSERT INTO session (tenant_id, ${names.join(', ')}) SELECT current_setting('app.tenant'), ${names.map((name) => `r.${name}`).join(', ')}
     FROM jsonb_to_recordset($1::jsonb) AS r(${recordType})`, [JSON.stringify(sessions.map(toRow))]);
}

export async function updateSessions(client: pg.ClientBase, sessions: readonly SessionState[]): Promise<void> {
  if (sessions.length === 0) return;
  await client.query(
    `UPDATE session s SET ${mutable.map((name) => `${name} = r.${name}`).join(', ')}
     FROM jsonb_to_recordset($1::jsonb) AS r(${recordType}) WHERE s.id = r.id AND s.tenant_id = current_setting('app.tenant')`, [JSON.stringify(sessions.map(toRow))]);
}

/** What a reading changes of a running 1.6 session, and nothing else: the hot path. */
export async function touchSessions(client: pg.ClientBase, sessions: readonly SessionState[]): Promise<void> {
  if (sessions.length === 0) return;
  const column = <K extends keyof SessionState>(field: K): SessionState[K][] => sessions.map((session) => session[field]);
  await client.query({
    name: 'touch_sessions',
    text: `UPDATE session s SET energy_wh = r.energy_wh, last_register_wh = r.register_wh, last_register_at = r.register_at, last_power_w = r.power_w, last_soc_pct = r.soc_pct, last_reading_at = r.reading_at
      FROM unnest($1::uuid[], $2::float8[], $3::float8[], $4::timestamptz[], $5::float8[], $6::float8[], $7::timestamptz[]) AS r(id, energy_wh, register_wh, register_at, power_w, soc_pct, reading_at)
      WHERE s.id = r.id`,
    values: [column('id'), column('energyWh'), column('lastRegisterWh'), column('lastRegisterAt'), column('lastPowerW'), column('lastSocPct'), column('lastReadingAt')],
  });
}

function toRow(session: SessionState): Record<string, unknown> {
  return Object.fromEntries(columns.map(([column, , field]) => {
    const value = session[field];
    return [column, value instanceof Date ? storableTime(value) : value];
  }));
}

/** New 1.6 transaction ids: positive 31-bit integers from the database's own sequence (G-05). */
export async function nextTransactionRefs(client: pg.ClientBase, count: number): Promise<string[]> {
  if (count === 0) return [];
  const { rows } = await client.query<{ ref: string }>(`SELECT nextval('ocpp16_transaction_id')::text AS ref FROM generate_series(1, $1)`, [count]);
  return rows.map((row) => row.ref);
}
