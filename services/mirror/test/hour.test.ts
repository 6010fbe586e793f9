import { generateKeyPairSync } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createLogger, uuidv7 } from '@csms/kit';
import { inTenant, lastOutboxId, mirrorBacklog, noteStates, noteWritten, readOutbox, registerTenant, stationsToLookAt, unwrittenStates, upsertSite } from '@csms/store';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import { hearLibraries } from '../src/library-log.ts';
import { createMirror } from '../src/mirror.ts';
import { openPublicDatabase, type PublicDatabase } from '../src/public-database.ts';
import { startRealtimeDatabase, type RealtimeDatabase } from './realtime-database.ts';

/* An hour without Firebase in a few seconds: the mirror's own code on real books and a real connection, its clock ours. */

const stations = 120;
const minute = 60_000;
let clockMs = Date.parse('2026-11-24T12:00:00Z');
let books: TestDatabase;
let app: pg.Pool;
let admin: pg.Pool;
let firebase: RealtimeDatabase;
let database: PublicDatabase;

beforeAll(async () => {
  hearLibraries(() => undefined);
  [books, firebase] = await Promise.all([startTestDatabase(), startRealtimeDatabase({ acceptsAccount: (token) => token === 'owner' })]);
  app = new pg.Pool({ connectionString: books.appUrl, max: 3 });
  admin = new pg.Pool({ connectionString: books.adminUrl, max: 1 });
  for (const pool of [app, admin]) pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
  database = openPublicDatabase({ url: firebase.url, account: { projectId: 'demo', clientEmail: 'mirror@demo.iam.gserviceaccount.com', privateKey }, onConnected: () => undefined, retryMs: 200 });
  await vi.waitFor(() => expect(database.isConnected()).toBe(true), { timeout: 20_000 });
});
afterAll(async () => {
  await database.close();
  await Promise.all([app.end(), admin.end()]);
  await Promise.all([firebase.close(), books.close()]);
});

