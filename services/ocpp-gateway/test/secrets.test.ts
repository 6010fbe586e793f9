import { afterAll, beforeAll, expect, it } from 'vitest';
import { preparePush } from '@csms/store/station-security';
import { readCommand } from '@csms/store/read-models/index';
import { aRawStation, until, type RawStation } from '../src/testing/raw-station.ts';
import { actor, eventually, openPlatform, pepper, type GatewayProcess, type Platform } from './gateway-process.ts';

/* A station that tells its password wherever it can: nothing that a person can read holds it. */
let platform: Platform;
let gateway: GatewayProcess;
beforeAll(async () => { platform = await openPlatform(); gateway = await platform.startGateway(); });
afterAll(() => platform?.close());

async function aTalkative(identity: string): Promise<{ raw: RawStation; password: string }> {
  const password = (await platform.register(identity)).get(identity) ?? '';
  const raw = await aRawStation({ port: gateway.port, identity, password });
  await platform.held(identity, gateway);
  return { raw, password };
}
async function callOf(raw: RawStation): Promise<{ id: string; payload: { key?: string; value?: string } }> {
  await until(() => raw.received.some(([type]) => type === 2));
  const [, id, , payload] = raw.received.find(([type]) => type === 2) as [number, string, string, { key?: string; value?: string }];
  return { id, payload };
}
/** Every row of every table that speaks of stations, as text. */
async function booksAsText(): Promise<string> {
  const tables = ['command', 'outbox', 'audit', 'security_event', 'quarantined_frame', 'configuration_value', 'session_event'];
  return (await Promise.all(tables.map(async (table) => JSON.stringify(await platform.sql(`SELECT to_jsonb(t) AS row FROM ${table} t`))))).join('\n');
}

it('G-33 a password that GetConfiguration tells, under its key or a vendor\'s, is in no row of the ledger', async () => {
  const { raw, password } = await aTalkative('TELLS');
  const asked = platform.ask('TELLS', { action: 'get-configuration', keys: [] });
  const { id } = await callOf(raw);
  raw.send([3, id, { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: password }, { key: 'VendorPass', readonly: true, value: password.toUpperCase() }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] }]);
  const shown = await asked.then((record) => platform.inTenant((client) => readCommand(client, record.id)));
  expect(shown?.result).toEqual({ configurationKey: [
    { key: 'AuthorizationKey', readonly: false, value: '***' }, { key: 'VendorPass', readonly: true, value: '***' }, { key: 'HeartbeatInterval', readonly: false, value: '300' },
  ] });
  expect((await booksAsText()).toLowerCase()).not.toContain(password);
});

it('G-33 an error that echoes a pushed password does not carry it into the ledger', async () => {
  const { raw } = await aTalkative('ECHOES');
  await platform.inTenant(async (client, stationId) => preparePush(client, { tenantId: 'demo', id: await stationId('ECHOES') }, pepper, actor));
  const asked = platform.ask('ECHOES', { action: 'push-credential' });
  const { id, payload } = await callOf(raw);
  raw.send([4, id, 'PropertyConstraintViolation', `value ${payload.value} not allowed`, { key: payload.key, value: payload.value, said: [`${payload.value}!`] }]);
  expect(await asked).toMatchObject({ state: 'failed', detail: 'PropertyConstraintViolation: value *** not allowed', result: { details: { key: 'AuthorizationKey', value: '***', said: ['***!'] } } });
  expect(payload.value).toMatch(/^[0-9a-f]{40}$/);
  expect(await booksAsText()).not.toContain(payload.value);
});

it('G-33 neither a security event nor a frame in quarantine holds what a station says of its password', async () => {
  const { raw, password } = await aTalkative('GOSSIPS');
  raw.send([2, 'event', 'SecurityEventNotification', { type: 'SettingSystemTime', timestamp: '2026-11-24T09:00:00Z', techInfo: `AuthorizationKey=${password}` }]);
  await raw.answer('event');
  raw.send([2, 'odd', 'BootNotification', { chargePointVendor: 'V', key: 'AuthorizationKey', value: password }]);
  await raw.answer('odd');
  expect(await platform.sql(`SELECT detail FROM security_event WHERE identity = 'GOSSIPS'`)).toEqual([{ detail: 'AuthorizationKey=***' }]);
  const frames = await eventually(() => platform.sql<{ frame: string }>(`SELECT q.frame FROM quarantined_frame q JOIN station s ON s.id = q.station_id WHERE s.identity = 'GOSSIPS'`), (rows) => rows.length > 0);
  expect(frames[0]?.frame).toContain('"AuthorizationKey","value":"***"');
  expect(await booksAsText()).not.toContain(password);
});
