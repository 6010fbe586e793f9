import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { inTenant, registerStation, registerTenant, registerToken, upsertSite, deleteSite } from '@csms/store';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import { createMemoryStorage, createPlainVehicle, createRandom, createSimulatedHardware, createStation, createSystemClock } from '../../../edge/src/index.ts';
import { startGatewayProcess, type GatewayProcess } from '../../ocpp-gateway/src/commands/testing/gateway-process.ts';
import { databaseUrlOf } from '../src/settings.ts';
import { startGoogle, type Google } from './google.ts';
import { startMirrorProcess, type MirrorProcess } from './mirror-process.ts';
import { startRealtimeDatabase, type RealtimeDatabase } from './realtime-database.ts';

/* Real books, a real gateway, a charger of our making, the mirror as it is deployed, and beyond it a database that speaks Firebase's protocol and obeys the published rules. */

const pepper = 'a pepper of the mirror';
const actor = { name: 'test', now: new Date('2026-11-24T00:00:00Z') };
const site = { namespace: 'demo', name: 'bandung-01', displayName: 'Bandung', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} };

let books: TestDatabase;
let app: pg.Pool;
let admin: pg.Pool;
let google: Google;
let firebase: RealtimeDatabase;
let gateway: GatewayProcess;
let siteId: string;
let folder: string;
let keyFile: string;
const mirrors: MirrorProcess[] = [];

beforeAll(async () => {
  [books, google, folder] = await Promise.all([startTestDatabase(), startGoogle(), mkdtemp(join(tmpdir(), 'csms-mirror-'))]);
  app = new pg.Pool({ connectionString: books.appUrl, max: 2 });
  admin = new pg.Pool({ connectionString: books.adminUrl, max: 2 });
  for (const pool of [app, admin]) pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  firebase = await startRealtimeDatabase({ tls: google.serverTls, acceptsAccount: (token) => google.acceptsAccount(token) });
  keyFile = join(folder, 'service-account.json');
  await writeFile(keyFile, google.newKey());
  await writeFile(join(folder, 'ca.pem'), google.authorityPem);
  for (const id of ['demo', 'kota']) await registerTenant(app, { id, displayName: id });
  siteId = await inTenant(app, 'demo', async (client) => {
    await registerToken(client, { uid: 'CARD-0001', kind: 'rfid', driverName: 'Siti Rahma', validUntil: null, parentUid: null }, actor);
    return upsertSite(client, site, actor);
  });
  gateway = await startGatewayProcess({ DATABASE_URL: books.appUrl, BUS_DATABASE_URL: books.busUrl, CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: pepper });
});

afterEach(async () => {
  for (const mirror of mirrors.splice(0)) await mirror.kill('SIGKILL');
  await firebase.cut();
  await firebase.heal();
});

afterAll(async () => {
  await gateway.kill('SIGKILL');
  await Promise.all([app.end(), admin.end()]);
  await Promise.all([firebase.close(), google.close(), books.close(), rm(folder, { recursive: true, force: true })]);
});

async function startMirror(more: Record<string, string> = {}): Promise<MirrorProcess> {
  const mirror = await startMirrorProcess({
    DATABASE_URL: books.appUrl, BUS_DATABASE_URL: books.busUrl, CSMS_TENANT: 'demo', CSMS_SITE_NAMESPACE: 'demo', CSMS_MIRROR_SITES: 'bandung-01', CSMS_FIREBASE_DATABASE_URL: firebase.url, CSMS_FIREBASE_CREDENTIALS_FILE: keyFile,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'), ...google.env, ...more,
  });
  mirrors.push(mirror);
  return mirror;
}

/** The node of a station as the public reads it; undefined where the mirror has given it no id yet. */
async function nodeOf(stationId: string): Promise<Record<string, unknown> | null | undefined> {
  const { rows } = await admin.query<{ public_id: string }>('SELECT public_id FROM mirrored_station WHERE station_id = $1', [stationId]);
  return rows[0] === undefined ? undefined : firebase.at(`/chargers/${rows[0].public_id}`) as Record<string, unknown> | null;
}

