import { ApiKeyCreated, ApiKeyPage } from '@csms/contracts/http/api-keys';
import { AuditPage, Me } from '@csms/contracts/http/commerce';
import { Problem } from '@csms/contracts/http/common';
import { ImpersonationStarted } from '@csms/contracts/http/impersonations';
import { PersonInvited, PersonPage } from '@csms/contracts/http/people';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './harness.ts';

/* People, keys of programs and staff that helps: who gets in, with how much, and how it ends. */
let api: TestApi;
let admin: string;
beforeAll(async () => {
  api = await startTestApi({ withPeople: true });
  api.clock.now = new Date();
  await api.site('demo', 'one');
  await api.site('kota', 'two');
  admin = await api.tokenFor('demo', 'admin');
});
afterAll(async () => { await api.close(); });

const codeOf = async (...args: Parameters<TestApi['call']>): Promise<string | number> => { const { status, body } = await api.call(...args); return status < 400 ? status : Problem.parse(body).code; };
/** A token of an account, as its sign-in gives it. */
const tokenOf = (subject: string, tenant: string | null, role: string): Promise<string> => api.forge((claims) => {
  Object.assign(claims, { sub: subject, name: subject, tenant, resource_access: { 'csms-api': { roles: [role] } } });
  if (tenant === null) delete claims['tenant'];
});
const people = async (token = admin) => PersonPage.parse((await api.call('GET', '/people', token)).body).items;
const invite = async (login: string, role: string, token = admin) => PersonInvited.parse((await api.call('POST', '/people', token, { login, name: 'Putri', role })).body);
const inAnHour = (): string => new Date(api.clock.now.getTime() + 3_600_000).toISOString();
const aKey = async (more: object = {}) => ApiKeyCreated.parse((await api.call('POST', '/api-keys', admin, { name: 'reports', expiresAt: inAnHour(), ...more })).body);

it('T-03 people are invited into their own tenant, and the same login in another tenant tells nobody anything', async () => {
  const invited = await invite('sari', 'operator');
  expect(invited).toMatchObject({ person: { subject: 'sari@demo', login: 'sari@demo', role: 'operator', isEnabled: true } });
  expect(invited.temporaryPassword.length).toBeGreaterThanOrEqual(12);
  expect((await people()).map((person) => person.login)).toEqual(['admin', 'operator', 'sari@demo', 'viewer']);
  expect(await codeOf('POST', '/people', admin, { login: 'sari', name: 'Another' })).toBe('already-registered');
  // A name that somebody else's tenant has is free.
  const kota = await api.tokenFor('kota', 'admin');
  expect(PersonInvited.parse((await api.call('POST', '/people', kota, { login: 'sari', name: 'Sari of Kota' })).body).person.login).toBe('sari@kota');
  const [foreign, nobody] = [await api.call('PATCH', '/people/sari@kota', admin, { role: 'admin' }), await api.call('PATCH', '/people/nobody@demo', admin, { role: 'admin' })];
  expect([foreign.status, foreign.body]).toEqual([404, nobody.body]);
  expect(await codeOf('DELETE', '/people/sari@kota', admin)).toBe('not-found');
  expect((await people(kota)).map((person) => person.role)).toEqual(['admin', 'viewer']);
  for (const login of ['Sari', 'a@b', 'x'.repeat(41), '', '../admin']) expect(await codeOf('POST', '/people', admin, { login, name: 'P' })).toBe('invalid-request');
  // Nothing of a password is in the audit.
  expect(JSON.stringify((await api.call('GET', '/audit?action=person', admin)).body)).not.toContain(invited.temporaryPassword);
});

it('the last admin neither leaves nor gives the role away, also when two try at once', async () => {
  expect(await codeOf('DELETE', '/people/admin', await tokenOf('admin', 'demo', 'admin'))).toBe('last-admin');
  expect(await codeOf('PATCH', '/people/admin', admin, { role: 'viewer' })).toBe('last-admin');
  const { person } = await invite('second', 'admin');
  const [first, second] = await Promise.all([
    codeOf('PATCH', `/people/${person.subject}`, await tokenOf('admin', 'demo', 'admin'), { role: 'operator' }), codeOf('PATCH', '/people/admin', await tokenOf(person.subject, 'demo', 'admin'), { role: 'operator' }),
  ]);
  expect([first, second].filter((outcome) => outcome === 200)).toHaveLength(1);
  expect((await people()).filter((each) => each.role === 'admin')).toHaveLength(1);
  await api.call('PATCH', '/people/admin', admin, { role: 'admin' });
});

