import { Command } from '@csms/contracts/http/commands';
import { AuditPage, Tariff, Token } from '@csms/contracts/http/commerce';
import { Problem } from '@csms/contracts/http/common';
import { SiteObserved, SitePage } from '@csms/contracts/http/sites';
import { StationCreated, StationPage } from '@csms/contracts/http/stations';
import { credentialHmac, uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aSession } from './book-rows.ts';
import { siteOf, startTestApi, type TestApi } from './harness.ts';

/* What changes something: it is in the books, it leaves one audit row, and it says no more than it should. */
let api: TestApi;
const tokens = { admin: '', operator: '', platform: '' };
beforeAll(async () => {
  api = await startTestApi();
  tokens.admin = await api.tokenFor('demo', 'admin');
  tokens.operator = await api.tokenFor('demo', 'operator');
  tokens.platform = await api.tokenFor(null, 'platform');
});
afterAll(async () => { await api.close(); });

const codeOf = (answer: { body: unknown }): string => Problem.parse(answer.body).code;
const auditRows = async (tenant = 'demo'): Promise<number> => (await api.admin.query<{ n: number }>('SELECT count(*)::int AS n FROM audit WHERE tenant_id = $1', [tenant])).rows[0]!.n;
/** How many audit rows a change leaves. */
async function audited<T>(change: () => Promise<T>): Promise<[T, number]> {
  const before = await auditRows();
  const result = await change();
  return [result, (await auditRows()) - before];
}
const station = async (identity: string): Promise<string> => {
  const siteId = await api.site('demo', 'bandung-01');
  return StationCreated.parse((await api.call('POST', '/stations', tokens.admin, { siteId, identity })).body).station.id;
};

it('a ChargingSite comes, changes, goes and comes back with its books', async () => {
  const path = '/sites/by-resource/demo/perth';
  expect((await api.call('GET', `${path}?tenant=demo`, tokens.platform)).status).toBe(404);
  const [made, madeAudit] = await audited(() => api.call('PUT', path, tokens.platform, { ...siteOf('demo'), tenantDisplayName: 'Demo' }));
  expect(made.status).toBe(200);
  const site = SiteObserved.parse(made.body);
  expect(site).toMatchObject({ tenant: 'demo', stations: 0, connectedStations: 0, activeSessions: 0, training: { status: 'none', lastSuccess: null, model: null } });
  expect(madeAudit).toBe(1);
  // The same words again change nothing, and so leave nothing.
  const [again, againAudit] = await audited(() => api.call('PUT', path, tokens.platform, { ...siteOf('demo'), tenantDisplayName: 'Demo' }));
  expect(again.body).toEqual(made.body);
  expect(againAudit).toBe(0);

  const { station: { id } } = StationCreated.parse((await api.call('POST', '/stations', tokens.admin, { siteId: site.id, identity: 'PERTH-1' })).body);
  await api.inTenant('demo', async (client) => {
    await client.query('UPDATE station SET online = true WHERE id = $1', [id]);
    await aSession(client, { station: id, startedAt: new Date(), state: 'active' });
  });
  expect((await api.call('GET', `${path}?tenant=demo`, tokens.platform)).body).toMatchObject({ stations: 1, connectedStations: 1, activeSessions: 1 });
  expect((await api.call('GET', `${path}?tenant=kota`, tokens.platform)).status).toBe(404);

  const listed = async () => SitePage.parse((await api.call('GET', '/sites', tokens.admin)).body).items.map((each) => each.id);
  expect(await listed()).toContain(site.id);
  const [gone, goneAudit] = await audited(() => api.call('DELETE', `${path}?tenant=demo`, tokens.platform));
  expect([gone.status, goneAudit]).toEqual([204, 1]);
  expect(await listed()).not.toContain(site.id);
  expect((await api.call('GET', `/sites/${site.id}`, tokens.admin)).status).toBe(404);
  expect((await api.call('GET', `/stations/${id}`, tokens.admin)).status).toBe(404);
  expect((await api.call('DELETE', `${path}?tenant=demo`, tokens.platform)).status).toBe(404);
  const { rows } = await api.admin.query<{ n: number }>('SELECT count(*)::int AS n FROM session WHERE station_id = $1', [id]);
  expect(rows[0]!.n).toBe(1);
  expect(SiteObserved.parse((await api.call('PUT', path, tokens.platform, siteOf('demo'))).body)).toMatchObject({ id: site.id, stations: 1, activeSessions: 1 });
  expect(await listed()).toContain(site.id);

  expect(codeOf(await api.call('PUT', path, tokens.platform, { ...siteOf('demo'), timeZone: 'Asia/Nowhere' }))).toBe('invalid-request');
  expect(codeOf(await api.call('PUT', path, tokens.platform, { ...siteOf('Not A Tenant') }))).toBe('invalid-request');
});

