import { fileBytesMax, StationUpload } from '@csms/contracts/http/files';
import { Problem } from '@csms/contracts/http/common';
import { Command } from '@csms/contracts/http/commands';
import { createLogger, uuidv7 } from '@csms/kit';
import { keepFiles } from '@csms/store/uploads/keep-files';
import { openFolderFiles } from '@csms/store/uploads/folder-files';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillTenant } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* Files of stations, over HTTP as a station brings them: an address that allows one file, and a file that is whole or none. */
const dir = mkdtempSync(join(tmpdir(), 'csms-files-'));
const store = openFolderFiles(dir);
let api: TestApi;
let base: string;
let rows: Awaited<ReturnType<typeof fillTenant>>;
let operator: string;
let admin: string;
const logged: string[] = [];
beforeAll(async () => {
  const log = createLogger('api-test', 'trace');
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log[level] = (...said: unknown[]) => { logged.push(inspect(said, { depth: 6 })); };
  const files = { store, stationUrl: '' };
  api = await startTestApi({ files, log });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  base = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1`;
  files.stationUrl = base;
  rows = await fillTenant(api, 'demo');
  await fillTenant(api, 'kota');
  operator = await api.tokenFor('demo', 'operator');
  admin = await api.tokenFor('demo', 'admin');
});
afterAll(async () => { await api.close(); rmSync(dir, { recursive: true, force: true }); });

/** Asks for diagnostics, and holds the upload open although no gateway holds the station. */
async function asked(kind: 'diagnostics' | 'logs' = 'diagnostics', body: object = {}): Promise<{ upload: StationUpload; address: string }> {
  const answer = await api.call('POST', `/stations/${rows.station}/${kind}`, operator, body);
  expect(answer.status).toBe(202);
  const upload = StationUpload.parse(answer.body);
  await expect.poll(async () => (await read(upload.id)).state).toBe('failed');
  await api.admin.query(`UPDATE station_upload SET state = 'asked' WHERE id = $1`, [upload.id]);
  const { rows: [command] } = await api.admin.query<{ location: string }>(`SELECT payload ->> 'location' AS location FROM command WHERE idempotency_key = $1`, [`upload/${upload.id}`]);
  return { upload, address: command!.location };
}
const read = async (id: string): Promise<StationUpload> => StationUpload.parse((await api.call('GET', `/uploads/${id}`, operator)).body);
/** What lies on the disk of the last try of an upload. */
async function bytesOf(id: string): Promise<string[]> {
  const { rows: [row] } = await api.admin.query<{ file_id: string | null }>('SELECT file_id FROM station_upload WHERE id = $1', [id]);
  expect(row?.file_id).toMatch(/^[0-9a-f-]{36}$/);
  return readdirSync(join(dir, 'demo')).filter((name) => name.startsWith(row!.file_id!));
}
const put = async (address: string, body: Uint8Array<ArrayBuffer> | string): Promise<number> => (await fetch(address, { method: 'PUT', body })).status;

it('a file that a station brings is its tenant\'s to fetch, with its hash, under a harmless name, once', async () => {
  const { upload, address } = await asked('diagnostics', { from: '2026-11-01T00:00:00Z', to: null });
  expect(upload).toMatchObject({ kind: 'diagnostics', stationIdentity: 'CP-of-demo', from: '2026-11-01T00:00:00.000Z', createdBy: 'csms-cli' });
  const content = randomBytes(300_000);
  expect(await put(`${address}/..%2F..%22evil%0d%0a.tar.gz`, content)).toBe(201);
  const stored = await read(upload.id);
  expect(stored).toMatchObject({ state: 'stored', sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex'), fileName: 'evil_.tar.gz' });

  expect(await put(address, 'again')).toBe(410);
  const fetched = await fetch(`${base}/files/${upload.id}`, { headers: { authorization: `Bearer ${operator}` } });
  expect(Buffer.from(await fetched.arrayBuffer()).equals(content)).toBe(true);
  expect(fetched.headers.get('content-disposition')).toBe('attachment; filename="evil_.tar.gz"');
  expect(fetched.headers.get('x-content-type-options')).toBe('nosniff');
  for (const [who, status] of [[await api.tokenFor('kota', 'admin'), 404], [await api.tokenFor('demo', 'viewer'), 403], [null, 401]] as const) {
    expect((await fetch(`${base}/files/${upload.id}`, { headers: who === null ? {} : { authorization: `Bearer ${who}` } })).status).toBe(status);
  }

  const { rows: audit } = await api.admin.query(`SELECT action FROM audit WHERE target = $1 ORDER BY at, id`, [upload.id]);
  expect(audit).toEqual([{ action: 'upload.ask' }, { action: 'upload.store' }]);
});

it('C-13 an address holds 128 bits of chance, lasts an hour, opens one file of one tenant, and is in no list and no log', async () => {
  const { upload, address } = await asked('logs', { type: 'security' });
  const [, tenant, id, secret] = /\/station-uploads\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(address)!;
  expect([tenant, id]).toEqual(['demo', upload.id]);
  expect(secret).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(new URL(address).username + new URL(address).password).toBe('');
  expect(Date.parse(upload.expiresAt) - Date.parse(upload.createdAt)).toBeLessThanOrEqual(3_600_000);
  const { rows: [row] } = await api.admin.query<{ bits: number }>('SELECT 8 * length(nonce) AS bits FROM station_upload WHERE id = $1', [id]);
  expect(row!.bits).toBeGreaterThanOrEqual(128);

  const other = await asked();
  for (const wrong of [
    `${base}/station-uploads/kota/${id}/${secret}`, `${base}/station-uploads/demo/${other.upload.id}/${secret}`, `${base}/station-uploads/demo/${uuidv7()}/${secret}`,
    address.slice(0, -1), `${address.slice(0, -1)}${address.endsWith('A') ? 'B' : 'A'}`, `${base}/station-uploads/nobody/${id}/${secret}`,
  ]) expect(await put(wrong, 'x'), wrong).toBe(404);

  const command = Command.parse((await api.call('GET', `/commands/${upload.commandId}`, operator)).body);
  expect(JSON.stringify(command)).not.toContain(secret);
  expect(JSON.stringify(command)).toContain('/station-uploads/demo/');
  expect(JSON.stringify((await api.call('GET', '/commands', operator)).body)).not.toContain(secret);

  api.clock.now = new Date(Date.now() + 3_601_000);
  expect(await put(address, 'late')).toBe(410);
  api.clock.now = new Date();
  expect(await put(address, 'in time')).toBe(201);
  expect(logged.length).toBeGreaterThan(0);
  expect(logged.filter((line) => line.includes(secret!))).toEqual([]);
});

it('a file that does not come whole is none, and its address takes another try', async () => {
  const { upload, address } = await asked();
  const broken = httpRequest(address, { method: 'PUT', headers: { 'content-length': 1_000_000 } });
  broken.on('error', () => undefined);
  broken.write(randomBytes(200_000));
  await expect.poll(async () => (await read(upload.id)).state).toBe('receiving');
  expect(await put(address, 'a second one at the same time')).toBe(410);
  broken.destroy();
  await expect.poll(async () => (await read(upload.id)).state).toBe('asked');
  expect(await bytesOf(upload.id)).toEqual([]);
  expect(await put(address, 'whole')).toBe(201);
  expect(await read(upload.id)).toMatchObject({ state: 'stored', sizeBytes: 5 });
});

it('a writer that was away for so long that another try came through puts its bytes nowhere', async () => {
  const { upload, address } = await asked();
  const late = httpRequest(address, { method: 'PUT', headers: { 'content-length': 100_000 } });
  const lateStatus = new Promise<number | undefined>((resolve, reject) => { late.on('error', reject); late.on('response', (answer) => resolve(answer.statusCode)); });
  late.write(randomBytes(50_000));
  await expect.poll(async () => (await read(upload.id)).state).toBe('receiving');
  await api.admin.query(`UPDATE station_upload SET receiving_until = now() - interval '1 second' WHERE id = $1`, [upload.id]);
  const content = randomBytes(30_000);
  expect(await put(address, content)).toBe(201);
  late.end(randomBytes(50_000));
  expect(await lateStatus).toBe(410);
  const fetched = await fetch(`${base}/files/${upload.id}`, { headers: { authorization: `Bearer ${operator}` } });
  expect(Buffer.from(await fetched.arrayBuffer()).equals(content)).toBe(true);
  expect(await read(upload.id)).toMatchObject({ state: 'stored', sha256: createHash('sha256').update(content).digest('hex') });
});

it('a file over 64 MiB is refused, whether it says so or not', async () => {
  const { upload, address } = await asked();
  const said = await new Promise<number>((resolve, reject) => {
    const request = httpRequest(address, { method: 'PUT', headers: { 'content-length': fileBytesMax + 1 } }, (answer) => { resolve(answer.statusCode!); request.destroy(); });
    request.on('error', reject);
    request.flushHeaders();
  });
  expect(said).toBe(413);
  const chunk = randomBytes(1024 * 1024);
  const endless = Readable.from((function* () { for (let i = 0; i < 70; i++) yield chunk; })());
  const status = await new Promise<number>((resolve) => {
    const request = httpRequest(address, { method: 'PUT' }, (answer) => resolve(answer.statusCode!));
    // Where the answer was lost in the refused rest, the connection is cut: that is a refusal too.
    request.on('error', () => resolve(413));
    endless.pipe(request);
  });
  expect(status).toBe(413);
  expect(await read(upload.id)).toMatchObject({ state: 'asked', sizeBytes: null });
  expect(await bytesOf(upload.id)).toEqual([]);
  // A request without a body is no file; a log in which nothing happened is one.
  expect((await api.app.inject({ method: 'PUT', url: new URL(address).pathname })).statusCode).toBe(400);
  expect(await put(address, '')).toBe(201);
  expect(await read(upload.id)).toMatchObject({ state: 'stored', sizeBytes: 0 });
});

it('the same key again is the same upload and the same command, and another request under it is a conflict', async () => {
  const ask = (body: object) => api.call('POST', `/stations/${rows.station}/diagnostics`, operator, body, { 'idempotency-key': 'night-1' });
  const [first, second] = [await ask({}), await ask({})];
  expect(StationUpload.parse(second.body)).toMatchObject({ id: StationUpload.parse(first.body).id, commandId: StationUpload.parse(first.body).commandId });
  expect(Problem.parse((await ask({ from: '2026-01-01T00:00:00Z' })).body).code).toBe('idempotency-key-reused');
});

it('files go after their days, or when they are asked to go, with a word in the audit', async () => {
  const [one, two] = [await asked(), await asked()];
  for (const each of [one, two]) expect(await put(each.address, 'x')).toBe(201);
  expect((await api.call('DELETE', `/files/${one.upload.id}`, operator)).status).toBe(403);
  expect((await api.call('DELETE', `/files/${one.upload.id}`, await api.tokenFor('kota', 'admin'))).status).toBe(404);
  expect((await api.call('DELETE', `/files/${one.upload.id}`, admin)).status).toBe(204);
  expect((await api.call('DELETE', `/files/${one.upload.id}`, admin)).status).toBe(404);
  expect((await keepFiles(api.pool, store, { now: new Date(), keepDays: 30 })).deleted).toBe(0);
  expect((await keepFiles(api.pool, store, { now: new Date(Date.now() + 31 * 86_400_000), keepDays: 30 })).deleted).toBeGreaterThan(0);
  for (const { upload } of [one, two]) {
    expect((await read(upload.id)).state).toBe('deleted');
    expect(await bytesOf(upload.id)).toEqual([]);
    expect((await api.call('GET', `/files/${upload.id}`, operator)).status).toBe(404);
    const { rows: audit } = await api.admin.query(`SELECT 1 FROM audit WHERE target = $1 AND action = 'file.delete'`, [upload.id]);
    expect(audit).toHaveLength(1);
  }
});
