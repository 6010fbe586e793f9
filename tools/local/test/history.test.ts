import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from '@csms/kit';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import { importHistory, readHistory, type HistoryStation, type ImportedHistory } from '../src/history.ts';

const DAY_MS = 86_400_000;
const now = new Date();
let database: TestDatabase;
let admin: pg.Client;
let first: ImportedHistory;
const siteId = uuidv7();
const registered: HistoryStation[] = [];

const importAt = (at: Date): Promise<ImportedHistory> => importHistory({
  databaseUrl: database.appUrl, tenant: 'demo', siteId, timeZone: 'America/Denver', now: at, newId: () => uuidv7(),
  registerStation: async (station) => { registered.push(station); },
});

beforeAll(async () => {
  database = await startTestDatabase();
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(`INSERT INTO tenant (id, display_name) VALUES ('demo', 'Demo')`);
  await admin.query(`INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('demo', $1, 'demo', 'boulder', 'Boulder', 'America/Denver')`, [siteId]);
  first = await importAt(now);
});

afterAll(async () => {
  await admin.end();
  await database.close();
});

describe('the history of a site', () => {
  it('is in the books: every past session of the file once, with its energy, its connector, and no bill', async () => {
    const file = await readHistory();
    const { rows: [books] } = await admin.query<{ sessions: number; wh: number; last: Date; sources: string[]; states: string[] }>(
      `SELECT count(*)::int AS sessions, sum(energy_wh) AS wh, max(ended_at) AS last, array_agg(DISTINCT source) AS sources, array_agg(DISTINCT state) AS states
       FROM session WHERE tenant_id = 'demo'`);
    expect(books).toMatchObject({ sources: ['import'], states: ['ended'] });
    expect(first.inserted).toBe(books!.sessions);
    expect(books!.sessions + first.ahead.length).toBe(file.length);
    const aheadWh = first.ahead.reduce((sum, session) => sum + session.energyWh, 0);
    const fileWh = file.reduce((sum, session) => sum + session.energyWh, 0);
    expect(books!.wh + aheadWh).toBe(fileWh);
    expect(books!.last.getTime()).toBeLessThanOrEqual(now.getTime());
    expect(books!.last.getTime()).toBeGreaterThan(now.getTime() - 3 * DAY_MS);
    expect((await admin.query('SELECT 1 FROM bill')).rowCount).toBe(0);
    expect(registered.map((station) => station.identity)).toEqual(first.stations.map((station) => station.identity));
  });

  it('leaves the last weeks ahead, with cards that may charge then', async () => {
    for (const session of first.ahead) expect(session.endAt.getTime()).toBeGreaterThan(now.getTime());
    expect(first.ahead.at(-1)!.startAt.getTime()).toBeGreaterThan(now.getTime() + 13.9 * DAY_MS);
    const { rows } = await admin.query<{ uid: string; status: string; valid_until: Date }>('SELECT uid, status, valid_until FROM token');
    const cards = new Map(rows.map((row) => [row.uid, row]));
    for (const session of first.ahead) {
      expect(session.idTag).toMatch(/^[0-9a-f]{16}$/);
      expect(cards.get(session.idTag)).toMatchObject({ status: 'active' });
      expect(cards.get(session.idTag)!.valid_until.getTime()).toBeGreaterThan(session.endAt.getTime());
    }
  });

  it('is the same after a second start: nothing is imported twice and nothing has moved', async () => {
    const again = await importAt(now);
    expect(again.inserted).toBe(0);
    expect(again.shift).toEqual(first.shift);
    expect(again.ahead).toEqual(first.ahead);
    expect((await admin.query('SELECT 1 FROM session')).rowCount).toBe(first.inserted);
  });

  it('has no hole where the platform was not running: what was planned then is imported at the next start, what was played is not', async () => {
    // The platform ran for two days and heard from a station last at their end; just before, one car came early at a station and was played.
    const seen = new Date(now.getTime() + 2 * DAY_MS);
    await admin.query(`UPDATE station SET last_seen_at = $1 WHERE identity = 'BOULDER-01'`, [seen]);
    const later = new Date(now.getTime() + 8 * DAY_MS);
    const missed = first.ahead.filter((session) => session.startAt >= seen && session.endAt <= later);
    const played = missed[0]!;
    await admin.query(
      `INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, token_uid, started_at, start_received_at)
       SELECT 'demo', gen_random_uuid(), id, 1, 1, '77', 'ocpp1.6', $2, $3::timestamptz + interval '20 seconds', $3 FROM station WHERE identity = $1`, [played.identity, played.idTag, played.startAt]);

    const again = await importAt(later);
    expect(missed.length).toBeGreaterThan(50);
    expect(again.inserted).toBe(missed.length - 1);
    expect(again.shift).toEqual(first.shift);
    expect(again.ahead).toEqual(first.ahead.filter((session) => session.endAt > later));
    expect((await importAt(later)).inserted).toBe(0);
    const { rows } = await admin.query<{ transaction_ref: string }>(`SELECT transaction_ref FROM session WHERE started_at >= $1 AND source = 'import'`, [now]);
    expect(rows.map((row) => row.transaction_ref).sort()).toEqual(missed.slice(1).map((session) => `import-${session.sessionId}`).sort());
  });

  it('refuses stations that belong to another site, and then leaves nothing behind', async () => {
    const before = (await admin.query('SELECT 1 FROM session')).rowCount;
    const other = uuidv7();
    await admin.query(`INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('demo', $1, 'demo', 'other', 'Other', 'America/Denver')`, [other]);
    await expect(importHistory({ databaseUrl: database.appUrl, tenant: 'demo', siteId: other, timeZone: 'America/Denver', now, newId: () => uuidv7() }))
      .rejects.toThrow('station BOULDER-01 belongs to another site');
    expect((await admin.query('SELECT 1 FROM setting WHERE name = $1', [`history/${other}`])).rowCount).toBe(0);
    expect((await admin.query('SELECT 1 FROM session')).rowCount).toBe(before);
  });
});
