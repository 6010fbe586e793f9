import { Command } from '@csms/contracts/http/commands';
import { Problem } from '@csms/contracts/http/common';
import { ConfigurationTemplate, ConfiguredKeyPage, DifferingStationPage } from '@csms/contracts/http/configuration';
import { StationUpload } from '@csms/contracts/http/files';
import { Firmware, FirmwareUpdatePage } from '@csms/contracts/http/firmware';
import { openReplyDesk } from '@csms/bus';
import { createLogger, uuidv7 } from '@csms/kit';
import { openCommandLedger } from '@csms/store';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { driveFirmware } from '../src/jobs/drive-firmware.ts';
import { repeat } from '../src/jobs/repeat.ts';
import { startTestPlatform, type ChargerAtGateway, type TestPlatform } from './with-charger.ts';

/* Diagnostics, logs, configuration and firmware over the whole way: API, ledger, gateway process, and a charger that uploads, keeps its keys and installs. */
let platform: TestPlatform;
let charger: ChargerAtGateway;
let stopDriving: () => Promise<void>;
beforeAll(async () => {
  platform = await startTestPlatform();
  const { api } = platform;
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  api.files.stationUrl = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1`;
  charger = await platform.aCharger('CARE-1');
  const replies = await openReplyDesk(api.bus, `driver-${uuidv7()}`);
  const parts = { pool: api.pool, bus: api.bus, replies, ledger: openCommandLedger({ pool: api.pool }), now: () => new Date(), newId: uuidv7, log: createLogger('api-test', 'error'), pepper: 'a-pepper-for-tests-only', files: api.files };
  const stop = repeat({ everyMs: 100, onError: (error) => { throw error; }, job: () => driveFirmware(parts) });
  stopDriving = async () => { await stop(); await replies.close(); };
});
afterAll(async () => { await stopDriving(); await platform.close(); });

const upload = async (id: string) => StationUpload.parse(await platform.ask('GET', `/uploads/${id}`));
const command = async (body: object, stationId = charger.stationId) => Command.parse(await platform.ask('POST', `/stations/${stationId}/commands?wait=true`, { command: body }));
const keys = async () => new Map(ConfiguredKeyPage.parse(await platform.ask('GET', `/stations/${charger.stationId}/configuration?limit=500`)).items.map((each) => [each.key, each]));
const differences = async () => DifferingStationPage.parse(await platform.ask('GET', `/configuration-differences?stationId=${charger.stationId}`)).items.flatMap((each) => each.differences);

it('diagnostics and both logs come from a charger to the tenant, and the charger says how it goes', async () => {
  for (const [path, body, kind] of [['diagnostics', {}, 'diagnostics'], ['logs', { type: 'diagnostics' }, 'diagnostics-log'], ['logs', { type: 'security' }, 'security-log']] as const) {
    const asked = StationUpload.parse(await platform.ask('POST', `/stations/${charger.stationId}/${path}`, body, 202));
    expect(asked.kind).toBe(kind);
    await expect.poll(async () => (await upload(asked.id)).stationSays, { message: kind }).toBe('Uploaded');
    const done = await upload(asked.id);
    expect(done).toMatchObject({ state: 'stored', detail: null });
    const file = await platform.api.app.inject({ url: `/api/v1/files/${asked.id}`, headers: { authorization: `Bearer ${platform.operator}` } });
    expect([file.statusCode, file.rawPayload.length]).toEqual([200, done.sizeBytes]);
    // Nothing that concerns security has happened to this one yet: its log has no line.
    expect(done.sizeBytes! > 0).toBe(kind !== 'security-log');
  }
});

it('a station that is away brings nothing, and its upload says so', async () => {
  const { rows } = await platform.api.admin.query<{ id: string }>(`INSERT INTO station (tenant_id, id, site_id, identity) SELECT 'demo', $1, site_id, 'AWAY' FROM station WHERE id = $2 RETURNING id`, [uuidv7(), charger.stationId]);
  const asked = StationUpload.parse(await platform.ask('POST', `/stations/${rows[0]!.id}/diagnostics`, {}, 202));
  await expect.poll(() => upload(asked.id)).toMatchObject({ state: 'failed', detail: 'no gateway holds a socket of this station' });
});

it('what a charger tells of its configuration is kept with the command that asked, typed, and held against the templates of tenant and site', async () => {
  const put = async (body: object) => platform.api.call('PUT', '/configuration-templates', platform.admin, body);
  const ofTenant = ConfigurationTemplate.parse((await put({ wanted: { HeartbeatInterval: '30', MeterValueSampleInterval: '60', NoSuchKey: 'x' } })).body);
  expect(await differences()).toEqual([
    { key: 'HeartbeatInterval', wanted: '30', value: null, why: 'unread' }, { key: 'MeterValueSampleInterval', wanted: '60', value: null, why: 'unread' }, { key: 'NoSuchKey', wanted: 'x', value: null, why: 'unread' }]);

  const read = await command({ action: 'get-configuration', keys: [] });
  const told = await keys();
  expect(told.get('MeterValueSampleInterval')).toMatchObject({ value: '1', type: 'integer', unit: 's', source: 'read', commandId: read.id, isReadonly: false });
  expect(told.get('NumberOfConnectors')).toMatchObject({ value: '2', isReadonly: true });
  expect(told.has('AuthorizationKey') && told.get('AuthorizationKey')!.value).toBeFalsy();
  await command({ action: 'get-configuration', keys: ['NoSuchKey'] });
  expect((await differences()).map(({ key, why }) => [key, why])).toEqual([...(told.get('HeartbeatInterval')!.value === '30' ? [] : [['HeartbeatInterval', 'differs']]), ['MeterValueSampleInterval', 'differs'], ['NoSuchKey', 'unknown-key']]);

  const refused = await platform.api.call('POST', `/stations/${charger.stationId}/commands`, platform.operator, { command: { action: 'change-configuration', key: 'meterValueSampleInterval', value: 'often' } });
  expect(Problem.parse(refused.body)).toMatchObject({ code: 'invalid-request', errors: [{ message: 'meterValueSampleInterval takes a whole number (s)' }] });
  const changed = await command({ action: 'change-configuration', key: 'MeterValueSampleInterval', value: '60' });
  expect(changed.state).toBe('accepted');
  expect((await keys()).get('MeterValueSampleInterval')).toMatchObject({ value: '60', source: 'changed', commandId: changed.id });
  expect((await differences()).map(({ key }) => key)).not.toContain('MeterValueSampleInterval');

  const { rows: [site] } = await platform.api.admin.query<{ site_id: string }>('SELECT site_id FROM station WHERE id = $1', [charger.stationId]);
  expect((await put({ siteId: site!.site_id, wanted: { metervaluesampleinterval: '15' } })).status).toBe(200);
  expect(await differences()).toContainEqual({ key: 'metervaluesampleinterval', wanted: '15', value: '60', why: 'differs' });
  expect(Problem.parse((await put({ wanted: { HeartbeatInterval: 'soon', NumberOfConnectors: '3', AuthorizationKey: 'x', blinkRepeat: '1', BlinkRepeat: '2' } })).body).errors?.map((each) => each.path))
    .toEqual(['HeartbeatInterval', 'NumberOfConnectors', 'AuthorizationKey', 'BlinkRepeat'].map((key) => `body.wanted.${key}`));
  expect((await platform.api.call('DELETE', `/configuration-templates/${ofTenant.id}`, platform.admin)).status).toBe(204);
  expect((await differences()).map(({ key }) => key)).toEqual(['metervaluesampleinterval']);
});

it('a value that a station takes for after its reboot is shown as that, a secret is never kept', async () => {
  const { api } = platform;
  const ledger = openCommandLedger({ pool: api.pool });
  const answered = async (key: string, value: string, status: string) => {
    const { record } = await ledger.create({ tenantId: 'demo', id: uuidv7(), stationId: charger.stationId, command: { action: 'change-configuration', key, value }, idempotencyKey: uuidv7(), createdBy: 'test', createdAt: new Date(), deadlineAt: new Date(Date.now() + 60_000) });
    await ledger.markSent('demo', record.id, { gateway: 'g', epoch: 2n ** 60n, messageId: 'm', at: new Date() });
    await ledger.settle('demo', record.id, { state: status === 'NotSupported' ? 'rejected' : 'accepted', result: { status }, at: new Date() });
  };
  await answered('ConnectionTimeOut', '77', 'RebootRequired');
  const pending = (await keys()).get('ConnectionTimeOut');
  expect(pending).toMatchObject({ pendingValue: '77', source: 'changed' });
  expect(pending!.value).not.toBe('77');
  await answered('LightIntensity', '50', 'NotSupported');
  expect((await keys()).get('LightIntensity')).toMatchObject({ isKnown: false, value: null });
  await answered('AuthorizationKey', 'top-secret', 'Accepted');
  expect((await keys()).get('AuthorizationKey')).toMatchObject({ isKnown: true, value: null });
  await answered('ConnectionTimeOut', 'x', 'Rejected');
  expect((await keys()).get('ConnectionTimeOut')).toMatchObject({ pendingValue: '77' });
});

it('a charger fetches and installs firmware, and boots with it', async () => {
  const { api, admin } = platform;
  const secondPerson = await api.forge((claims) => { claims.sub = 'somebody-else'; });
  const { id } = Firmware.parse((await api.call('POST', '/firmware', admin, { vendor: 'Charge-IT', model: 'edge', version: '1.1.0', fileName: 'edge-1.1.0.bin' })).body);
  expect((await api.app.inject({ method: 'PUT', url: `/api/v1/firmware/${id}/file`, headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/octet-stream' }, payload: Buffer.from('firmwareVersion: 1.1.0\nand much more') })).statusCode).toBe(200);
  expect((await api.call('POST', `/firmware/${id}/approve`, secondPerson)).status).toBe(200);
  expect((await api.call('POST', `/stations/${charger.stationId}/firmware`, admin, { firmwareId: id })).status).toBe(202);
  const update = async () => FirmwareUpdatePage.parse(await platform.ask('GET', `/firmware/updates?stationId=${charger.stationId}`)).items[0];
  await expect.poll(async () => (await update())?.state).toBe('installed');
  await expect.poll(async () => (await api.admin.query('SELECT firmware FROM station WHERE id = $1', [charger.stationId])).rows).toEqual([{ firmware: '1.1.0' }]);
  expect(await update()).toMatchObject({ firmwareBefore: '1.0.0', isSigned: false });
});

it('a vendor message that is registered is understood, and every other one is answered as the text asks', async () => {
  const { station, identity } = charger;
  await expect.poll(async () => (await platform.api.admin.query('SELECT online FROM station WHERE id = $1', [charger.stationId])).rows).toEqual([{ online: true }]);
  expect(await station.sendDataTransfer('id.charge-it', 'StationEvent', JSON.stringify({ type: 'TamperDetectionActivated', techInfo: 'door' }))).toEqual({ status: 'Accepted' });
  const { items } = z.object({ items: z.array(z.looseObject({ kind: z.string() })) }).parse(await platform.ask('GET', '/security-events'));
  expect(items).toContainEqual(expect.objectContaining({ kind: 'TamperDetectionActivated', detail: 'door', identity }));
  expect(await station.sendDataTransfer('id.charge-it', 'Coffee', '{}')).toEqual({ status: 'UnknownMessageId' });
  expect(await station.sendDataTransfer('com.example', 'StationEvent', '{}')).toEqual({ status: 'UnknownVendorId' });
});
