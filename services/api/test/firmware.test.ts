import { openReplyDesk } from '@csms/bus';
import { Problem } from '@csms/contracts/http/common';
import { Firmware, FirmwareUpdate, FirmwareUpdatePage, Rollout } from '@csms/contracts/http/firmware';
import { createLogger, uuidv7 } from '@csms/kit';
import { makeAuthority, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { openCommandLedger } from '@csms/store';
import { registerStation } from '@csms/store/register';
import { openFolderFiles } from '@csms/store/uploads/folder-files';
import { keepFiles } from '@csms/store/uploads/keep-files';
import { createHash, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '../../ocpp-gateway/src/commands/testing/gateway-process.ts';
import { createWireCharger, type ReceivedCall, type WireCharger } from '../../ocpp-gateway/src/commands/testing/wire-charger.ts';
import { driveFirmware } from '../src/jobs/drive-firmware.ts';
import { repeat } from '../src/jobs/repeat.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* Firmware from the catalogue to chargers: a real gateway process, the API with its job twice at once, and chargers that fetch the file and say how it went. */
const dir = mkdtempSync(join(tmpdir(), 'csms-firmware-'));
const pepper = 'a-pepper-for-tests-only';
let api: TestApi;
let gateway: GatewayProcess;
let siteId: string;
let admin: string;
let secondPerson: string;
/** As many commands more, the process that was about to make one dies before it does. */
let deaths = 0;
const stops: (() => Promise<void>)[] = [];
const chargers: WireCharger[] = [];

beforeAll(async () => {
  const files = { store: openFolderFiles(dir), stationUrl: '' };
  api = await startTestApi({ files });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  files.stationUrl = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1`;
  siteId = await api.site('demo', 'one');
  admin = await api.tokenFor('demo', 'admin');
  secondPerson = await api.forge((claims) => { claims.sub = 'somebody-else'; });
  gateway = await startGatewayProcess({ DATABASE_URL: api.database.appUrl, BUS_DATABASE_URL: api.database.busUrl, CSMS_CREDENTIAL_PEPPER: pepper });
  for (const _ of [1, 2]) {
    const replies = await openReplyDesk(api.bus, `driver-${uuidv7()}`);
    const ledger = openCommandLedger({ pool: api.pool });
    const create: typeof ledger.create = (input) => (deaths-- > 0 ? Promise.reject(new Error('the process died')) : ledger.create(input));
    const parts = { pool: api.pool, bus: api.bus, replies, ledger: { ...ledger, create }, now: () => new Date(), newId: uuidv7, log: createLogger('api-test', 'error'), pepper, files };
    const stop = repeat({ everyMs: 60, onError: (error) => { if (!String(error).includes('the process died')) throw error; }, job: () => driveFirmware(parts) });
    stops.push(async () => { await stop(); await replies.close(); });
  }
});
afterAll(async () => {
  for (const charger of chargers) charger.close();
  for (const stop of stops) await stop();
  await gateway.kill('SIGKILL');
  await api.close();
  rmSync(dir, { recursive: true, force: true });
});

const ask = async (method: string, path: string, body?: unknown, token = admin): Promise<{ status: number; body: unknown }> => api.call(method, path, token, body);
const codeOf = async (...args: Parameters<typeof ask>): Promise<string> => Problem.parse((await ask(...args)).body).code;
const putFile = async (id: string, content: Buffer, token = admin) => {
  const answer = await api.app.inject({ method: 'PUT', url: `/api/v1/firmware/${id}/file`, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' }, payload: content });
  return { status: answer.statusCode, body: answer.json() as unknown };
};
const fits = (model: string) => ({ vendor: 'ACME', model, version: '2.0', fileName: 'acme-2.0.bin' });

/** Firmware that a second person approved. */
async function approved(model: string, content: Buffer, signed: object = {}): Promise<Firmware> {
  const { id } = Firmware.parse((await ask('POST', '/firmware', { ...fits(model), ...signed })).body);
  expect((await putFile(id, content)).status).toBe(200);
  // Signed under a certificate that is approved already, it needs nobody.
  if (Firmware.parse((await ask('GET', `/firmware/${id}`)).body).state !== 'approved') await ask('POST', `/firmware/${id}/approve`, undefined, secondPerson);
  return Firmware.parse((await ask('GET', `/firmware/${id}`)).body);
}

interface Behaviour { knowsSigned?: boolean; ends?: string; bootsWith?: string; untilFetched?: (content: Buffer) => void; answers?: (call: ReceivedCall) => Record<string, unknown> | null }
const errorAnswer = (charger: WireCharger, call: ReceivedCall): null => { charger.refuse(call, 'NotSupported', 'no security extension'); return null; };

/** Chargers of a model that run 1.0, connected; each fetches what it is asked to and reports as `behaviour` says. */
async function fleet(model: string, behaviours: Behaviour[]): Promise<{ charger: WireCharger; stationId: string; identity: string }[]> {
  return Promise.all(behaviours.map(async (behaviour, i) => {
    const identity = `${model}-${String(i).padStart(3, '0')}`;
    const made = await api.inTenant('demo', (client) => registerStation(client, { siteId, identity, displayName: null }, pepper, { name: 'test', now: new Date() }));
    const charger = createWireCharger(identity, made.password);
    chargers.push(charger);
    const boot = (firmwareVersion: string) => charger.call('BootNotification', { chargePointVendor: 'ACME', chargePointModel: model, firmwareVersion });
    charger.respond = async (call) => {
      const signed = call.action === 'SignedUpdateFirmware';
      if (signed && behaviour.knowsSigned === false) return errorAnswer(charger, call);
      if (!signed && call.action !== 'UpdateFirmware') return { status: 'Accepted' };
      const wanted = (signed ? call.payload['firmware'] : call.payload) as { location: string };
      const say = (status: string) => charger.call(signed ? 'SignedFirmwareStatusNotification' : 'FirmwareStatusNotification', { status, ...(signed ? { requestId: call.payload['requestId'] } : {}) });
      void (async () => {
        await say('Downloading');
        const answer = await fetch(wanted.location);
        behaviour.untilFetched?.(Buffer.from(await answer.arrayBuffer()));
        for (const status of ['Downloaded', 'Installing']) await say(status);
        if (behaviour.bootsWith !== undefined) await boot(behaviour.bootsWith);
        else await say(behaviour.ends ?? 'Installed');
      })().catch(() => undefined);
      return signed ? { status: 'Accepted' } : {};
    };
    await charger.connect(gateway.port);
    await boot('1.0');
    return { charger, stationId: made.id, identity };
  }));
}
/** Connected by the books and by the bus: the one may know it before the other, and who is asked too early waits for 20 seconds. */
const online = (model: string, count: number) => expect.poll(async () => {
  const { rows } = await api.admin.query<{ id: string }>(`SELECT id FROM station WHERE model = $1 AND online`, [model]);
  return [rows.length, (await api.bus.ownersOf('demo', rows.map(({ id }) => id))).size];
}).toEqual([count, count]);
const readRollout = async (id: string) => Rollout.parse((await ask('GET', `/rollouts/${id}`)).body);
const updatesOf = async (query: string) => FirmwareUpdatePage.parse((await ask('GET', `/firmware/updates?limit=500&${query}`)).body).items;
const asksIn = (charger: WireCharger): string[] => charger.calls.map((call) => call.action).filter((action) => action.endsWith('UpdateFirmware'));

it('C-12 unsigned firmware waits for a second person: who entered it or brought the file cannot approve it, and no station is asked before', async () => {
  const { stationId } = (await fleet('Second', [{}]))[0]!;
  const content = randomBytes(10_000);
  const { id, state } = Firmware.parse((await ask('POST', '/firmware', fits('Second'))).body);
  expect(state).toBe('awaiting-file');
  expect(await codeOf('POST', '/firmware', fits('Second'))).toBe('already-registered');
  expect(await codeOf('POST', `/firmware/${id}/approve`, undefined, secondPerson)).toBe('wrong-state');
  expect(Firmware.parse((await putFile(id, content)).body)).toMatchObject({ state: 'awaiting-approval', sha256: createHash('sha256').update(content).digest('hex'), sizeBytes: 10_000 });
  expect((await putFile(id, randomBytes(5))).status).toBe(409);
  expect(await codeOf('POST', `/stations/${stationId}/firmware`, { firmwareId: id })).toBe('firmware-not-approved');
  expect(await codeOf('POST', '/rollouts', { firmwareId: id })).toBe('firmware-not-approved');
  expect(await codeOf('POST', `/firmware/${id}/approve`)).toBe('second-person-needed');
  expect(Firmware.parse((await ask('POST', `/firmware/${id}/approve`, undefined, secondPerson)).body)).toMatchObject({ state: 'approved', approvedBy: expect.stringContaining('somebody-else') });
  await expect(api.admin.query(`UPDATE firmware_image SET approved_by = created_by WHERE id = $1`, [id])).rejects.toThrow(/check constraint/);
  const { rows } = await api.admin.query(`SELECT action FROM audit WHERE target = $1 ORDER BY at, id`, [id]);
  expect(rows.map((row: { action: string }) => row.action)).toEqual(['firmware.add', 'firmware.upload', 'firmware.approve']);
  expect(await codeOf('POST', '/rollouts', { firmwareId: (await approved('Nobody', content)).id })).toBe('firmware-does-not-fit');
});

it('C-12 a signature is verified over the file as it comes; it speaks for new firmware once a second person approved its certificate', async () => {
  const times = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) };
  const content = randomBytes(200_000);
  const signedBy = (signer: KeyAndCertificate, over: Buffer) => ({ signature: sign('sha256', over, signer.keyPem).toString('base64'), signingCertificatePem: signer.certificatePem });
  for (const key of ['ecdsa', 'rsa'] as const) {
    const signer = await makeAuthority({ commonName: `ACME firmware ${key}`, key, ...times });
    const wrong = Firmware.parse((await ask('POST', '/firmware', { ...fits(`W-${key}`), ...signedBy(signer, randomBytes(10)) })).body);
    const kept = readdirSync(join(dir, 'demo')).length;
    expect(Problem.parse((await putFile(wrong.id, content)).body).code).toBe('signature-wrong');
    expect(readdirSync(join(dir, 'demo'))).toHaveLength(kept);
    expect((await approved(`First-${key}`, content, signedBy(signer, content))).isSigned).toBe(true);
    const next = Firmware.parse((await ask('POST', '/firmware', { ...fits(`Next-${key}`), ...signedBy(signer, content) })).body);
    expect(Firmware.parse((await putFile(next.id, content)).body).state).toBe('approved');
  }
  const over = await makeAuthority({ commonName: 'over', notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) });
  const weak = await makeAuthority({ commonName: 'weak', key: 'rsa-1024', ...times });
  for (const bad of [signedBy(over, content), signedBy(weak, content), { signature: 'AAAA' }, { signature: 'AAAA', signingCertificatePem: 'no certificate' }]) expect(await codeOf('POST', '/firmware', { ...fits('Bad'), ...bad })).toBe('invalid-request');
});

it('withdrawn firmware goes to nobody, and its bytes go', async () => {
  const firmware = await approved('Gone', randomBytes(1_000));
  const { rows: [image] } = await api.admin.query<{ file_id: string }>('SELECT file_id FROM firmware_image WHERE id = $1', [firmware.id]);
  expect(readdirSync(join(dir, 'demo'))).toContain(image!.file_id);
  expect(Firmware.parse((await ask('POST', `/firmware/${firmware.id}/withdraw`)).body).state).toBe('withdrawn');
  expect(await codeOf('POST', `/firmware/${firmware.id}/withdraw`)).toBe('wrong-state');
  expect(await codeOf('POST', '/rollouts', { firmwareId: firmware.id })).toBe('firmware-not-approved');
  await keepFiles(api.pool, api.files.store, { now: new Date(), keepDays: 30 });
  expect(readdirSync(join(dir, 'demo'))).not.toContain(image!.file_id);
  // The version is free again.
  expect((await ask('POST', '/firmware', fits('Gone'))).status).toBe(201);
});

it('a station gets the very bytes that were approved, signed where it knows that, and its next boot proves them', async () => {
  const signer = await makeAuthority({ commonName: 'ACME', notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) });
  const content = randomBytes(150_000);
  const got: Buffer[] = [];
  const [modern, old] = await fleet('Single', [{ untilFetched: (bytes) => got.push(bytes) }, { knowsSigned: false, bootsWith: '2.0', untilFetched: (bytes) => got.push(bytes) }]) as [Awaited<ReturnType<typeof fleet>>[0], Awaited<ReturnType<typeof fleet>>[0]];
  await online('Single', 2);
  const firmware = await approved('Single', content, { signature: sign('sha256', content, signer.keyPem).toString('base64'), signingCertificatePem: signer.certificatePem });
  for (const { stationId } of [modern, old]) FirmwareUpdate.parse((await ask('POST', `/stations/${stationId}/firmware`, { firmwareId: firmware.id })).body);
  await expect.poll(async () => (await Promise.all([modern, old].map(({ stationId }) => updatesOf(`stationId=${stationId}`)))).flat().map((update) => update.state)).toEqual(['installed', 'installed']);
  expect(got.map((bytes) => bytes.equals(content))).toEqual([true, true]);
  expect(asksIn(modern.charger)).toEqual(['SignedUpdateFirmware']);
  expect(asksIn(old.charger)).toEqual(['SignedUpdateFirmware', 'UpdateFirmware']);
  const [signed] = await updatesOf(`stationId=${modern.stationId}`);
  const [plain] = await updatesOf(`stationId=${old.stationId}`);
  expect(signed).toMatchObject({ isSigned: true, firmwareBefore: '1.0', stationSays: 'Installed', attempts: 1 });
  expect(plain).toMatchObject({ isSigned: false, detail: 'it booted with this version', attempts: 2 });
  // What a station does not know it is not asked for again: it refused it under this firmware, or it says that it has no such extension.
  const [refuses, says] = await fleet('Forgetful', [{ knowsSigned: false, ends: 'InstallationFailed' }, { ends: 'InstallationFailed' }]) as [Awaited<ReturnType<typeof fleet>>[0], Awaited<ReturnType<typeof fleet>>[0]];
  await online('Forgetful', 2);
  const again = await approved('Forgetful', content, { signature: sign('sha256', content, signer.keyPem).toString('base64'), signingCertificatePem: signer.certificatePem });
  await api.admin.query(`INSERT INTO configuration_value (tenant_id, station_id, key, is_known, is_readonly, source, command_id, at) SELECT 'demo', $1, 'SecurityProfile', false, false, 'read', id, now() FROM command LIMIT 1`, [says.stationId]);
  for (const count of [1, 2]) {
    for (const { stationId } of [refuses, says]) await ask('POST', `/stations/${stationId}/firmware`, { firmwareId: again.id });
    await expect.poll(async () => (await Promise.all([refuses, says].map(({ stationId }) => updatesOf(`stationId=${stationId}`)))).flat().filter((update) => update.state === 'failed')).toHaveLength(2 * count);
  }
  expect(asksIn(refuses.charger)).toEqual(['SignedUpdateFirmware', 'UpdateFirmware', 'UpdateFirmware']);
  expect(asksIn(says.charger)).toEqual(['UpdateFirmware', 'UpdateFirmware']);
  // The address was the station's while its update was on its way.
  const { location } = modern.charger.calls.find((call) => call.action === 'SignedUpdateFirmware')!.payload['firmware'] as { location: string };
  expect((await fetch(location)).status).toBe(404);
});

it('C-12 a rollout goes over one station and a tenth to all, and asks each once, though two processes drive it and die between a decision and its command', async () => {
  const chargersHere = await fleet('Whole', Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? {} : { bootsWith: '2.0' })));
  await online('Whole', 12);
  const firmware = await approved('Whole', randomBytes(5_000));
  deaths = 7;
  const { id } = Rollout.parse((await ask('POST', '/rollouts', { firmwareId: firmware.id })).body);
  await expect.poll(async () => (await readRollout(id)).state).toBe('done');
  expect(deaths).toBeLessThanOrEqual(0);
  expect((await readRollout(id)).stations).toEqual({ total: 12, waiting: 0, onTheirWay: 0, installed: 12, failed: 0, cancelled: 0 });
  expect(chargersHere.map(({ charger }) => asksIn(charger))).toEqual(chargersHere.map(() => ['UpdateFirmware']));
  const ended = (await updatesOf(`rolloutId=${id}`)).sort((a, b) => Date.parse(a.askedAt!) - Date.parse(b.askedAt!));
  // The second was asked when the first had ended.
  expect(Date.parse(ended[1]!.askedAt!)).toBeGreaterThanOrEqual(Date.parse(ended[0]!.endedAt!));
});

it('C-12 a rollout whose stations fail stops by itself, and those that were not asked never are; a person may let it go on, pause and abort it', async () => {
  const model = `Fails-${uuidv7().slice(-6)}`;
  const failing = await fleet(model, Array.from({ length: 20 }, (_, i) => (i === 1 || i === 4 ? { ends: 'InstallationFailed' } : {})));
  await online(model, 20);
  const firmware = await approved(model, randomBytes(5_000));
  const { id } = Rollout.parse((await ask('POST', '/rollouts', { firmwareId: firmware.id })).body);
  await expect.poll(async () => (await readRollout(id)).state).toBe('stopped');
  expect(await readRollout(id)).toMatchObject({ stage: 'tenth', stations: { total: 20, installed: 1, failed: 1, waiting: 18 }, detail: expect.stringContaining('1 of the 2 stations') });
  const asked = () => failing.filter(({ charger }) => asksIn(charger).length > 0).length;
  expect(asked()).toBe(2);
  const { rows: audit } = await api.admin.query<{ action: string }>(`SELECT action FROM audit WHERE target = $1 ORDER BY at, id`, [id]);
  expect(audit.map((row) => row.action)).toEqual(['rollout.start', 'rollout.stopped']);

  expect((await ask('POST', `/rollouts/${id}/resume`, undefined, await api.tokenFor('demo', 'operator'))).status).toBe(403);
  expect((await ask('POST', `/rollouts/${id}/resume`)).status).toBe(200);
  await expect.poll(async () => (await readRollout(id)).state).toBe('stopped');
  expect((await readRollout(id)).stations.failed).toBe(2);
  const before = asked();
  // One that is slow to fail holds one of the two places, and the other goes on meanwhile.
  expect(before).toBeLessThan(20);
  expect(await codeOf('POST', `/rollouts/${id}/pause`)).toBe('wrong-state');
  expect(Rollout.parse((await ask('POST', `/rollouts/${id}/abort`)).body)).toMatchObject({ state: 'aborted', stations: { cancelled: 20 - before } });
  expect(await codeOf('POST', `/rollouts/${id}/resume`)).toBe('wrong-state');
  expect(asked()).toBe(before);
});

it('C-12 a file that was changed where it lies never reaches a station whole', async () => {
  const content = randomBytes(300_000);
  const outcomes: string[] = [];
  const station = (await fleet('Tampered', [{}]))[0]!;
  await online('Tampered', 1);
  const firmware = await approved('Tampered', content);
  const { rows: [image] } = await api.admin.query<{ file_id: string }>('SELECT file_id FROM firmware_image WHERE id = $1', [firmware.id]);
  const changed = Buffer.from(content);
  changed[150_000] = changed[150_000]! ^ 1;
  writeFileSync(join(dir, 'demo', image!.file_id), changed);
  station.charger.respond = async (call) => {
    if (call.action !== 'UpdateFirmware') return { status: 'Accepted' };
    void fetch(String(call.payload['location'])).then((answer) => answer.arrayBuffer()).then(() => outcomes.push('whole'), () => outcomes.push('cut'))
      .then(() => station.charger.call('FirmwareStatusNotification', { status: 'Installed' })).then(() => outcomes.push('lied'));
    return {};
  };
  await ask('POST', `/stations/${station.stationId}/firmware`, { firmwareId: firmware.id });
  await expect.poll(() => outcomes).toEqual(['cut', 'lied']);
  expect((await updatesOf(`stationId=${station.stationId}`))[0]).toMatchObject({ state: 'asked', fetchedAt: null, stationSays: 'Installed' });
});

it('C-12 a repeated request is one rollout and one update, and no station is asked twice', async () => {
  const here = await fleet('Twice', [{}, {}]);
  await online('Twice', 2);
  const firmware = await approved('Twice', randomBytes(5_000));
  // Nobody is asked before all requests are made.
  const connected = (is: boolean) => api.admin.query(`UPDATE station SET online = $1 WHERE model = 'Twice'`, [is]);
  await connected(false);
  const post = (path: string, key: string | null, more: object = {}) => api.call('POST', path, admin, { firmwareId: firmware.id, ...more }, key === null ? {} : { 'idempotency-key': key });
  const answers = await Promise.all(['night', 'night', 'night'].map((key) => post('/rollouts', key)));
  expect(answers.map((answer) => answer.status)).toEqual([201, 201, 201]);
  const ids = new Set(answers.map((answer) => Rollout.parse(answer.body).id));
  expect(ids.size).toBe(1);
  expect(Problem.parse((await post('/rollouts', 'night', { updateTimeoutS: 77 })).body).code).toBe('idempotency-key-reused');
  const [id] = [...ids] as [string];
  // A rollout of one site beside that of all: each station gets it from one of the two.
  const ofSite = await post('/rollouts', null, { siteId });
  expect(ofSite.status).toBe(201);
  expect([...(await Promise.all([post('/rollouts', null, { siteId }), post('/rollouts', 'other', { siteId })]))].map((answer) => Problem.parse(answer.body).code)).toEqual(['firmware-on-its-way', 'firmware-on-its-way']);
  await connected(true);
  const ends = () => Promise.all([id, Rollout.parse(ofSite.body).id].map(async (each) => (await readRollout(each)).state));
  await expect.poll(ends).toEqual(['done', 'done']);
  expect(here.map(({ charger }) => asksIn(charger))).toEqual([['UpdateFirmware'], ['UpdateFirmware']]);
  const { rows: waited } = await api.admin.query<{ state: string; n: number }>(`SELECT state, count(*)::int AS n FROM firmware_update WHERE firmware_id = $1 GROUP BY 1 ORDER BY 1`, [firmware.id]);
  expect(waited).toEqual([{ state: 'cancelled', n: 2 }, { state: 'installed', n: 2 }]);

  api.clock.now = new Date();
  // Over again: a key that was used still answers what it made.
  expect(Rollout.parse((await post('/rollouts', 'night')).body)).toMatchObject({ id, state: 'done' });
  const [one, two] = here as [typeof here[number], typeof here[number]];
  one.charger.respond = async () => ({});
  const single = `/stations/${one.stationId}/firmware`;
  const updates = await Promise.all(['single', 'single'].map((key) => post(single, key)));
  expect(new Set(updates.map((answer) => FirmwareUpdate.parse(answer.body).id)).size).toBe(1);
  expect(Problem.parse((await post(single, null)).body).code).toBe('firmware-on-its-way');
  expect(Problem.parse((await post(`/stations/${two.stationId}/firmware`, 'single')).body).code).toBe('idempotency-key-reused');
  await expect.poll(() => asksIn(one.charger)).toEqual(['UpdateFirmware', 'UpdateFirmware']);
});

it('C-13 the address of firmware serves its one station 20 times while its update is on its way, and no more', async () => {
  const { charger, stationId } = (await fleet('Again', [{}]))[0]!;
  await online('Again', 1);
  const firmware = await approved('Again', randomBytes(300));
  let location = '';
  charger.respond = async (call) => { if (call.action === 'UpdateFirmware') location = String(call.payload['location']); return {}; };
  await ask('POST', `/stations/${stationId}/firmware`, { firmwareId: firmware.id });
  await expect.poll(() => location).not.toBe('');
  const statuses: number[] = [];
  for (let i = 0; i < 22; i += 1) { const answer = await fetch(location); await answer.arrayBuffer(); statuses.push(answer.status); }
  expect(statuses).toEqual([...Array<number>(20).fill(200), 410, 410]);
});
