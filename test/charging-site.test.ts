import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Overview, SessionPage, SitePage, StationCreated, StationPage, TokenPage } from '@csms/contracts/http/index';
import { startPlatform, type LocalPlatform } from '@csms/local';
import { RPCClient } from 'ocpp-rpc';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';

/*
 * The headline of the platform: a ChargingSite is reconciled, chargers connect, cars charge, a tenant watches. All of it real: the launcher's
 * own processes, an independent OCPP client, tokens of the real issuer.
 */
const rootDir = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'csms-headline-'));
const examplesDir = join(folder, 'examples');
let platform: LocalPlatform;

async function until<T>(what: string, probe: () => Promise<T | null | undefined | false>, limitMs = 30_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not seen within ${limitMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

beforeAll(async () => {
  cpSync(join(rootDir, 'examples'), examplesDir, { recursive: true });
  platform = await startPlatform({
    dataDir: join(folder, 'data'), examplesDir, fresh: false, demo: false, speed: 60, seed: 1, dev: false,
    ports: { ocpp: 0, ocpps: 0, api: 0, dashboard: 0, identity: 0 }, databaseUrl: null, redisUrl: null, oidcIssuer: null, logLevel: 'info',
  }, rootDir);
});

afterAll(async () => {
  await platform?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const gateways = () => platform.cluster.pods().filter((pod) => pod.deployment.includes('gateway') && pod.ready);

it('a ChargingSite becomes two gateways, and is in the books', async () => {
  expect(gateways().length).toBe(2);
  const sites = await until('both example sites in the books', async () => {
    const page = await platform.api('demo', 'viewer').call('GET', '/sites', SitePage);
    return page.items.length >= 2 ? page.items : null;
  });
  expect(sites.map((site) => site.name).sort()).toEqual(['bandung-01', 'boulder']);
});

it('a charger connects, a car charges, the tenant watches it live, stops it, and is billed once', async () => {
  const admin = platform.api('demo', 'admin');
  const operator = platform.api('demo', 'operator');
  const site = (await admin.call('GET', '/sites', SitePage)).items.find((each) => each.name === 'bandung-01')!;
  const made = await admin.call('POST', '/stations', StationCreated, { siteId: site.id, identity: 'TEST_1' });
  await admin.call('POST', '/tokens', z.unknown(), { uid: 'CARD-0001' });
  await admin.call('POST', '/tariffs', z.unknown(), { name: 'test', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: '2020-01-01T00:00:00.000Z' });

  const stream = await fetch(`${platform.addresses.api}/events`, { headers: { authorization: `Bearer ${await platform.tokenFor('demo', 'viewer')}` } });
  expect(stream.status).toBe(200);
  let live = '';
  void (async () => { for await (const chunk of stream.body!) live += Buffer.from(chunk).toString(); })().catch(() => undefined);

  const options = { endpoint: platform.addresses.ocpp, identity: 'TEST_1', password: made.credential.password, protocols: ['ocpp1.6'], strictMode: true };
  const charger = new RPCClient(options as ConstructorParameters<typeof RPCClient>[0]);
  await charger.connect();
  const boot = await charger.call('BootNotification', { chargePointVendor: 'Independent', chargePointModel: 'Peer' });
  expect(boot).toMatchObject({ status: 'Accepted' });
  await charger.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' });
  expect(await charger.call('Authorize', { idTag: 'CARD-0001' })).toMatchObject({ idTagInfo: { status: 'Accepted' } });
  const startedAt = new Date(Date.now() - 60_000).toISOString();
  const start = await charger.call('StartTransaction', { connectorId: 1, idTag: 'CARD-0001', meterStart: 1_000, timestamp: startedAt }) as { transactionId: number };
  await charger.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' });
  await charger.call('MeterValues', {
    connectorId: 1, transactionId: start.transactionId,
    meterValue: [{ timestamp: new Date().toISOString(), sampledValue: [{ value: '4.5', unit: 'kWh', measurand: 'Energy.Active.Import.Register' }, { value: '7.2', unit: 'kW', measurand: 'Power.Active.Import' }] }],
  });

  const session = await until('the running session with its energy', async () => (await admin.call('GET', '/sessions?state=active', SessionPage)).items.find((each) => each.stationIdentity === 'TEST_1' && each.energyWh === 3_500));
  expect(session.powerW).toBe(7_200);
  await until('the reading on the live stream', async () => live.includes(session.id));
  const overview = await admin.call('GET', `/overview?siteId=${site.id}`, Overview);
  expect(overview.connectors.charging).toBe(1);

  charger.handle('RemoteStopTransaction', async ({ params }) => {
    expect(params).toEqual({ transactionId: start.transactionId });
    setTimeout(() => void charger.call('StopTransaction', { transactionId: start.transactionId, idTag: 'CARD-0001', meterStop: 6_000, timestamp: new Date().toISOString(), reason: 'Remote' }), 50);
    return { status: 'Accepted' };
  });
  const command = await operator.call('POST', `/stations/${made.station.id}/commands?wait=true`, Command, { command: { action: 'remote-stop', sessionId: session.id } });
  expect(command.state).toBe('accepted');
  const ended = await until('the bill', async () => (await admin.call('GET', '/sessions?state=ended', SessionPage)).items.find((each) => each.id === session.id && each.bill !== null));
  expect(ended.energyWh).toBe(5_000);
  expect(ended.bill).toMatchObject({ currency: 'IDR', totalMinor: 12_330, state: 'final' });
  expect(ended.bill!.lines).toMatchObject([{ kind: 'energy', quantity: 5, unitPriceMinor: 2_466, amountMinor: 12_330 }]);
  await charger.close();
});

it('another tenant sees none of it', async () => {
  const stranger = platform.api('kota', 'admin');
  for (const [path, schema] of [['/sites', SitePage], ['/stations', StationPage], ['/sessions', SessionPage], ['/tokens', TokenPage]] as const) {
    expect((await stranger.call('GET', path, schema as z.ZodType<{ items: unknown[] }>)).items, path).toEqual([]);
  }
});

it('editing the YAML takes effect, killing the operator disturbs no gateway, deleting a site takes its share away', async () => {
  const file = join(examplesDir, 'bandung-01.yaml');
  const text = readFileSync(file, 'utf8');
  const before = gateways().map((pod) => pod.pid).sort();
  platform.processes.kill('operator', 'SIGKILL');
  writeFileSync(file, text.replace(/(replicas:\s*\{?\s*min:\s*)\d+|(min:\s*)\d+/, (_all, inline?: string, block?: string) => `${inline ?? block}3`).replace(/maxPowerKw:\s*\d+/, 'maxPowerKw: 99'));
  await until('a third gateway', async () => gateways().length === 3);
  const pids = gateways().map((pod) => pod.pid);
  for (const pid of before) expect(pids).toContain(pid);
  await until('the new grid limit in the books', async () => (await platform.api('demo', 'viewer').call('GET', '/sites', SitePage)).items.find((site) => site.name === 'bandung-01' && site.gridMaxPowerW === 99_000));

  rmSync(file);
  await until('the site gone from the list', async () => !(await platform.api('demo', 'viewer').call('GET', '/sites', SitePage)).items.some((site) => site.name === 'bandung-01'));
  const client = new pg.Client({ connectionString: platform.adminUrl });
  await client.connect();
  const { rows } = await client.query<{ bills: number }>('SELECT count(*)::int AS bills FROM bill');
  await client.end();
  expect(rows[0]!.bills, 'the books of a deleted site are kept').toBe(1);
  rmSync(join(examplesDir, 'boulder.yaml'));
  await until('no gateway left', async () => platform.cluster.pods().every((pod) => !pod.deployment.includes('gateway')));
});