it('a station gets a password that is shown once and kept as a digest; a new one leaves the old until it is used', async () => {
  const siteId = await api.site('demo', 'bandung-01');
  const [answer, rows] = await audited(() => api.call('POST', '/stations', tokens.admin, { siteId, identity: 'CP 1#2?', displayName: 'Front' }));
  expect([answer.status, rows]).toEqual([201, 1]);
  const made = StationCreated.parse(answer.body);
  expect(made.credential).toMatchObject({ username: 'CP 1#2?', url: 'ws://127.0.0.1:9220/ocpp/demo/CP%201%232%3F' });
  expect(made.credential.password).toMatch(/^[0-9a-f]{40}$/);
  const kept = async () => (await api.admin.query<{ a: Buffer; b: Buffer | null }>('SELECT credential_hmac AS a, credential_hmac_next AS b FROM station WHERE id = $1', [made.station.id])).rows[0]!;
  expect((await kept()).a).toEqual(credentialHmac('a-pepper-for-tests-only', made.credential.password));
  expect(codeOf(await api.call('POST', '/stations', tokens.admin, { siteId, identity: 'CP 1#2?' }))).toBe('already-registered');

  const [rotated, rotatedRows] = await audited(() => api.call('POST', `/stations/${made.station.id}/credential`, tokens.admin));
  const fresh = StationCreated.parse(rotated.body).credential.password;
  expect(rotatedRows).toBe(1);
  expect(await kept()).toEqual({ a: credentialHmac('a-pepper-for-tests-only', made.credential.password), b: credentialHmac('a-pepper-for-tests-only', fresh) });
  // Neither stands in any list, nor in the audit.
  for (const path of ['/stations', '/audit']) {
    const text = JSON.stringify((await api.call('GET', path, tokens.admin)).body);
    expect(text).not.toContain(made.credential.password);
    expect(text).not.toContain(fresh);
  }
  expect(StationPage.parse((await api.call('GET', `/stations?identity=${encodeURIComponent('CP 1#2?')}`, tokens.admin)).body).items.map((each) => each.id)).toEqual([made.station.id]);
});

it('cards and tariffs: in the books once, the number shown to its giver alone', async () => {
  const [answer, rows] = await audited(() => api.call('POST', '/tokens', tokens.admin, { uid: '04A2B6C8D1E280', driverName: 'Sari', parentUid: 'FAMILY-0001' }));
  const made = Token.parse(answer.body);
  expect([answer.status, rows, made.uidMasked]).toEqual([201, 1, '04A2B6C8D1E280']);
  expect(codeOf(await api.call('POST', '/tokens', tokens.admin, { uid: '04a2b6c8d1e280' }))).toBe('already-registered');
  const [blocked, blockedRows] = await audited(() => api.call('PATCH', `/tokens/${made.id}`, tokens.operator, { status: 'blocked' }));
  expect([blockedRows, blocked.body]).toEqual([1, { ...made, status: 'blocked', blockedBy: 'card', uidMasked: '04••••80', parentUidMasked: 'FA••••01' }]);
  for (const path of ['/tokens', '/audit', '/users']) expect(JSON.stringify((await api.call('GET', path, tokens.admin)).body)).not.toContain('04A2B6C8D1E280');

  const tariff = { name: 'Siang', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 300, idleGraceMinutes: 10, validFrom: '2026-01-01T00:00:00.000Z' };
  const [set, setRows] = await audited(() => api.call('POST', '/tariffs', tokens.admin, tariff));
  expect([set.status, setRows]).toEqual([201, 1]);
  expect(Tariff.parse(set.body)).toMatchObject({ ...tariff, siteId: null, currency: 'IDR', validUntil: null });
  // A tenant that has no site yet has no books to write in.
  expect(codeOf(await api.call('POST', '/tokens', await api.tokenFor('nobody', 'admin'), { uid: 'X1' }))).toBe('reference-missing');
});

