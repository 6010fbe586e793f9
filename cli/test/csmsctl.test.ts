import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session, SessionExplanation, Site, Station, StationCertificate } from '@csms/contracts/http/index';
import { StationQuirks } from '@csms/contracts/http/quirks';
import { PlatformFile } from '@csms/contracts/platform-file';
import { newCredential } from '@csms/kit';
import { openBooks } from '@csms/store';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { startIdentity, type Identity } from '../../tools/local/src/identity/identity.ts';
import { keepLocalAuthority } from '../../tools/local/src/local-authority.ts';
import { startLabServer } from '../../tools/local/src/lab/control-server.ts';
import { rootDir } from '../src/platform.ts';

/* csmsctl as a person runs it: the installed program, a process of the API over a real PostgreSQL, the real issuer. */

const dataDir = mkdtempSync(join(tmpdir(), 'csmsctl-'));
const labToken = newCredential();
let database: TestDatabase;
let identity: Identity;
let lab: Awaited<ReturnType<typeof startLabServer>>;
let api: ChildProcess;
let stationId: string;
let sessionId: string;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => { probe.listen(0, '127.0.0.1', resolve); });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => { probe.close(resolve); });
  return port;
}

async function csmsctl(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(join(rootDir, 'cli/bin/csmsctl.mjs'), argv, { env: { PATH: process.env['PATH'], CSMS_DATA_DIR: dataDir }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => { out += String(chunk); });
  child.stderr.on('data', (chunk) => { err += String(chunk); });
  const [code] = await once(child, 'close');
  return { code: z.number().parse(code), out, err };
}

async function request(method: string, url: string, token: string, body: unknown): Promise<unknown> {
  const answer = await fetch(url, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  expect(answer.status, await answer.clone().text()).toBeLessThan(300);
  return answer.json();
}

beforeAll(async () => {
  [database, identity] = await Promise.all([startTestDatabase(), startIdentity({ port: 0, dataDir: join(dataDir, 'identity'), dashboardUrl: 'http://127.0.0.1:3500' })]);
  lab = await startLabServer({
    fleet: null, cards: [], bus: { kind: 'postgres', said: '', env: {}, outage: null }, killProcess: () => false,
    processes: () => [{ name: 'gateway-x', kind: 'gateway', pid: 4711, ready: true, restarts: 0, connections: null, adminPort: 19464 }],
  }, labToken);
  const pepper = newCredential();
  const [port, adminPort] = [await freePort(), await freePort()];
  await keepLocalAuthority(join(dataDir, 'ca'), { id: 'demo', operatorName: 'Charge-IT' }, new Date());
  api = spawn(process.execPath, [join(rootDir, 'services/api/src/main.ts')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'], LOG_LEVEL: 'error', CSMS_MODE: 'lab', DATABASE_URL: database.appUrl, BUS_DATABASE_URL: database.busUrl, OIDC_ISSUER: identity.issuer, CSMS_API_PORT: String(port), ADMIN_PORT: String(adminPort),
      CSMS_CREDENTIAL_PEPPER: pepper, CSMS_OCPP_ENDPOINT: 'ws://127.0.0.1:9220/ocpp', CSMS_LAB_URL: lab.url, CSMS_LAB_TOKEN: labToken, CSMS_CA_DIR: join(dataDir, 'ca'),
    },
  });
  await vi.waitFor(async () => { expect((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status).toBe(200); }, { timeout: 30_000, interval: 50 });
  const client = identity.clients.find((each) => each.clientId === 'csms-cli')!;
  mkdirSync(join(dataDir, 'run'), { recursive: true });
  writeFileSync(join(dataDir, 'run', 'platform.json'), JSON.stringify(PlatformFile.parse({
    pid: process.pid, startedAt: new Date().toISOString(), addresses: { ocpp: `ws://127.0.0.1:${port}/ocpp`, api: `http://127.0.0.1:${port}/api/v1`, dashboard: `http://127.0.0.1:${port}`, issuer: identity.issuer },
    defaultTenant: 'demo', dataDir, databaseUrl: database.appUrl, adminUrl: database.adminUrl, clusterUrl: 'http://127.0.0.1:1', cli: { clientId: client.clientId, clientSecret: client.clientSecret }, adminPorts: { api: adminPort },
  })));

  // What a station really did, through the gateway's own books: a vendor with a terminal escape in it, and a start that was repeated.
  const base = `http://127.0.0.1:${port}/api/v1`;
  const token = async (...argv: string[]) => (await csmsctl('token', ...argv)).out.trim();
  const site = z.object({ id: z.string() }).parse(await request('PUT', `${base}/sites/by-resource/demo/bandung-01`, await token('--role', 'platform'), {
    tenant: 'demo', displayName: 'SPKLU Bandung 01', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: 150_000, heartbeatIntervalS: 60, spec: {},
  }));
  await request('PUT', `${base}/sites/by-resource/kota/kota-01`, await token('--role', 'platform'), {
    tenant: 'kota', displayName: 'Kota', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 60, spec: {},
  });
  const admin = await token('--role', 'admin');
  stationId = z.object({ station: Station }).parse(await request('POST', `${base}/stations`, admin, { siteId: site.id, identity: 'CP_112' })).station.id;
  await request('POST', `${base}/tariffs`, admin, { name: 'Tarif SPKLU', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: '2026-01-01T00:00:00Z' });
  await request('POST', `${base}/tokens`, admin, { uid: '04A2B6C8D1E280', driverName: 'Sari' });
  const books = await openBooks({ databaseUrl: database.appUrl, cards: cardKeysOfPepper(pepper) });
  try {
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000);
    const source = (messageId: string, minutesAgo: number) => ({ tenantId: 'demo', stationId, ocppVersion: 'ocpp1.6' as const, messageId, receivedAt: at(minutesAgo) });
    await books.stations.boot(source('b', 90), { vendor: 'Evil\u001b[2J\u001b]0;owned\u0007Corp', model: 'M1', serial: null, firmware: null });
    const start = { evseId: 1, connectorId: 1, tokenUid: '04A2B6C8D1E280', startedAt: at(60), meterStartWh: 1_000, reservationRef: null, payload: {} };
    const first = await books.sessions.start(source('s1', 60), start);
    await books.sessions.start(source('s2', 59), start);
    await books.sessions.stop(source('e1', 1), { transactionRef: first.transactionRef, tokenUid: null, endedAt: at(1), meterStopWh: 13_500, reason: 'Local', readings: [], payload: {} });
    sessionId = first.sessionId;
    await books.certificates.seen('demo', { identity: 'CP_112', issuer: 'CN=elsewhere', serialNumber: 'AB', certificatePem: 'a certificate', fingerprintSha256: 'ab', notBefore: at(60), notAfter: at(-60) }, at(5));
    const tampered = { stationId, identity: 'CP_112', kind: 'TamperDetectionActivated', detail: 'door\u001b[2J', at: at(2) };
    for (let i = 0; i < 2; i += 1) await books.stations.securityEvent('demo', tampered);
    await books.tolerance.note('demo', {
      counts: [{ stationId, kind: 'missing-zone', count: 12, firstAt: at(9), lastAt: at(3), place: 'StatusNotification/timestamp' }],
      frames: [{ stationId, key: 'k', action: 'StatusNotification', outcome: 'refused', kinds: ['not-understood'], reason: 'status is none of the list', frame: '[2,"1","StatusNotification",{"status":"\u001b[2Jgone","idTag":"04A2B6C8D1E280"}]', at: at(3), times: 2 }],
    });
  } finally {
    await books.close();
  }
});

afterAll(async () => {
  if (api && api.exitCode === null) {
    api.kill('SIGTERM');
    await once(api, 'exit');
  }
  await lab?.close();
  await identity?.close();
  await database?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

it('prints a token of the real issuer for the tenant and role that are asked for', async () => {
  const { code, out, err } = await csmsctl('token', '--tenant', 'kota', '--role', 'operator');
  expect([code, err]).toEqual([0, '']);
  expect(decodeJwt(out.trim())).toMatchObject({ iss: identity.issuer, aud: 'csms-api', tenant: 'kota', resource_access: { 'csms-api': { roles: ['operator'] } } });
});

it('a token for a tenant that is not in the books is refused, with those that are', async () => {
  const { code, out, err } = await csmsctl('token', '--tenant', 'nope');
  expect([code, out]).toEqual([4, '']);
  expect(err).toMatch(/no tenant nope is in the books; there are .*demo.*kota/);
});

it('a noun alone is its list, and a site goes by its name', async () => {
  for (const noun of ['sites', 'stations', 'sessions']) expect(await csmsctl(noun, '-o', 'json')).toEqual(await csmsctl(noun, 'list', '-o', 'json'));
  const sites = z.array(Site).parse(JSON.parse((await csmsctl('sites', '-o', 'json')).out));
  for (const named of ['bandung-01', 'demo/bandung-01', sites[0]!.id]) expect(Site.parse(JSON.parse((await csmsctl('sites', 'get', named, '-o', 'json')).out))).toEqual(sites[0]);
  const other = await csmsctl('sites', 'get', 'kota-01');
  expect([other.code, other.out, other.err]).toEqual([4, '', expect.stringContaining('no site is called kota-01')]);
  expect((await csmsctl('stations', 'get', stationId)).out).toContain('CP_112');
});

it('lists and shows sites, stations and sessions as tables and as JSON', async () => {
  const sites = z.array(Site).parse(JSON.parse((await csmsctl('sites', 'list', '-o', 'json')).out));
  expect(sites.map((site) => site.name)).toEqual(['bandung-01']);
  expect((await csmsctl('sites', 'get', sites[0]!.id)).out).toContain('SPKLU Bandung 01');
  expect((await csmsctl('stations', 'list')).out).toMatch(/^IDENTITY +STATE .*\nCP_112 +Offline /);
  const session = Session.parse(JSON.parse((await csmsctl('session', 'get', sessionId, '-o', 'json')).out));
  expect(session).toMatchObject({ energyWh: 12_500, bill: { totalMinor: 30_825 } });
  expect((await csmsctl('sessions', 'list', '--station', 'CP_112')).out).toContain('12.500 kWh  Rp 30,825');
  expect((await csmsctl('sessions', 'list', '--tenant', 'kota', '-o', 'json')).out).toBe('[]\n');
});

it('explains a session: every message, the repeated one among them, and every price line', async () => {
  const { messages } = SessionExplanation.parse(JSON.parse((await csmsctl('session', 'explain', sessionId, '-o', 'json')).out));
  expect(messages.map((message) => [message.messageId, message.verdict])).toEqual([['s1', 'applied'], ['s2', 'duplicate'], ['e1', 'applied']]);
  const { out } = await csmsctl('session', 'explain', sessionId);
  expect(out).toContain('3 messages decided about it, 1 of them recognised as repeated');
  expect(out).toMatch(/energy +12\.5 kWh +Rp 2,466 +Rp 30,825/);
});

it('L-02 what a station says of itself cannot move the terminal, as a table or as JSON', async () => {
  for (const format of ['table', 'json']) {
    const { code, out } = await csmsctl('station', 'get', 'CP_112', '-o', format);
    expect(code).toBe(0);
    expect(out).toContain('EvilCorp');
    // eslint-disable-next-line no-control-regex
    expect(out).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]|\\u001b/);
  }
});

it('a password and a security profile: pushed to a station that is away, shown where that is asked for, never lower', async () => {
  const pushed = await csmsctl('station', 'credential', 'CP_112', '--push', '-o', 'json');
  expect([pushed.code, JSON.parse(pushed.out)]).toMatchObject([5, { state: 'not-connected', payload: { action: 'push-credential' } }]);
  expect(pushed.out).not.toMatch(/[0-9a-f]{40}/);
  const shown = await csmsctl('station', 'credential', 'CP_112');
  expect([shown.code, shown.out]).toEqual([1, '']);
  expect(shown.err).toMatch(/on its way/);
  expect((await csmsctl('station', 'credential', 'CP_112', '--replace')).out).toMatch(/password +[0-9a-f]{40}\n/);
  expect((await csmsctl('station', 'security-profile', 'CP_112', '1')).err).toMatch(/only ever raised/);
  expect((await csmsctl('station', 'security-profile', 'CP_112', '4')).code).toBe(2);
  expect((await csmsctl('station', 'security-profile', 'CP_112', '2')).code).toBe(5);
  expect((await csmsctl('station', 'get', 'CP_112')).out).toMatch(/security profile +1, asked to raise it to 2/);
});

it('shows what a station does differently and its frames in quarantine, without a card number and without moving the terminal', async () => {
  const quirks = await csmsctl('station', 'quirks', 'CP_112');
  expect(quirks.out).toMatch(/missing-zone +12 +accepted .* StatusNotification\/timestamp/);
  const frames = await csmsctl('station', 'quarantine', 'CP_112');
  expect(frames.out).toMatch(/2 +refused +StatusNotification +status is none of the list +\[2,"1"/);
  expect(frames.out).toContain('"idTag":"04••••80"');
  expect(StationQuirks.parse(JSON.parse((await csmsctl('station', 'quirks', 'CP_112', '-o', 'json')).out)).deviations).toHaveLength(1);
  // eslint-disable-next-line no-control-regex
  for (const { code, out } of [quirks, frames]) expect([code, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(out)]).toEqual([0, false]);
});

it('a command to a station that is away ends as not connected, with its own exit code', async () => {
  const { code, out, err } = await csmsctl('station', 'command', 'CP_112', 'reset', '--wait', '-o', 'json');
  expect(JSON.parse(out)).toMatchObject({ stationId, action: 'reset', state: 'not-connected' });
  expect([code, err]).toEqual([5, expect.stringContaining('not-connected')]);
  expect((await csmsctl('station', 'command', 'CP_112', 'remote-stop')).code).toBe(4);
  expect((await csmsctl('station', 'command', 'CP_999', 'reset')).code).toBe(4);
  expect((await csmsctl('station', 'command', 'CP_112', 'reset', '--role', 'viewer')).err).toContain('role-missing');
});

it('shows certificates, whom they may be of, and security events, and revokes', async () => {
  const listed = StationCertificate.array().parse(JSON.parse((await csmsctl('certificates', 'list', '--station', 'CP_112', '--expiring', '1', '-o', 'json')).out));
  expect(listed).toMatchObject([{ identity: 'CP_112', state: 'installed', origin: 'seen' }]);
  const id = listed[0]!.id;
  expect((await csmsctl('certificates', 'get', id, '--pem')).out).toBe('a certificate\n');
  expect((await csmsctl('certificates', 'revoke', id, '--reason', 'stolen')).out).toMatch(/state +revoked[\s\S]*stolen/);
  expect((await csmsctl('certificates', 'revoke', 'x')).code).toBe(2);
  expect((await csmsctl('certificates', 'requests')).code).toBe(0);
  await vi.waitFor(async () => { expect((await csmsctl('certificates', 'authorities')).out).toMatch(/O=Charge-IT, CN=Charge-IT stations +Charge-IT +yes +active/); }, { timeout: 20_000, interval: 200 });
  expect((await csmsctl('certificates', 'authorities', '--pem')).out).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect((await csmsctl('certificates', 'install', 'CP_112', join(dataDir, 'ca/demo/ca.pem'))).code).toBe(1);
  expect((await csmsctl('certificates', 'installed', 'CP_112', '-o', 'json')).out).toBe('[]\n');
  expect((await csmsctl('certificates', 'uninstall', 'CP_112', 'AB')).code).toBe(4);
  const events = await csmsctl('security-events', '--severity', 'critical');
  expect(events.out).toMatch(/CP_112 +TamperDetectionActivated +critical +station +2 +door/);
  expect(events.out).not.toContain('\u001b');
});

it('lists the ports of each process and finds the platform well', async () => {
  const ports = await csmsctl('ports');
  expect(ports.out).toContain('http://127.0.0.1:19464');
  const doctor = await csmsctl('doctor', '-o', 'json');
  const findings = z.array(z.object({ check: z.string(), ok: z.boolean(), says: z.string() })).parse(JSON.parse(doctor.out));
  expect(findings.filter((finding) => !finding.ok)).toEqual([]);
  expect(findings.map((finding) => finding.check)).toEqual(expect.arrayContaining(['node', 'disk', 'launcher', 'database', 'migrations', 'issuer', 'api', 'dashboard', 'chargers', 'gateways', 'bus']));
  expect(doctor.code).toBe(0);
});

it('says what to do when the API is gone', async () => {
  api.kill('SIGTERM');
  await once(api, 'exit');
  const { code, out, err } = await csmsctl('stations', 'list');
  expect([code, out]).toEqual([3, '']);
  expect(err).toMatch(/cannot be reached.*csmsctl doctor/);
  const doctor = await csmsctl('doctor');
  expect(doctor.code).toBe(1);
  expect(doctor.out).toMatch(/api +failed[\s\S]*api: stop it/);
});
