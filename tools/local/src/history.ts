/**
 * The history of the demo site `boulder`: real sessions of six public stations, moved by whole weeks so that their last two to three weeks still
 * lie ahead of the first start. What lies behind is imported; what lies ahead is a plan that simulated stations play when its time comes.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { siteCalendar } from '@csms/forecast';
import { maskUid } from '@csms/store/cards/card-text';
import pg from 'pg';
import { z } from 'zod';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
const AHEAD_MS = 14 * DAY_MS;
const ROWS_AT_ONCE = 1000;

/** The slice that the repository ships; see examples/history/README.md. */
export const boulderHistoryFile = fileURLToPath(new URL('../../../examples/history/boulder.csv.gz', import.meta.url));

/** One session of the slice at the times when it really happened. */
export interface HistorySession {
  sessionId: string;
  /** the publisher's name of the station */
  stationName: string;
  startMs: number;
  chargeEndMs: number;
  endMs: number;
  energyWh: number;
  userId: string;
}

/** One session that lies ahead (or behind), at the site's own shifted times: what a simulated station plays. */
export interface PlannedSession {
  sessionId: string;
  identity: string;
  connectorId: number;
  /** plugged in, charging from then on */
  startAt: Date;
  /** charging ends, the car stays */
  chargeEndAt: Date;
  /** plugged out */
  endAt: Date;
  energyWh: number;
  idTag: string;
}

export interface HistoryStation {
  identity: string;
  displayName: string;
}

/** Where the history stands in time; kept in the setting `history/<site id>`, so that every later start sees the same. */
export const HistoryShift = z.object({
  weeks: z.number().int(),
  timeZone: z.string(),
  /** the first start: what ended before it was imported, the rest is played */
  importedAt: z.iso.datetime(),
  sessions: z.number().int(),
});
export type HistoryShift = z.infer<typeof HistoryShift>;

export interface ImportedHistory {
  shift: HistoryShift;
  stations: HistoryStation[];
  /** rows written by this call */
  inserted: number;
  /** the sessions that are not over at the moment of this call, in order of their start; those that have begun are there for their rest */
  ahead: PlannedSession[];
}

/** Reads a sessions file in the format of the published data (see examples/history/README.md). Throws with the line number of a row that cannot be read. */
export async function readHistory(file: string = boulderHistoryFile): Promise<HistorySession[]> {
  const bytes = await readFile(file);
  const lines = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').split(/\r?\n/);
  const names = (lines[0] ?? '').split(',');
  const column = (name: string): number => {
    const at = names.indexOf(name);
    if (at < 0) throw new Error(`${file} has no column ${name}`);
    return at;
  };
  const at = {
    id: column('session_id'), station: column('station_id'), start: column('start_utc'), end: column('end_utc'),
    chargeEnd: column('charge_end_utc'), energy: column('energy_kwh'), user: column('user_id'),
  };
  const sessions: HistorySession[] = [];
  lines.slice(1).forEach((line, i) => {
    if (line === '') return;
    const cells = line.split(',');
    const session: HistorySession = {
      sessionId: cells[at.id] ?? '', stationName: cells[at.station] ?? '', startMs: Date.parse(cells[at.start] ?? ''), endMs: Date.parse(cells[at.end] ?? ''),
      chargeEndMs: Date.parse(cells[at.chargeEnd] || cells[at.end] || ''), energyWh: Math.round(Number(cells[at.energy]) * 1000), userId: cells[at.user] ?? '',
    };
    const sound = session.sessionId !== '' && session.stationName !== '' && session.startMs <= session.chargeEndMs && session.chargeEndMs <= session.endMs && session.energyWh >= 0;
    if (!sound) throw new Error(`${file}:${i + 2} is not a session: ${line}`);
    sessions.push(session);
  });
  return sessions;
}

/** The stations of a slice, numbered by name: BOULDER-01, BOULDER-02, ... */
export function stationsOf(sessions: readonly HistorySession[], prefix = 'BOULDER'): Map<string, HistoryStation> {
  const names = [...new Set(sessions.map((session) => session.stationName))].sort();
  return new Map(names.map((name, i) => [name, { identity: `${prefix}-${String(i + 1).padStart(2, '0')}`, displayName: name }]));
}

/** The whole weeks after which the last session starts 14 to 21 days ahead of `now`. */
export function weeksToShift(sessions: readonly HistorySession[], now: Date): number {
  const last = sessions.reduce((latest, session) => Math.max(latest, session.startMs), Number.NEGATIVE_INFINITY);
  return Math.ceil((now.getTime() + AHEAD_MS - last) / WEEK_MS);
}