it('a command enters the ledger once under its key, and ends honestly where no gateway holds the station', async () => {
  const id = await station('CMD-1');
  const path = `/stations/${id}/commands`;
  const key = { 'idempotency-key': 'press-1' };
  const [first, rows] = await audited(() => api.call('POST', `${path}?wait=true`, tokens.operator, { command: { action: 'reset', kind: 'hard' } }, key));
  expect([first.status, rows]).toEqual([200, 1]);
  const command = Command.parse(first.body);
  expect(command).toMatchObject({ stationId: id, action: 'reset', state: 'not-connected', idempotencyKey: 'press-1', createdBy: 'csms-cli', sentAt: null });
  const [again, againRows] = await audited(() => api.call('POST', path, tokens.operator, { command: { action: 'reset', kind: 'hard' } }, key));
  expect([again.body, againRows]).toEqual([command, 0]);
  const [other, otherRows] = await audited(() => api.call('POST', path, tokens.operator, { command: { action: 'reset', kind: 'soft' } }, key));
  expect([codeOf(other), otherRows]).toEqual(['idempotency-key-reused', 0]);
  expect((await api.call('GET', `/commands/${command.id}`, tokens.operator)).body).toEqual(command);
  const unasked = Command.parse((await api.call('POST', path, tokens.operator, { command: { action: 'unlock', evseId: 1, connectorId: 1 } })).body);
  expect(unasked.idempotencyKey).toMatch(/^[0-9a-f-]{36}$/);
  expect(codeOf(await api.call('POST', path, tokens.operator, { command: { action: 'explode' } }))).toBe('invalid-request');
});

it('a remote stop names a session of that station that still runs; the station is asked by its transaction', async () => {
  const [id, elsewhere] = [await station('CMD-2'), await station('CMD-3')];
  const [running, over] = await api.inTenant('demo', async (client) => [
    await aSession(client, { station: id, startedAt: new Date(), state: 'active', transactionRef: '4711', tokenUid: 'CARD-OF-RUNNING' }), await aSession(client, { station: id, startedAt: new Date(Date.now() - 7_200_000), transactionRef: '4710' }),
  ]);
  const stop = (stationId: string, sessionId: string) => api.call('POST', `/stations/${stationId}/commands?wait=true`, tokens.operator, { command: { action: 'remote-stop', sessionId } });
  expect(Command.parse((await stop(id, running!)).body).payload).toEqual({ action: 'remote-stop', transactionRef: '4711' });
  expect(codeOf(await stop(id, over!))).toBe('session-not-active');
  expect(codeOf(await stop(elsewhere, running!))).toBe('not-found');
  expect(codeOf(await stop(id, uuidv7()))).toBe('not-found');
  const started = Command.parse((await api.call('POST', `/stations/${id}/commands?wait=true`, tokens.operator, { command: { action: 'remote-start', tokenUid: 'CARD-NUMBER-9' } })).body);
  expect(JSON.stringify(started)).not.toContain('CARD-NUMBER-9');
});

it('the audit says who did what, and the books refuse to change it', async () => {
  const page = AuditPage.parse((await api.call('GET', '/audit?limit=500', tokens.admin)).body);
  expect(new Set(page.items.map((entry) => entry.action))).toEqual(new Set(['site.upsert', 'site.delete', 'station.register', 'station.rotate-credential', 'token.register', 'token.block', 'tariff.set', 'command.reset', 'command.unlock', 'command.remote-stop', 'command.remote-start']));
  expect(page.items.every((entry) => entry.actor === 'csms-cli')).toBe(true);
  await expect(api.inTenant('demo', (client) => client.query(`UPDATE audit SET actor = 'nobody'`))).rejects.toThrow(/permission denied/);
  await expect(api.inTenant('demo', (client) => client.query('DELETE FROM audit'))).rejects.toThrow(/permission denied/);
});
