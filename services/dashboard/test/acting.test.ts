import { Me } from '@csms/contracts/http/commerce';
import { Problem } from '@csms/contracts/http/common';
import { createLogger } from '@csms/kit';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../api/test/harness.ts';
import { buildPage } from '../src/build.ts';
import { createIssuer } from '../src/issuer.ts';
import { buildPageServer } from '../src/page-server.ts';

/* The dashboard's server before the real API and the real issuer: who a browser is, staff that acts for a tenant, and the end of every session. */
const url = 'http://127.0.0.1:3500';
let api: TestApi;
let app: FastifyInstance;
const ticking = setInterval(() => { if (api) api.clock.now = new Date(); }, 20);
beforeAll(async () => {
  api = await startTestApi({ withPeople: true });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  await api.site('demo', 'one');
  await api.site('kota', 'two');
  const client = api.identity.clients.find(({ clientId }) => clientId === 'csms-dashboard')!;
  const issuer = createIssuer({ issuer: api.identity.issuer, clientId: client.clientId, clientSecret: client.clientSecret, redirectUri: `${url}/auth/callback`, afterSignOutUrl: `${url}/`, scopes: 'openid profile', lab: true });
  app = await buildPageServer({
    publicUrl: url, apiUrl: `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`, cookieSecret: 'a secret of thirty-two characters', issuer, pageDir: (await buildPage()).pageDir, log: createLogger('dashboard', 'silent'),
  });
});
afterAll(async () => { clearInterval(ticking); await app.close(); await api.close(); });

/** A browser: the dashboard through `inject`, the issuer over its port, cookies of each kept apart. */
function browser() {
  const jars = { page: new Map<string, string>(), issuer: new Map<string, string>() };
  const keep = (jar: Map<string, string>, lines: readonly string[]): void => { for (const line of lines) { const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s); if (value === '' || /01 Jan 1970/.test(line)) jar.delete(name); else jar.set(name, value); } };
  const cookie = (jar: Map<string, string>): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  async function page(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
    const answer = await app.inject({ method, url: path, headers: { cookie: cookie(jars.page), origin: url, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { payload: JSON.stringify(body) }) });
    keep(jars.page, [answer.headers['set-cookie'] ?? []].flat());
    return answer;
  }
  async function signIn(username: string): Promise<void> {
    const { password } = api.identity.accounts.find((account) => account.username === username)!;
    let [address, form]: [string, URLSearchParams | null] = [String((await page('GET', '/sign-in')).headers.location), null];
    for (let hops = 0; hops < 12 && !address.startsWith(url); hops += 1) {
      const answer: Response = await fetch(address, { method: form ? 'POST' : 'GET', body: form, redirect: 'manual', headers: { cookie: cookie(jars.issuer) } });
      keep(jars.issuer, answer.headers.getSetCookie());
      const location = answer.headers.get('location');
      if (location) [address, form] = [new URL(location, address).href, null];
      else [address, form] = [new URL(/action="([^"]+)"/.exec(await answer.text())?.[1]?.replaceAll('&amp;', '&') ?? '', address).href, new URLSearchParams({ username, password })];
    }
    expect((await page('GET', address.slice(url.length))).headers.location).toBe('/');
  }
  return { page, signIn, jar: jars.page };
}
const codeOf = (answer: { body: string }): string => Problem.parse(JSON.parse(answer.body)).code;

it('staff of the platform acts for a tenant with a reason, says so to every screen, and ends it', async () => {
  const { page, signIn, jar } = browser();
  await signIn('platform');
  expect(codeOf(await page('GET', '/api/v1/sites'))).toBe('role-missing');
  expect(codeOf(await page('POST', '/impersonation', { tenant: 'kota', reason: 'x' }))).toBe('invalid-request');
  expect((await page('POST', '/impersonation', { tenant: 'kota', role: 'viewer', reason: 'ticket 4711' })).statusCode).toBe(204);
  expect((await page('GET', '/api/v1/sites')).body).toContain('Site two');
  expect(Me.parse((await page('GET', '/api/v1/me')).json())).toMatchObject({ tenant: 'kota', roles: ['viewer'], impersonation: { reason: 'ticket 4711' } });
  // What opens the books is readable by this server alone.
  expect([...jar.values()].join()).not.toContain('csi_kota_');
  const cookies = new Map(jar);
  expect((await page('DELETE', '/impersonation')).statusCode).toBe(204);
  expect(codeOf(await page('GET', '/api/v1/sites'))).toBe('role-missing');
  // Ended at the API too: the cookie from before opens nothing.
  for (const [name, value] of cookies) jar.set(name, value);
  expect(codeOf(await page('GET', '/api/v1/sites'))).toBe('token-invalid');
});

it('nobody of a tenant acts for another, and no other site begins or ends it', async () => {
  const { page, signIn } = browser();
  await signIn('admin');
  expect(codeOf(await page('POST', '/impersonation', { tenant: 'kota', reason: 'just curious' }))).toBe('role-missing');
  for (const method of ['POST', 'DELETE'] as const) expect((await app.inject({ method, url: '/impersonation', headers: { origin: 'https://evil.example' } })).statusCode).toBe(403);
  expect(codeOf(await app.inject({ method: 'POST', url: '/impersonation', headers: { origin: url, 'content-type': 'application/json' }, payload: '{}' }))).toBe('not-signed-in');
});

it('signing out everywhere ends the sessions of every browser of theirs, and of nobody else', async () => {
  const [laptop, phone, other] = [browser(), browser(), browser()];
  await laptop.signIn('operator');
  await phone.signIn('operator');
  await other.signIn('viewer');
  expect((await phone.page('GET', '/api/v1/sites')).statusCode).toBe(200);
  // Tokens carry whole seconds: those of a sign-in within this very second would be over too.
  expect((await laptop.page('POST', '/sign-out?everywhere=true')).json()).toMatchObject({ location: expect.stringContaining(api.identity.issuer) });
  await expect.poll(async () => (await phone.page('GET', '/api/v1/sites')).statusCode).toBe(401);
  expect((await laptop.page('GET', '/api/v1/sites')).statusCode).toBe(401);
  expect((await other.page('GET', '/api/v1/sites')).statusCode).toBe(200);
});