/** A charger with one connector, at the gateway. */
async function aCharger(identity: string) {
  const { id, password } = await inTenant(app, 'demo', (client) => registerStation(client, { siteId, identity, displayName: 'Slot 1' }, pepper, actor));
  const clock = createSystemClock();
  const hardware = createSimulatedHardware([{ powerMaxW: 7_400, voltageV: 230 }], clock);
  let transactions = 0;
  const station = createStation({
    identity, url: `ws://127.0.0.1:${gateway.port}/ocpp/demo`, password, dialect: '1.6', connectorCount: 1, about: { vendor: 'Charge-IT', model: 'edge', firmwareVersion: '1.0.0', serialNumber: 'SN-8812' }, hardware,
    storage: createMemoryStorage(), clock, random: createRandom(identity), newId: () => `${identity}-${(transactions += 1)}`, meterTickMs: 50, configuration: { MeterValueSampleInterval: '1' },
  });
  station.start();
  await vi.waitFor(async () => expect((await admin.query('SELECT 1 FROM connector WHERE station_id = $1', [id])).rowCount).toBe(1), { timeout: 20_000, interval: 50 });
  return { id, station, hardware };
}

/** Stations that are only in the books, online, with a free connector. */
async function stationsInBooks(count: number): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(`INSERT INTO station (tenant_id, id, site_id, identity, online, online_since, status) SELECT 'demo', gen_random_uuid(), $1, 'BOOK-' || n, true, now(), 'Available' FROM generate_series(1, $2::int) n RETURNING id`, [siteId, count]);
  const ids = rows.map((row) => row.id);
  await admin.query(`INSERT INTO connector (tenant_id, station_id, evse_id, connector_id, status, status_at, received_at) SELECT 'demo', id, 1, 1, 'Available', now(), now() FROM unnest($1::uuid[]) id`, [ids]);
  return ids;
}

/** A word of every station's connector, with its outbox rows, as the books write it. */
async function allSay(ids: string[], status: string): Promise<void> {
  await admin.query(`WITH said AS (UPDATE connector SET status = $2, status_at = now(), received_at = now() WHERE station_id = ANY ($1::uuid[]) RETURNING station_id)
    INSERT INTO outbox (tenant_id, changes) SELECT 'demo', jsonb_build_array(jsonb_build_object('kind', 'connector', 'stationId', station_id, 'evseId', 1, 'connectorId', 1, 'status', $2::text, 'at', now())) FROM said`, [ids, status]);
}

async function expectVersionsRose(): Promise<void> {
  for (const { public_id: id } of (await admin.query<{ public_id: string }>('SELECT public_id FROM mirrored_station')).rows) {
    const versions = firebase.versionsOf(id);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  }
}