it('I-10 an hour without Firebase: what waits never grows beyond one state a station, time goes on for those that stay away, and one round after its return everything is as in the books', async () => {
  const now = (): Date => new Date(clockMs);
  await registerTenant(app, { id: 'demo', displayName: 'Demo' });
  const siteId = await inTenant(app, 'demo', (client) => upsertSite(client, { namespace: 'demo', name: 'site', displayName: 'Site', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} }, { name: 'test', now: now() }));
  const ids = Array.from({ length: stations }, () => uuidv7());
  await admin.query(`INSERT INTO station (tenant_id, id, site_id, identity, online, online_since) SELECT 'demo', id, $2, 'CP-' || n, true, $3 FROM unnest($1::uuid[]) WITH ORDINALITY AS s(id, n)`, [ids, siteId, now()]);
  await admin.query(`INSERT INTO connector (tenant_id, station_id, evse_id, connector_id, status, status_at, received_at) SELECT 'demo', id, 1, 1, 'Available', $2, $2 FROM unnest($1::uuid[]) id`, [ids, now()]);

  const mirrored = { tenantId: 'demo', target: firebase.url, namespace: 'demo', sites: null };
  const mirror = createMirror({
    books: {
      lastOutboxId: () => lastOutboxId(app, 'demo'), readOutbox: (afterId, limit) => readOutbox(app, 'demo', afterId, limit), stationsToLookAt: (afterId, limit) => stationsToLookAt(app, 'demo', mirrored, afterId, limit),
      noteStates: (toLookAt, at) => noteStates(app, mirrored, toLookAt, at), unwrittenStates: (after, limit) => unwrittenStates(app, mirrored, after, limit), noteWritten: (written, at) => noteWritten(app, mirrored, written, at), backlog: () => mirrorBacklog(app, mirrored),
    },
    database, log: createLogger('mirror', 'silent'), now,
  });
  const nodesOf = async (): Promise<Record<string, unknown>[]> => {
    const { rows } = await admin.query<{ public_id: string }>('SELECT m.public_id FROM unnest($1::uuid[]) WITH ORDINALITY AS s(id, n) JOIN mirrored_station m ON m.station_id = s.id ORDER BY n', [ids]);
    return rows.map((row) => firebase.at(`/chargers/${row.public_id}`) as Record<string, unknown>);
  };
  await mirror.round();
  expect((await nodesOf()).every((node) => node['status'] === 'STANDBY' && node['version'] === 1)).toBe(true);

  await firebase.cut();
  await vi.waitFor(() => expect(database.isConnected()).toBe(false), { timeout: 20_000 });
  const away = ids[0]!;
  for (let i = 1; i <= 60; i += 1) {
    clockMs += minute;
    // Every station says something each minute; one of them loses its socket in the tenth, and nothing is heard of it any more.
    const status = i % 2 === 0 ? 'Available' : 'Charging';
    if (i === 10) await admin.query(`UPDATE station SET online = false, offline_since = $2 WHERE id = $1`, [away, now()]);
    const speaking = i < 10 ? ids : ids.slice(1);
    await admin.query(`WITH said AS (UPDATE connector SET status = $2, status_at = $3, received_at = $3 WHERE station_id = ANY ($1::uuid[]) RETURNING station_id)
      INSERT INTO outbox (tenant_id, at, changes) SELECT 'demo', $3, jsonb_agg(jsonb_build_object('kind', 'connector', 'stationId', station_id, 'evseId', 1, 'connectorId', 1, 'status', $2::text, 'at', $3)) FROM said`, [speaking, status, now()]);
    if (i === 10) await admin.query(`INSERT INTO outbox (tenant_id, at, changes) VALUES ('demo', $2, jsonb_build_array(jsonb_build_object('kind', 'station', 'stationId', $1::text, 'online', false, 'at', $2::timestamptz)))`, [away, now()]);
    await mirror.round();
    expect(mirror.backlog().pending).toBe(stations);
  }
  // It is the oldest change that says how far the mirror is behind.
  expect(mirror.backlog().oldestAt).toEqual(new Date(Date.parse('2026-11-24T12:01:00Z')));
  expect((await admin.query('SELECT 1 FROM mirrored_station')).rowCount).toBe(stations);

  const putsBefore = firebase.puts();
  await firebase.heal();
  await vi.waitFor(() => expect(database.isConnected()).toBe(true), { timeout: 20_000 });
  await mirror.round();
  expect(mirror.backlog()).toEqual({ pending: 0, oldestAt: null });
  const [first, ...others] = await nodesOf();
  expect(first).toMatchObject({ status: 'FAULT', power: 0 });
  expect(others.every((node) => node['status'] === 'STANDBY' && node['last_updated'] === now().toISOString() && Number(node['version']) === 61)).toBe(true);
  expect(firebase.puts() - putsBefore).toBeLessThanOrEqual(2 * stations);
});

it('a state that the rules refuse holds up no other, and is tried more and more seldom', async () => {
  const [refused, good] = ['0d8ba3a4-1c83-4b7c-9d0e-8b0f6a1c2d3e', '7f1c2a90-55aa-4d0e-a3b1-2f9b8c7d6e5f'];
  const state = { status: 'STANDBY' as const, power: 0, energy: 0, duration: 0, last_updated: '2026-11-24T12:00:00.000Z' };
  const written: string[] = [];
  let waiting = [{ publicId: refused, power: -1 }, { publicId: good, power: 0 }].map(({ publicId, power }) => ({ stationId: publicId, publicId, version: 1, state: { ...state, power }, changedAt: new Date(clockMs) }));
  const mirror = createMirror({
    books: {
      lastOutboxId: async () => '0', readOutbox: async () => [], stationsToLookAt: async () => [], noteStates: async () => new Map(),
      unwrittenStates: async (after) => (after === null ? waiting : []), backlog: async () => ({ pending: waiting.length, oldestAt: null }),
      noteWritten: async (each) => { written.push(...each.map(({ stationId }) => stationId)); waiting = waiting.filter(({ stationId }) => !written.includes(stationId)); },
    },
    database, log: createLogger('mirror', 'silent'), now: () => new Date(clockMs),
  });
  const puts = firebase.puts();
  for (let second = 0; second < 600; second += 1) {
    await mirror.round();
    clockMs += 1_000;
  }
  expect(written).toEqual([good]);
  // 1, 2, 4, 8, 16 and then every 30 s: not six hundred times.
  expect(firebase.puts() - puts).toBeLessThan(40);
});
