import type pg from 'pg';

type Sql = <Row extends pg.QueryResultRow>(text: string, values?: unknown[]) => Promise<Row[]>;

export interface SessionRow {
  id: string; identity: string; ref: string; connectorId: number; idTag: string; saidStartMs: number; startMs: number; meterStartWh: number; meterStopWh: number | null;
  endMs: number | null; state: string; energyWh: number | null; flags: string[]; lastRegisterWh: number | null; lastRegisterMs: number | null; idleSeconds: number;
}
export interface BillRow { sessionId: string; state: string; totalMinor: number; energyWh: number; linesMinor: number; currency: string }
export interface ReadingRow { identity: string; ref: string; connectorId: number; atMs: number; registerWh: number | null }
export interface OrphanRow { identity: string; ref: string; endMs: number; meterStopWh: number | null; matched: string | null }
export interface CommandRow { id: string; identity: string; action: string; state: string; messageId: string | null; sentMs: number | null; sentEpoch: string | null; deadlineMs: number }
export interface ConnectorRow { identity: string; connectorId: number; status: string; statusMs: number }
export interface StationRow { identity: string; online: boolean; onlineEpoch: string }

export interface BooksOfRun { sessions: SessionRow[]; bills: BillRow[]; readings: ReadingRow[]; orphans: OrphanRow[]; commands: CommandRow[]; connectors: ConnectorRow[]; stations: StationRow[] }

const ms = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::float8`;

/** All that the database says of tenant demo, in plain SQL; nothing of the product's code is used. */
export async function readBooks(sql: Sql): Promise<BooksOfRun> {
  const withStation = (table: string): string => `${table} x JOIN station st ON st.tenant_id = x.tenant_id AND st.id = x.station_id WHERE x.tenant_id = 'demo'`;
  return {
    sessions: await sql<SessionRow>(`SELECT x.id, st.identity, x.transaction_ref AS ref, x.connector_id AS "connectorId", x.token_uid AS "idTag", ${ms('coalesce(x.stated_started_at, x.started_at)')} AS "saidStartMs",
      ${ms('x.started_at')} AS "startMs", x.meter_start_wh AS "meterStartWh", x.meter_stop_wh AS "meterStopWh", ${ms('coalesce(x.stated_ended_at, x.ended_at)')} AS "endMs", x.state, x.energy_wh AS "energyWh", x.flags,
      x.last_register_wh AS "lastRegisterWh", ${ms('x.last_register_at')} AS "lastRegisterMs", x.idle_seconds AS "idleSeconds" FROM ${withStation('session')}`),
    bills: await sql<BillRow>(`SELECT session_id AS "sessionId", state, total_minor::float8 AS "totalMinor", energy_wh AS "energyWh", currency,
      (SELECT coalesce(sum((line->>'amountMinor')::bigint), 0)::float8 FROM jsonb_array_elements(lines) AS line) AS "linesMinor" FROM bill WHERE tenant_id = 'demo'`),
    readings: await sql<ReadingRow>(`SELECT st.identity, x.transaction_ref AS ref, x.connector_id AS "connectorId", ${ms('x.at')} AS "atMs", x.register_wh AS "registerWh" FROM ${withStation('meter_value')}`),
    orphans: await sql<OrphanRow>(`SELECT st.identity, x.transaction_ref AS ref, ${ms('x.ended_at')} AS "endMs", x.meter_stop_wh AS "meterStopWh", x.matched_session_id AS matched FROM ${withStation('orphan_stop')}`),
    commands: await sql<CommandRow>(`SELECT x.id, st.identity, x.action, x.state, x.message_id AS "messageId", ${ms('x.sent_at')} AS "sentMs", x.sent_epoch::text AS "sentEpoch", ${ms('x.deadline_at')} AS "deadlineMs" FROM ${withStation('command')}`),
    connectors: await sql<ConnectorRow>(`SELECT st.identity, x.connector_id AS "connectorId", x.status, ${ms('x.status_at')} AS "statusMs" FROM ${withStation('connector')}`),
    stations: await sql<StationRow>(`SELECT identity, online, online_epoch::text AS "onlineEpoch" FROM station WHERE tenant_id = 'demo'`),
  };
}