describe('the mirror', () => {
  it('D-04 shows a charging session of a real charger: STANDBY, CHARGING with power, FINISHED, STANDBY, and not a word more', async () => {
    const { id, station, hardware } = await aCharger('CP-0001');
    const mirror = await startMirror();
    await expect.poll(() => nodeOf(id)).toMatchObject({ status: 'STANDBY', power: 0, energy: 0, duration: 0 });
    expect(google.tokensGiven()).toBe(1);

    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 50_000 }));
    hardware.tap(1, 'CARD-0001');
    await expect.poll(() => nodeOf(id)).toMatchObject({ status: 'CHARGING', power: 7 });
    await expect.poll(async () => Number((await nodeOf(id))?.['energy'])).toBeGreaterThan(0);
    hardware.tap(1, 'CARD-0001');
    await expect.poll(() => nodeOf(id)).toMatchObject({ status: 'FINISHED', power: 0 });
    const { rows: [session] } = await admin.query<{ energy_wh: number }>(`SELECT energy_wh FROM session WHERE station_id = $1 AND state = 'ended'`, [id]);
    await expect.poll(async () => (await nodeOf(id))?.['energy']).toBe(Math.round(session!.energy_wh) / 1_000);
    hardware.unplug(1);
    await expect.poll(() => nodeOf(id)).toMatchObject({ status: 'STANDBY', power: 0, energy: 0, duration: 0 });

    const node = (await nodeOf(id))!;
    expect(Object.keys(node).sort()).toEqual(['duration', 'energy', 'last_updated', 'power', 'status', 'version']);
    expect(Math.abs(Date.now() - Date.parse(String(node['last_updated'])))).toBeLessThan(3_600_000);
    const everything = JSON.stringify(firebase.at('/'));
    for (const secret of ['CP-0001', 'CARD-0001', 'Siti', 'SN-8812', 'Slot 1', '127.0.0.1', 'demo', id]) expect(everything).not.toContain(secret);
    await expectVersionsRose();
    await expect.poll(() => mirror.metric('csms_outbox_oldest_age_seconds{queue="mirror"}')).toBe(0);
    expect(await mirror.metric('csms_mirror_lag_seconds_count')).toBeGreaterThanOrEqual(4);
    expect(await mirror.ready()).toBe('ok\n');
    await station.stop();
    expect(await mirror.kill('SIGTERM')).toBe(0);
    // What it logs is JSON, and holds no key and no token.
    for (const line of mirror.lines) expect(() => JSON.parse(line) as unknown, line).not.toThrow();
    expect(mirror.lines.join('\n')).not.toMatch(/PRIVATE KEY|ya29\.|CARD-0001|Siti/);
  });

  it('I-10 equals the books again after an outage in which everything changed many times: F21 one waiting row a station, each version above the one before, and charging goes on', async () => {
    const ids = await stationsInBooks(60);
    const { id: charger, station, hardware } = await aCharger('CP-0002');
    let mirror = await startMirror();
    await expect.poll(async () => (await Promise.all(ids.map(nodeOf))).filter((node) => node?.['status'] === 'STANDBY').length).toBe(60);
    await firebase.cut();
    await expect.poll(() => mirror.ready()).toBe('ok; the public database cannot be reached, and what changes waits for it\n');
    const putsBefore = firebase.puts();
    for (let i = 0; i < 40; i += 1) await allSay(ids, i % 2 === 0 ? 'Faulted' : 'Available');
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 50_000 }));
    hardware.tap(1, 'CARD-0001');
    // The core knows nothing of the outage: the session is in the books.
    await expect.poll(async () => (await admin.query(`SELECT 1 FROM session WHERE station_id = $1 AND state = 'active' AND last_power_w > 0`, [charger])).rowCount).toBe(1);
    await allSay(ids, 'Faulted');
    await expect.poll(() => mirror.metric('csms_outbox_pending{queue="mirror"}')).toBe(61);
    expect(await mirror.metric('csms_outbox_oldest_age_seconds{queue="mirror"}')).toBeGreaterThan(0);
    expect(await mirror.metric('csms_mirror_connected')).toBe(0);

    // It dies in the outage, too, and another one takes up what waits.
    await mirror.kill('SIGKILL');
    await allSay(ids.slice(0, 30), 'Available');
    mirror = await startMirror();
    await expect.poll(() => mirror.ready()).toContain('ok; ');
    await firebase.heal();
    await expect.poll(() => mirror.metric('csms_outbox_pending{queue="mirror"}')).toBe(0);
    const statuses = (await Promise.all(ids.map(nodeOf))).map((node) => node?.['status']);
    expect(statuses).toEqual(ids.map((_, i) => (i < 30 ? 'STANDBY' : 'FAULT')));
    await expect.poll(() => nodeOf(charger)).toMatchObject({ status: 'CHARGING', power: 7 });
    // Each station's newest state alone was written: thousands of changes were not played after. (Two puts a station: the first one guesses that nothing is there.)
    expect(firebase.puts() - putsBefore).toBeLessThan(61 * 4);
    await expectVersionsRose();
    const { rows } = await admin.query<{ behind: number }>('SELECT count(*)::int AS behind FROM mirrored_station WHERE version <> written_version OR changed_at IS NOT NULL');
    expect(rows[0]!.behind).toBeLessThanOrEqual(1);
    await station.stop();
  });

  it('I-10 goes above a version that is on the mirror already, when the books come from a backup', async () => {
    const { rows: [row] } = await admin.query<{ station_id: string; version: string; public_id: string }>(`SELECT m.station_id, m.version, m.public_id FROM mirrored_station m JOIN station s ON s.id = m.station_id WHERE s.identity LIKE 'BOOK-%' AND m.version > 2 ORDER BY 1 LIMIT 1`);
    await admin.query(`UPDATE mirrored_station SET version = 1, written_version = 1 WHERE station_id = $1`, [row!.station_id]);
    await startMirror();
    await allSay([row!.station_id], 'Unavailable');
    await expect.poll(() => nodeOf(row!.station_id)).toMatchObject({ status: 'FAULT', version: Number(row!.version) + 1 });
    await allSay([row!.station_id], 'Available');
    await expect.poll(() => nodeOf(row!.station_id)).toMatchObject({ status: 'STANDBY', version: Number(row!.version) + 2 });
    await expectVersionsRose();
  });

  it('uses a new key of its account when the file is replaced, and keeps the one before while the new one is none', async () => {
    const mirror = await startMirror({ LOG_LEVEL: 'info' });
    const { rows: [row] } = await admin.query<{ id: string }>(`SELECT id FROM station WHERE identity = 'BOOK-7'`);
    const replace = async (content: string): Promise<void> => { await writeFile(`${keyFile}.new`, content); await rename(`${keyFile}.new`, keyFile); };
    await expect.poll(() => mirror.metric('csms_mirror_connected')).toBe(1);
    await replace('{"type": "service_account"}');
    await expect.poll(() => mirror.lines.some((line) => line.includes('credentials_unusable'))).toBe(true);
    expect(await mirror.metric('csms_mirror_connected')).toBe(1);
    const given = google.tokensGiven();
    google.forgetKeys();
    await replace(google.newKey());
    await expect.poll(() => google.tokensGiven()).toBe(given + 1);
    await allSay([row!.id], 'Faulted');
    await expect.poll(() => nodeOf(row!.id)).toMatchObject({ status: 'FAULT' });
  });

  it('T-06 shows no station of another site or tenant, and takes away the nodes of a site that is gone', async () => {
    const other = await inTenant(app, 'demo', async (client) => registerStation(client, { siteId: await upsertSite(client, { ...site, name: 'jakarta-01' }, actor), identity: 'CP-OTHER', displayName: null }, pepper, actor));
    const foreign = await inTenant(app, 'kota', async (client) => registerStation(client, { siteId: await upsertSite(client, site, actor), identity: 'CP-FOREIGN', displayName: null }, pepper, actor));
    const mirror = await startMirror();
    await allSay([other.id, foreign.id], 'Available');
    await expect.poll(() => mirror.metric('csms_outbox_pending{queue="mirror"}')).toBe(0);
    expect(await Promise.all([other.id, foreign.id].map(nodeOf))).toEqual([undefined, undefined]);
    expect(Object.keys(firebase.at('/chargers') as object).length).toBeGreaterThan(60);
    await inTenant(app, 'demo', (client) => deleteSite(client, site, actor));
    await expect.poll(() => firebase.at('/chargers')).toBeNull();
    await expectVersionsRose();
  });
});