/**
 * The whole slice at its shifted times. The site's clock is moved, not UTC: who came at eight in the morning comes at eight, whatever daylight
 * saving does in either year; lengths stay as they were. Sessions that overlap at a station get the lowest connector that is free.
 */
export function shiftedSessions(sessions: readonly HistorySession[], shift: { weeks: number; timeZone: string }): PlannedSession[] {
  const calendar = siteCalendar(shift.timeZone);
  const offsetMs = (ms: number): number => calendar.offsetMinutes(Math.floor(ms / HOUR_MS)) * MINUTE_MS;
  const moved = (ms: number): number => {
    const wall = ms + offsetMs(ms) + shift.weeks * WEEK_MS;
    const guess = wall - offsetMs(wall);
    return wall - offsetMs(guess);
  };
  const stations = stationsOf(sessions);
  const busyUntil = new Map<string, number[]>();
  return sessions
    .map((session) => ({ session, startMs: moved(session.startMs) }))
    .sort((a, b) => a.startMs - b.startMs || (a.session.sessionId < b.session.sessionId ? -1 : 1))
    .map(({ session, startMs }) => {
      const endMs = startMs + (session.endMs - session.startMs);
      const { identity } = stations.get(session.stationName)!;
      const busy = busyUntil.get(identity) ?? [];
      const free = busy.findIndex((until) => until <= startMs);
      const connector = free < 0 ? busy.length : free;
      busy[connector] = endMs;
      busyUntil.set(identity, busy);
      return {
        sessionId: session.sessionId, identity, connectorId: connector + 1,
        startAt: new Date(startMs), chargeEndAt: new Date(startMs + (session.chargeEndMs - session.startMs)), endAt: new Date(endMs),
        energyWh: session.energyWh, idTag: idTagOf(session),
      };
    });
}

/** The card: the publisher's user where there is one, else 16 hex digits of the SHA-256 of the session's id. */
export function idTagOf(session: Pick<HistorySession, 'sessionId' | 'userId'>): string {
  return createHash('sha256').update(session.userId === '' ? session.sessionId : `user:${session.userId}`).digest('hex').slice(0, 16);
}

/** The sessions that are not over at `now`, in order of their start: what the simulated stations of the site play (of one that has begun, the rest). */
export function futureSessions(sessions: readonly HistorySession[], shift: { weeks: number; timeZone: string }, now: Date): PlannedSession[] {
  return shiftedSessions(sessions, shift).filter((session) => session.endAt > now);
}

/**
 * Imports the past of the slice as ended sessions with source `import` and no bill (they were free, and before our books), once: the shift is kept,
 * and a later call adds only what was planned for the time in which the platform was not running, so that the site's history has no hole that nobody
 * lived through. Runs as csms_app in one transaction, so a killed import leaves nothing.
 * `registerStation` makes a station known (and its credential, which only the API makes); without it the bare row is written.
 * The cards of the sessions ahead are entered as tokens that end with their session, because an unknown card may not charge.
 */
export async function importHistory(options: {
  databaseUrl: string; tenant: string; siteId: string; timeZone: string; now: Date; newId: () => string; file?: string;
  registerStation?: (station: HistoryStation) => Promise<void>;
}): Promise<ImportedHistory> {
  const { tenant, siteId, timeZone, now, newId } = options;
  const sessions = await readHistory(options.file);
  const stations = [...stationsOf(sessions).values()];
  for (const station of stations) await options.registerStation?.(station);

  const client = new pg.Client({ connectionString: options.databaseUrl, application_name: 'csms-history' });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant', $1, true)`, [tenant]);
    const name = `history/${siteId}`;
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`csms.${tenant}/${name}`]);
    const kept = await client.query<{ value: unknown }>('SELECT value FROM setting WHERE name = $1', [name]);
    const known = kept.rows[0] ? HistoryShift.parse(kept.rows[0].value) : null;
    const weeks = known?.weeks ?? weeksToShift(sessions, now);
    const zone = known?.timeZone ?? timeZone;
    const importedAt = known ? new Date(known.importedAt) : now;
    const all = shiftedSessions(sessions, { weeks, timeZone: zone });
    const ids = await stationIds(client, { siteId, stations, newId });
    const unseenFrom = known ? await lastSeen(client, [...ids.values()], importedAt) : new Date(0);
    const past = all.filter((session) => session.startAt >= unseenFrom && session.endAt <= now);
    const ahead = all.filter((session) => session.endAt > now);
    const shift: HistoryShift = known ?? { weeks, timeZone: zone, importedAt: importedAt.toISOString(), sessions: past.length };
    let inserted = 0;
    for (let from = 0; from < past.length; from += ROWS_AT_ONCE) inserted += await insertSessions(client, past.slice(from, from + ROWS_AT_ONCE), ids, newId);
    if (!known) {
      await insertTokens(client, ahead, newId);
      await client.query(`INSERT INTO setting (tenant_id, name, value) VALUES ($1, $2, $3)`, [tenant, name, JSON.stringify(shift)]);
    }
    await client.query('COMMIT');
    return { shift, stations, inserted, ahead };
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    await client.end();
  }
}