it('A-03 who was removed, or has another role now, does nothing that cannot be taken back from that moment on, with a token that still lives', async () => {
  const { person } = await invite('leaver', 'admin');
  const tariff = { name: 'T', energyPerKwhMinor: 1, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: '2026-01-01T00:00:00.000Z' };
  const token = await tokenOf(person.subject, 'demo', 'admin');
  expect(await codeOf('POST', '/tariffs', token, tariff)).toBe(201);
  await api.call('PATCH', `/people/${person.subject}`, admin, { role: 'viewer' });
  expect(await codeOf('POST', '/tariffs', token, tariff)).toBe('token-over');
  // The rights that the issuer gives now, not those of the token, also where we have no record of a change.
  const { person: other } = await invite('elsewhere', 'viewer');
  expect(await codeOf('POST', '/tariffs', await tokenOf(other.subject, 'demo', 'admin'), tariff)).toBe('token-over');
  expect(await codeOf('POST', '/tariffs', await tokenOf('sari@kota', 'demo', 'admin'), tariff)).toBe('token-over');
  expect(await codeOf('POST', '/tariffs', await tokenOf('never-was', 'demo', 'admin'), tariff)).toBe('token-over');
});

it('A-03 signing out everywhere ends every token within ten seconds, and at once where something cannot be taken back', async () => {
  const { person } = await invite('roamer', 'operator');
  const [laptop, phone] = [await tokenOf(person.subject, 'demo', 'operator'), await api.forge((claims) => { Object.assign(claims, { sub: person.subject, jti: 'phone', resource_access: { 'csms-api': { roles: ['operator'] } } }); })];
  for (const token of [laptop, phone]) expect((await api.call('GET', '/me', token)).status).toBe(200);
  // The issuer's clock is the real one.
  api.clock.now = new Date(Date.now() + 1_000);
  expect((await api.call('POST', '/me/sign-out-everywhere', laptop)).status).toBe(204);
  expect(await codeOf('POST', '/stations/00000000-0000-7000-8000-000000000000/commands', phone, { command: { action: 'reset' } })).toBe('token-over');
  for (const token of [laptop, phone]) expect(await codeOf('GET', '/me', token)).toBe('token-over');
  const later = await api.forge((claims) => { Object.assign(claims, { sub: person.subject, iat: Math.floor(Date.now() / 1000) + 3, resource_access: { 'csms-api': { roles: ['operator'] } } }); });
  expect((await api.call('GET', '/me', later)).status).toBe(200);
});

it('a key of a program has a role, areas and an end, is kept as a digest, and opens nothing once it is revoked', async () => {
  const { key, secret } = await aKey({ role: 'operator', areas: ['sessions', 'stations'] });
  expect(secret).toMatch(/^csk_demo_[A-Za-z0-9_-]{43}$/);
  expect(key).toMatchObject({ name: 'reports', role: 'operator', areas: ['sessions', 'stations'], state: 'active', lastUsedAt: null });
  expect((await api.call('GET', '/sessions', secret)).status).toBe(200);
  expect(await codeOf('GET', '/tariffs', secret)).toBe('area-missing');
  expect(await codeOf('POST', '/stations', secret, {})).toBe('role-missing');
  expect(await codeOf('GET', '/sessions', `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`)).toBe('token-invalid');
  // T-07: the tenant in the secret's text opens nothing by itself.
  expect(await codeOf('GET', '/sessions', secret.replace('_demo_', '_kota_'))).toBe('token-invalid');
  const listed = ApiKeyPage.parse((await api.call('GET', '/api-keys', admin)).body).items.find((each) => each.id === key.id);
  expect(listed?.lastUsedAt).toBe(api.clock.now.toISOString());
  const { rows } = await api.admin.query<{ all: string }>(`SELECT (SELECT string_agg(k::text, ' ') FROM api_key k) || (SELECT string_agg(a::text, ' ') FROM audit a) AS all`);
  expect(rows[0]!.all).toContain('reports');
  for (const part of [secret, secret.slice(9)]) expect(rows[0]!.all).not.toContain(part);
  expect((await api.call('DELETE', `/api-keys/${key.id}`, admin)).status).toBe(204);
  expect(await codeOf('GET', '/sessions', secret)).toBe('token-invalid');
  expect(await codeOf('DELETE', `/api-keys/${key.id}`, admin)).toBe('not-found');
});

