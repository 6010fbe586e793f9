import { Command } from '@csms/contracts/http/commands';
import { Problem } from '@csms/contracts/http/common';
import { Station, StationCreated } from '@csms/contracts/http/stations';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startTestApi } from './harness.ts';
import { startTestPlatform, type TestPlatform } from './with-charger.ts';

let platform: TestPlatform;
beforeAll(async () => { platform = await startTestPlatform(); });
afterAll(() => platform?.close());

const as = async (method: string, path: string, body?: unknown) => {
  const answer = await platform.api.call(method, path, platform.admin, body);
  return { status: answer.status, body: answer.body };
};
const codeOf = (answer: { body: unknown }): string => Problem.parse(answer.body).code;
const secrets = async (id: string) => (await platform.api.admin.query<{ now: Buffer; next: Buffer | null; sealed: Buffer | null; profile: number; wanted: number | null }>(
  'SELECT credential_hmac AS now, credential_hmac_next AS next, credential_sealed AS sealed, security_profile AS profile, security_profile_next AS wanted FROM station WHERE id = $1', [id])).rows[0];

it('G-33 a charger takes a pushed password over by itself, comes back with it, and the old one is gone', async () => {
  const charger = await platform.aCharger('PUSHED');
  const before = await secrets(charger.stationId);
  const sent = Command.parse((await as('POST', `/stations/${charger.stationId}/credential/push?wait=true`)).body);
  expect(sent).toMatchObject({ action: 'push-credential', state: 'accepted', payload: { action: 'push-credential' } });
  await vi.waitFor(async () => {
    const after = await secrets(charger.stationId);
    expect(after).toMatchObject({ next: null, sealed: null });
    expect(after?.now).not.toEqual(before?.now);
  }, { timeout: 60_000, interval: 100 });
  await vi.waitFor(async () => expect(Station.parse((await as('GET', `/stations/${charger.stationId}`)).body).online).toBe(true), { timeout: 60_000, interval: 100 });
});

it('a password that is on its way is sent again, and another one takes its place only when that is asked for', async () => {
  // Asked of a station that is away: nothing was written, and what waits goes on waiting.
  const made = StationCreated.parse((await as('POST', '/stations', { siteId: await platform.api.site('demo', 'bandung-01'), identity: 'AWAY' })).body);
  const away = made.station.id;
  expect((await as('POST', `/stations/${away}/credential/push?wait=true`)).body).toMatchObject({ state: 'not-connected' });
  const first = await secrets(away);
  expect(first?.sealed).not.toBeNull();
  await as('POST', `/stations/${away}/credential/push?wait=true`);
  expect((await secrets(away))?.next).toEqual(first?.next);
  expect(codeOf(await as('POST', `/stations/${away}/credential`))).toBe('credential-on-its-way');
  expect((await as('POST', `/stations/${away}/credential?replace=true`)).status).toBe(200);
  expect((await secrets(away))?.sealed).toBeNull();
});

it('G-33 a password that somebody was given and has not used yet is replaced, or pushed over, only when that is asked for', async () => {
  const { station: { id } } = StationCreated.parse((await as('POST', '/stations', { siteId: await platform.api.site('demo', 'bandung-01'), identity: 'CARRIED' })).body);
  expect((await as('POST', `/stations/${id}/credential`)).status).toBe(200);
  const first = await secrets(id);
  for (const path of ['credential', 'credential/push']) expect(codeOf(await as('POST', `/stations/${id}/${path}`)), path).toBe('credential-on-its-way');
  expect(await secrets(id)).toEqual(first);
  expect((await as('POST', `/stations/${id}/credential?replace=true`)).status).toBe(200);
  const second = await secrets(id);
  expect([second?.now, second?.next?.equals(first?.next ?? Buffer.alloc(0))]).toEqual([first?.now, false]);
  expect((await as('POST', `/stations/${id}/credential/push?wait=true&replace=true`)).status).toBe(200);
  const pushed = await secrets(id);
  expect([pushed?.now, pushed?.sealed === null, pushed?.next?.equals(second?.next ?? Buffer.alloc(0))]).toEqual([first?.now, false, false]);
});

it('G-34 a profile is only ever raised, and a password or a profile is no key like any other', async () => {
  const { stationId } = await platform.aCharger('RAISED');
  for (const profile of [1, 0, 4]) expect([400, 409]).toContain((await as('PUT', `/stations/${stationId}/security-profile`, { profile })).status);
  expect(codeOf(await as('PUT', `/stations/${stationId}/security-profile`, { profile: 1 }))).toBe('security-profile-not-higher');
  expect(await secrets(stationId)).toMatchObject({ profile: 1, wanted: null });
  await platform.api.admin.query('UPDATE station SET security_profile = 3 WHERE id = $1', [stationId]);
  for (const profile of [1, 2, 3]) expect(codeOf(await as('PUT', `/stations/${stationId}/security-profile`, { profile }))).toBe('security-profile-not-higher');
  await expect(platform.api.admin.query('UPDATE station SET security_profile_next = 2 WHERE id = $1', [stationId]), 'nor by any other way').rejects.toThrow('station_profile_rises');
  for (const key of ['AuthorizationKey', 'authorizationkey', 'SecurityProfile', 'SecurityCtrlr.BasicAuthPassword']) {
    const answer = await as('POST', `/stations/${stationId}/commands`, { command: { action: 'change-configuration', key, value: '0123456789abcdef0123456789abcdef01234567' } });
    expect([answer.status, codeOf(answer)]).toEqual([409, 'key-has-own-route']);
  }
  const kept = await platform.api.admin.query("SELECT 1 FROM command WHERE station_id = $1 AND payload::text LIKE '%0123456789abcdef%'", [stationId]);
  expect(kept.rowCount).toBe(0);
});

it('C-03 in production a station is registered for TLS, as its site asks, and for no less', async () => {
  const production = await startTestApi({ mode: 'production' });
  try {
    const admin = await production.tokenFor('demo', 'admin');
    const [plain, certified] = [await production.site('demo', 'plain', { spec: { ocpp: { securityProfile: 1 } } }), await production.site('demo', 'certified', { spec: { ocpp: { securityProfile: 3 } } })];
    const register = (siteId: string, identity: string, more = {}) => production.call('POST', '/stations', admin, { siteId, identity, ...more });
    expect([2, 3, 2]).toEqual([
      StationCreated.parse((await register(plain, 'A')).body).station.securityProfile, StationCreated.parse((await register(certified, 'B')).body).station.securityProfile,
      StationCreated.parse((await register(certified, 'C', { securityProfile: 2 })).body).station.securityProfile,
    ]);
    for (const securityProfile of [0, 1]) expect(codeOf(await register(plain, 'D', { securityProfile }))).toBe('security-profile-refused');
  } finally {
    await production.close();
  }
});

it('a station is registered for its profile, and is told the address that goes with it', async () => {
  const siteId = await platform.api.site('demo', 'bandung-01');
  const made = StationCreated.parse((await as('POST', '/stations', { siteId, identity: 'SECURE-2', securityProfile: 2 })).body);
  expect(made.station).toMatchObject({ securityProfile: 2, securityProfileNext: null });
  expect((await as('POST', '/stations', { siteId, identity: 'SECURE-4', securityProfile: 4 })).status).toBe(400);
});