describe('a mirror that is set up wrongly', () => {
  it('ends with one sentence, from whatever it was told wrongly', async () => {
    await expect(startMirror({ CSMS_FIREBASE_CREDENTIALS_FILE: '/nowhere/key.json' })).rejects.toThrow('the mirror ended with 1: mirror: CSMS_FIREBASE_CREDENTIALS_FILE cannot be used (/nowhere/key.json): ENOENT');
  });

  it.each([
    ['https://evil.example/', 'evil.example is no database of Firebase, and CSMS_FIREBASE_HOSTS does not name it'],
    ['https://firebaseio.com.evil.example/', 'firebaseio.com.evil.example is no database of Firebase, and CSMS_FIREBASE_HOSTS does not name it'],
    ['http://demo.firebaseio.com/', 'https alone, outside of lab mode'],
    ['https://me:secret@demo.firebaseio.com/', 'an address without a login or a fragment'],
    ['https://demo.firebaseio.com/chargers', 'the address of a database, without a path'],
  ])('calls no %s', (CSMS_FIREBASE_DATABASE_URL, sentence) => {
    expect(() => databaseUrlOf({ CSMS_MODE: 'production', CSMS_FIREBASE_DATABASE_URL, CSMS_FIREBASE_HOSTS: ['db.example'] })).toThrow(`CSMS_FIREBASE_DATABASE_URL is wrong: ${sentence}`);
  });

  it.each(['https://demo.firebaseio.com/', 'https://demo.asia-southeast1.firebasedatabase.app/', 'https://db.example/'])('calls %s', (CSMS_FIREBASE_DATABASE_URL) => {
    expect(databaseUrlOf({ CSMS_MODE: 'production', CSMS_FIREBASE_DATABASE_URL, CSMS_FIREBASE_HOSTS: ['db.example'] })).toBe(CSMS_FIREBASE_DATABASE_URL);
  });
});