it('a key ends at its time, is asked for within a year and a day and for areas that there are, and what it changes is in the audit under its name', async () => {
  const { secret } = await aKey({ role: 'admin' });
  const made = await api.call('POST', '/drivers', secret, { name: 'By a program' });
  expect(made.status).toBe(201);
  expect(AuditPage.parse((await api.call('GET', '/audit?action=driver&limit=1', admin)).body).items[0]?.actor).toMatch(/^key reports \(api-key [0-9a-f-]{36}\)$/);
  api.clock.now = new Date(api.clock.now.getTime() + 3_600_001);
  expect(await codeOf('GET', '/sessions', secret)).toBe('token-invalid');
  for (const more of [{ expiresAt: api.clock.now.toISOString() }, { expiresAt: new Date(api.clock.now.getTime() + 367 * 86_400_000).toISOString() }, { areas: ['moon'] }, { areas: ['people'] }, { areas: [] }, { role: 'platform' }, { name: '' }]) {
    expect(await codeOf('POST', '/api-keys', admin, { name: 'k', expiresAt: inAnHour(), ...more }), JSON.stringify(more)).toBe('invalid-request');
  }
});

it('T-07 staff of the platform acts for a tenant for a while and a reason, is seen as such, and gives nobody a way in', async () => {
  const staff = await api.tokenFor(null, 'platform');
  expect(await codeOf('GET', '/stations', staff)).toBe('role-missing');
  const answer = await api.call('POST', '/impersonations', staff, { tenant: 'kota', role: 'admin', reason: 'ticket 4711: no bills', minutes: 10 });
  const { impersonation, secret } = ImpersonationStarted.parse(answer.body);
  expect(impersonation).toMatchObject({ tenant: 'kota', role: 'admin', reason: 'ticket 4711: no bills', endedAt: null });
  const me = Me.parse((await api.call('GET', '/me', secret)).body);
  expect(me).toMatchObject({ tenant: 'kota', roles: ['admin'], impersonation: { id: impersonation.id, reason: 'ticket 4711: no bills' } });
  expect(JSON.stringify((await api.call('GET', '/sites', secret)).body)).toContain('Site two');
  expect(JSON.stringify((await api.call('GET', '/sites', secret)).body)).not.toContain('Site one');
  expect((await api.call('POST', '/drivers', secret, { name: 'By staff' })).status).toBe(201);
  expect((await api.call('GET', '/people', secret)).status).toBe(200);
  for (const [path, body] of [['/people', { login: 'spy', name: 'Spy', role: 'admin' }], ['/api-keys', { name: 'spy', expiresAt: inAnHour() }]] as const) expect(await codeOf('POST', path, secret, body)).toBe('sign-in-needed');
  expect(await codeOf('POST', '/impersonations', secret, { tenant: 'demo', reason: 'on and on' })).toBe('role-missing');
  // The tenant reads of it in its own audit: who, why, and what was done under it.
  const audit = AuditPage.parse((await api.call('GET', '/audit', await api.tokenFor('kota', 'admin'))).body).items;
  expect(audit.find((entry) => entry.action === 'impersonation.start')).toMatchObject({ target: impersonation.id, detail: { role: 'admin', reason: 'ticket 4711: no bills' } });
  expect(audit.find((entry) => entry.action === 'driver.register')).toMatchObject({ impersonationId: impersonation.id, actor: expect.stringContaining('platform staff') });

  expect((await api.call('DELETE', '/impersonations/current', secret)).status).toBe(200);
  expect(await codeOf('GET', '/sites', secret)).toBe('token-invalid');
  const second = ImpersonationStarted.parse((await api.call('POST', '/impersonations', staff, { tenant: 'kota', reason: 'ticket 4711', minutes: 1 })).body).secret;
  expect((await api.call('GET', '/sites', second)).status).toBe(200);
  api.clock.now = new Date(api.clock.now.getTime() + 60_001);
  expect(await codeOf('GET', '/sites', second)).toBe('token-invalid');
  for (const more of [{ minutes: 61 }, { reason: 'x' }, { role: 'platform' }]) expect(await codeOf('POST', '/impersonations', staff, { tenant: 'kota', reason: 'long enough', ...more })).toBe('invalid-request');
  expect(await codeOf('POST', '/impersonations', staff, { tenant: 'nowhere', reason: 'long enough' })).toBe('not-found');
  expect(await codeOf('POST', '/impersonations', admin, { tenant: 'kota', reason: 'long enough' })).toBe('role-missing');
});
