import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startIdentity, type Identity } from '../src/identity/identity.ts';

const dashboardUrl = 'http://127.0.0.1:3500';
const dataDir = join(mkdtempSync(join(tmpdir(), 'csms-identity-')), 'identity');
let identity: Identity;

beforeAll(async () => { identity = await startIdentity({ port: 0, dataDir, dashboardUrl }); });
afterAll(async () => { await identity.close(); });

const secretOf = (id: string) => identity.clients.find((client) => client.clientId === id)!.clientSecret;
const passwordOf = (username: string) => identity.accounts.find((account) => account.username === username)!.password;

async function token(clientId: string, parameters: Record<string, string>): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${identity.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${secretOf(clientId)}`).toString('base64')}` },
    body: new URLSearchParams(parameters),
  });
  return { status: response.status, body: await response.json() as Record<string, string> };
}

/** A browser without a screen: follows redirects inside the issuer and keeps its cookies. */
function browser() {
  const cookies = new Map<string, string>();
  return async function go(url: string, form?: Record<string, string>): Promise<{ url: string; status: number; text: string; headers: Headers }> {
    let target = new URL(url, identity.issuer).href;
    let body = form && new URLSearchParams(form);
    for (let step = 0; step < 10; step++) {
      const response = await fetch(target, { method: body ? 'POST' : 'GET', body, redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = line.split(';')[0]!.split('=');
        if (value) cookies.set(name, value); else cookies.delete(name);
      }
      const location = response.headers.get('location');
      if (!location) return { url: target, status: response.status, text: await response.text(), headers: response.headers };
      target = new URL(location, target).href;
      if (target.startsWith(dashboardUrl)) return { url: target, status: response.status, text: '', headers: response.headers };
      body = undefined;
    }
    throw new Error('the redirects do not end');
  };
}

async function signIn(username: string, password: string, overrides: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const parameters = {
    client_id: 'csms-dashboard', response_type: 'code', scope: 'openid profile', redirect_uri: `${dashboardUrl}/auth/callback`, state: 's',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...overrides,
  };
  const go = browser();
  const login = await go(`/auth?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== ''))}`);
  const action = /action="([^"]+)"/.exec(login.text)?.[1];
  if (!action) return { go, login, end: login, verifier };
  return { go, login, end: await go(action.replaceAll('&amp;', '&'), { username, password }), verifier };
}

it('signs a person in with PKCE and gives an access token with the claims of the Keycloak realm', async () => {
  const { end, verifier } = await signIn('operator', passwordOf('operator'));
  const code = new URL(end.url).searchParams.get('code')!;
  const answer = await token('csms-dashboard', { grant_type: 'authorization_code', code, redirect_uri: `${dashboardUrl}/auth/callback`, code_verifier: verifier });
  expect(answer.status).toBe(200);
  const { payload } = await jwtVerify(answer.body['access_token']!, createRemoteJWKSet(new URL(`${identity.issuer}/jwks`)), { issuer: identity.issuer, audience: 'csms-api', algorithms: ['RS256'] });
  expect(payload).toMatchObject({
    sub: 'operator', aud: 'csms-api', azp: 'csms-dashboard', typ: 'Bearer', tenant: 'demo', groups: ['/tenants/demo'], preferred_username: 'operator',
    resource_access: { 'csms-api': { roles: ['operator'] } },
  });
  expect(payload.exp! - payload.iat!).toBe(300);
  expect(decodeJwt(answer.body['id_token']!)).toMatchObject({ aud: 'csms-dashboard', name: 'Bayu Pratama' });

  const refreshed = await token('csms-dashboard', { grant_type: 'refresh_token', refresh_token: answer.body['refresh_token']! });
  expect(decodeJwt(refreshed.body['access_token']!)).toMatchObject({ tenant: 'demo', aud: 'csms-api' });
  expect(refreshed.body['refresh_token']).not.toBe(answer.body['refresh_token']);
  expect((await token('csms-dashboard', { grant_type: 'refresh_token', refresh_token: answer.body['refresh_token']! })).status).toBe(400);
});

it('shows the form again for a wrong password, in the language of the request', async () => {
  const { login, end } = await signIn('viewer', 'not the password', { ui_locales: 'en' });
  expect(login.text).toContain('<h1>Sign in</h1>');
  expect(login.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(end.status).toBe(401);
  expect(end.text).toContain('does not match');
  expect((await signIn('viewer', 'x', { ui_locales: 'id' })).login.text).toContain('Kata sandi');
});

it('refuses a sign-in without PKCE and a redirect to anywhere else', async () => {
  expect((await signIn('viewer', 'x', { code_challenge: '', code_challenge_method: '' })).end.url).toContain('error=invalid_request');
  const elsewhere = await signIn('viewer', 'x', { redirect_uri: 'http://127.0.0.1:3501/auth/callback' });
  expect(elsewhere.end.status).toBe(400);
});

it('signs out where the dashboard asks for it', async () => {
  const { go, end, verifier } = await signIn('viewer', passwordOf('viewer'));
  const code = new URL(end.url).searchParams.get('code')!;
  const { body } = await token('csms-dashboard', { grant_type: 'authorization_code', code, redirect_uri: `${dashboardUrl}/auth/callback`, code_verifier: verifier });
  const ask = await go(`/session/end?${new URLSearchParams({ id_token_hint: body['id_token']!, post_logout_redirect_uri: `${dashboardUrl}/` })}`);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(ask.text)![1]!;
  expect((await go('/session/end/confirm', { xsrf, logout: 'yes' })).url).toBe(`${dashboardUrl}/`);
});

it('gives the operator the platform role and scripts the tenant and role they ask for', async () => {
  const operator = decodeJwt((await token('csms-operator', { grant_type: 'client_credentials', tenant: 'demo', role: 'admin' })).body['access_token']!);
  expect(operator).toMatchObject({ aud: 'csms-api', resource_access: { 'csms-api': { roles: ['platform'] } } });
  expect(operator['tenant']).toBeUndefined();
  const script = await token('csms-cli', { grant_type: 'client_credentials', tenant: 'kota', role: 'viewer' });
  expect(decodeJwt(script.body['access_token']!)).toMatchObject({ tenant: 'kota', groups: ['/tenants/kota'], resource_access: { 'csms-api': { roles: ['viewer'] } } });
  expect(decodeProtectedHeader(script.body['access_token']!)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
  expect((await token('csms-cli', { grant_type: 'client_credentials', role: 'root' })).status).toBe(400);
  expect((await token('csms-cli', { grant_type: 'client_credentials', role: 'admin' })).status).toBe(400);
  expect((await token('csms-dashboard', { grant_type: 'client_credentials' })).status).toBe(400);
});

it('keeps passwords and keys over a restart, readable by their owner only', async () => {
  const before = { passwords: identity.accounts.map((account) => account.password), jwks: await (await fetch(`${identity.issuer}/jwks`)).text() };
  await identity.close();
  identity = await startIdentity({ port: 0, dataDir, dashboardUrl });
  expect(identity.accounts.map((account) => account.password)).toEqual(before.passwords);
  expect(await (await fetch(`${identity.issuer}/jwks`)).text()).toBe(before.jwks);
  for (const file of ['secrets.json', 'keys.json']) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
});