async function stationIds(client: pg.Client, of: { siteId: string; stations: readonly HistoryStation[]; newId: () => string }): Promise<Map<string, string>> {
  const { siteId, stations, newId } = of;
  await client.query(
    `INSERT INTO station (tenant_id, id, site_id, identity, display_name)
     SELECT current_setting('app.tenant'), s.id, $1, s.identity, s.name FROM unnest($2::uuid[], $3::text[], $4::text[]) AS s(id, identity, name)
     ON CONFLICT (tenant_id, identity) DO NOTHING`,
    [siteId, stations.map(() => newId()), stations.map((station) => station.identity), stations.map((station) => station.displayName)]);
  const { rows } = await client.query<{ id: string; identity: string; site_id: string }>(
    'SELECT id, identity, site_id FROM station WHERE identity = ANY($1)', [stations.map((station) => station.identity)]);
  const elsewhere = rows.find((row) => row.site_id !== siteId);
  if (elsewhere) throw new Error(`station ${elsewhere.identity} belongs to another site; its history is not imported`);
  return new Map(rows.map((row) => [row.identity, row.id]));
}

/** When the platform last heard from one of the stations: what was planned for later, and is over, happened while nobody watched. */
async function lastSeen(client: pg.Client, stationIdList: readonly string[], importedAt: Date): Promise<Date> {
  const { rows } = await client.query<{ seen: Date | null }>('SELECT max(last_seen_at) AS seen FROM station WHERE id = ANY($1)', [stationIdList]);
  const seen = rows[0]?.seen ?? null;
  return seen && seen > importedAt ? seen : importedAt;
}

async function insertSessions(client: pg.Client, sessions: readonly PlannedSession[], stationId: Map<string, string>, newId: () => string): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, source, token_uid, started_at, start_received_at,
       ended_at, end_received_at, state, energy_wh, charging_ended_at, idle_seconds)
     SELECT current_setting('app.tenant'), s.id, s.station, s.connector, s.connector, s.ref, 'ocpp1.6', 'import', s.token, s.started, s.started, s.ended, s.ended,
       'ended', s.wh, s.charged, extract(epoch FROM s.ended - s.charged)::integer
     FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[], $9::float8[], $10::text[])
       AS s(id, station, connector, ref, token, started, charged, ended, wh, ends)
     -- Played in the last minutes before a stop: then the station told of it itself, and the books show the ends of its card.
     WHERE NOT EXISTS (SELECT 1 FROM session played WHERE played.station_id = s.station AND (played.token_uid = s.token OR split_part(played.token_uid, ':', 3) = s.ends) AND played.source = 'ocpp'
       AND played.started_at BETWEEN s.started - interval '1 hour' AND s.started + interval '1 hour')
     ON CONFLICT (tenant_id, station_id, transaction_ref) DO NOTHING`,
    [sessions.map(() => newId()), sessions.map((s) => stationId.get(s.identity)), sessions.map((s) => s.connectorId), sessions.map((s) => `import-${s.sessionId}`),
      sessions.map((s) => s.idTag), sessions.map((s) => s.startAt), sessions.map((s) => s.chargeEndAt), sessions.map((s) => s.endAt), sessions.map((s) => s.energyWh), sessions.map((s) => maskUid(s.idTag))]);
  return rowCount ?? 0;
}

async function insertTokens(client: pg.Client, ahead: readonly PlannedSession[], newId: () => string): Promise<void> {
  await client.query(
    `INSERT INTO token (tenant_id, id, uid, kind, valid_until)
     SELECT current_setting('app.tenant'), t.id, t.uid, 'rfid', t.until FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS t(id, uid, until)
     ON CONFLICT DO NOTHING`,
    [ahead.map(() => newId()), ahead.map((session) => session.idTag), ahead.map((session) => new Date(session.endAt.getTime() + DAY_MS))]);
}
