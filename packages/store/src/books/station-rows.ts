import type { BootFact, ConnectorStatus } from '@csms/domain';
import type pg from 'pg';

export interface StatusRow {
  stationId: string; evseId: number; connectorId: number; status: ConnectorStatus; errorCode: string | null; info: string | null;
  /** By which live state is ordered. */
  at: Date; receivedAt: Date;
}

/** A station that names more is at fault: each connector is a row for ever, and lists show them all. */
export const connectorsMax = 100;

/** Upserts connectors in sorted order, so that two first contacts never wait for each other; returns those that were newer than what stood there (G-16),
 * and the keys of those that would be a station's 101st. The caller holds the stations' locks. */
export async function writeConnectors(client: pg.ClientBase, rows: readonly StatusRow[]): Promise<{ applied: StatusRow[]; refused: Set<string> }> {
  if (rows.length === 0) return { applied: [], refused: new Set() };
  const newest = new Map<string, StatusRow>();
  for (const row of rows) {
    const key = connectorKey(row);
    const known = newest.get(key);
    if (!known || row.at >= known.at) newest.set(key, row);
  }
  const refused = await beyondLimit(client, [...newest.values()]);
  for (const key of refused) newest.delete(key);
  const sorted = [...newest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const column = <T>(pick: (row: StatusRow) => T): T[] => sorted.map(pick);
  const { rows: applied } = await client.query<{ key: string }>(
    `INSERT INTO connector AS c (tenant_id, station_id, evse_id, connector_id, status, error_code, info, status_at, received_at)
     SELECT current_setting('app.tenant'), r.* FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[]) AS r
     ON CONFLICT (tenant_id, station_id, evse_id, connector_id) DO UPDATE SET status = excluded.status, error_code = excluded.error_code, info = excluded.info,
       status_at = excluded.status_at, received_at = excluded.received_at
     WHERE c.status_at IS NULL OR c.status_at <= excluded.status_at
     RETURNING concat_ws('/', station_id, evse_id, connector_id) AS key`,
    [column((r) => r.stationId), column((r) => r.evseId), column((r) => r.connectorId), column((r) => r.status), column((r) => r.errorCode), column((r) => r.info), column((r) => r.at), column((r) => r.receivedAt)]);
  const keys = new Set(applied.map((row) => row.key));
  return { applied: sorted.filter((row) => keys.has(connectorKey(row))), refused };
}

export const connectorKey = (row: { stationId: string; evseId: number; connectorId: number }): string => `${row.stationId}/${row.evseId}/${row.connectorId}`;

async function beyondLimit(client: pg.ClientBase, rows: readonly StatusRow[]): Promise<Set<string>> {
  const { rows: known } = await client.query<{ stationId: string; key: string }>({
    name: 'known_connectors', text: `SELECT station_id AS "stationId", concat_ws('/', station_id, evse_id, connector_id) AS key FROM connector WHERE station_id = ANY($1::uuid[])`,
    values: [[...new Set(rows.map((row) => row.stationId))]],
  });
  const keysOf = new Map<string, Set<string>>();
  for (const { stationId, key } of known) keysOf.set(stationId, (keysOf.get(stationId) ?? new Set()).add(key));
  const refused = new Set<string>();
  for (const row of rows) {
    const keys = keysOf.get(row.stationId) ?? new Set<string>();
    if (!keys.has(connectorKey(row)) && keys.size >= connectorsMax) refused.add(connectorKey(row));
    else keysOf.set(row.stationId, keys.add(connectorKey(row)));
  }
  return refused;
}

/** Status of stations themselves (connectorId 0, G-15); true for those that were newer. */
export async function writeStationStatus(client: pg.ClientBase, row: StatusRow): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE station SET status = $2, error_code = $3, status_info = $4, status_at = $5 WHERE id = $1 AND (status_at IS NULL OR status_at <= $5)`,
    [row.stationId, row.status, row.errorCode, row.info, row.at]);
  return rowCount === 1;
}

export interface BootRow { stationId: string; fact: BootFact; ocppVersion: string; at: Date }

/** What stations said of themselves when they booted, in order; one statement for all, because after a power cut thousands boot at once. */
export async function writeBoots(client: pg.ClientBase, boots: readonly BootRow[]): Promise<void> {
  for (const round of roundsByStation(boots)) {
    const column = <T>(pick: (row: BootRow) => T): T[] => round.map(pick);
    await client.query({
      name: 'write_boots',
      text: `UPDATE station s SET vendor = r.vendor, model = r.model, serial = coalesce(r.serial, s.serial), firmware = coalesce(r.firmware, s.firmware), ocpp_version = r.version, booted_at = r.at,
          last_seen_at = greatest(s.last_seen_at, r.at)
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[]) AS r(id, vendor, model, serial, firmware, version, at) WHERE s.id = r.id`,
      values: [column((r) => r.stationId), column((r) => r.fact.vendor), column((r) => r.fact.model), column((r) => r.fact.serial), column((r) => r.fact.firmware), column((r) => r.ocppVersion), column((r) => r.at)],
    });
  }
}

export interface PresenceRow { stationId: string; epoch: bigint; online: boolean; at: Date; ocppVersion: string }

/** Presence under an epoch, in order: an older socket's word changes nothing. Resolves with the ones that were written. */
export async function writePresences(client: pg.ClientBase, given: readonly PresenceRow[]): Promise<PresenceRow[]> {
  const written: PresenceRow[] = [];
  for (const round of roundsByStation(given)) {
    const column = <T>(pick: (row: PresenceRow) => T): T[] => round.map(pick);
    const { rows } = await client.query<{ id: string }>({
      name: 'write_presences',
      text: `UPDATE station s SET online = r.online, online_epoch = r.epoch, ocpp_version = CASE WHEN r.online THEN r.version ELSE s.ocpp_version END,
          online_since = CASE WHEN r.online AND NOT s.online THEN r.at ELSE s.online_since END, offline_since = CASE WHEN NOT r.online AND s.online THEN r.at ELSE s.offline_since END,
          last_seen_at = greatest(s.last_seen_at, r.at)
        FROM unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::timestamptz[], $5::text[]) AS r(id, epoch, online, at, version) WHERE s.id = r.id AND s.online_epoch <= r.epoch RETURNING s.id`,
      values: [column((r) => r.stationId), column((r) => String(r.epoch)), column((r) => r.online), column((r) => r.at), column((r) => r.ocppVersion)],
    });
    const ids = new Set(rows.map((row) => row.id));
    written.push(...round.filter((row) => ids.has(row.stationId)));
  }
  return written;
}

/** Splits rows so that a station is in each round at most once and its rows keep their order; an UPDATE touches a row once. */
function roundsByStation<T extends { stationId: string }>(rows: readonly T[]): T[][] {
  const rounds: T[][] = [];
  const timesSeen = new Map<string, number>();
  for (const row of rows) {
    const times = timesSeen.get(row.stationId) ?? 0;
    timesSeen.set(row.stationId, times + 1);
    (rounds[times] ??= []).push(row);
  }
  return rounds;
}

export async function writeSeen(client: pg.ClientBase, seen: ReadonlyMap<string, Date>): Promise<void> {
  if (seen.size === 0) return;
  const ids = [...seen.keys()].sort();
  await client.query({
    name: 'write_seen',
    text: `UPDATE station s SET last_seen_at = greatest(s.last_seen_at, r.at) FROM unnest($1::uuid[], $2::timestamptz[]) AS r(id, at) WHERE s.id = r.id`,
    values: [ids, ids.map((id) => seen.get(id))],
  });
}
