import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@csms/kit';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startIdentity, type Identity } from '../../../tools/local/src/identity/identity.ts';
import { buildPage } from '../src/build.ts';
import { createIssuer } from '../src/issuer.ts';
import { buildPageServer } from '../src/page-server.ts';

/*
 * The dashboard's server with the real local issuer and an API that only records: who may pass, with which token, and what is passed on.
 */
let identity: Identity;
let dataDir: string;
let app: FastifyInstance;
let url: string;
let apiUrl: string;
let nowMs = Date.now();
const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
let endStream: (() => void) | null = null;
let streamLeft: Promise<void> | null = null;

const api = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
    if (request.url?.startsWith('/api/v1/events')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\nevent: change\ndata: {}\n\n');
      streamLeft = new Promise((resolve) => response.once('close', resolve));
      endStream = () => response.end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'of-the-api=1', 'x-powered-by': 'secret' }).end('{"ok":true}');
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const { pageDir } = await buildPage();
  dataDir = mkdtempSync(join(tmpdir(), 'csms-page-'));
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  url = `http://127.0.0.1:${port}`;
  identity = await startIdentity({ port: 0, dataDir, dashboardUrl: url });
  app = await buildPageServer({ publicUrl: url, apiUrl, cookieSecret: 'a secret of thirty-two characters', issuer: issuerAt(identity.issuer), pageDir, log: createLogger('dashboard', 'silent'), nowMs: () => nowMs });
  await app.listen({ port, host: '127.0.0.1' });
});
afterAll(async () => {
  endStream?.();
  await app?.close();
  await identity?.close();
  rmSync(dataDir, { recursive: true, force: true });
  await new Promise<void>((resolve) => { api.close(() => resolve()); api.closeAllConnections(); });
});

function issuerAt(issuer: string): ReturnType<typeof createIssuer> {
  const client = identity.clients.find((each) => each.clientId === 'csms-dashboard');
  return createIssuer({ issuer, clientId: 'csms-dashboard', clientSecret: client?.clientSecret ?? '', redirectUri: `${url}/auth/callback`, afterSignOutUrl: `${url}/`, scopes: 'openid profile', lab: true });
}

/** A browser's cookies, kept by name; what a redirect sets is kept, what it clears is gone. */
class Jar {
  readonly cookies = new Map<string, string>();
  async fetch(address: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(address, { redirect: 'manual', ...init, headers: { ...init.headers, cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (pair.slice(at + 1) === '' || /expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }
}

async function signIn(jar: Jar, returnTo = '/'): Promise<string> {
  const operator = identity.accounts.find((account) => account.username === 'operator');
  let response = await jar.fetch(`${url}/sign-in?return=${encodeURIComponent(returnTo)}`);
  for (let hops = 0; hops < 12; hops += 1) {
    const location = response.headers.get('location');
    if (location) {
      const next = new URL(location, response.url);
      if (next.origin === url && next.pathname !== '/auth/callback') return next.pathname + next.search;
      response = await jar.fetch(next.href);
      continue;
    }
    const html = await response.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1] ?? response.url;
    const body = new URLSearchParams({ username: 'operator', password: operator?.password ?? '' });
    for (const [, name = '', value = ''] of html.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)) body.set(name, value);
    response = await jar.fetch(new URL(action, response.url).href, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', origin: identity.issuer } });
  }
  throw new Error('signing in does not end');
}

it('signs in by code and PKCE, and the page never sees a token', async () => {
  const jar = new Jar();
  const first = await jar.fetch(`${url}/sign-in?return=//evil.example`);
  const authorization = new URL(first.headers.get('location') ?? '');
  expect(Object.fromEntries(authorization.searchParams)).toMatchObject({ response_type: 'code', code_challenge_method: 'S256', redirect_uri: `${url}/auth/callback` });
  expect(await signIn(jar, '/stations?status=Faulted')).toBe('/stations?status=Faulted');
  const session = [...jar.cookies].filter(([name]) => name.startsWith('csms_session'));
  expect(session.length).toBeGreaterThan(0);
  const answer = await jar.fetch(`${url}/api/v1/me`);
  expect(await answer.json()).toEqual({ ok: true });
  const passed = seen.at(-1);
  expect(passed?.headers.authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  expect(passed?.headers.cookie).toBeUndefined();
  expect(session.map(([, value]) => value).join('')).not.toContain(passed?.headers.authorization?.slice(7) ?? '-');
  expect(answer.headers.get('x-powered-by')).toBeNull();
  expect(answer.headers.getSetCookie().join()).not.toContain('of-the-api');
});

it('sets HttpOnly, SameSite=Lax cookies, and on https Secure ones that are bound to the host', async () => {
  const insecure = await fetch(`${url}/sign-in`, { redirect: 'manual' });
  expect(insecure.headers.getSetCookie()[0]).toMatch(/^csms_sign_in\.0=.*; Max-Age=900; Path=\/; HttpOnly; SameSite=Lax$/);
  const secure = await buildPageServer({ publicUrl: 'https://bandung.example.com', apiUrl, cookieSecret: 'a secret of thirty-two characters', issuer: issuerAt(identity.issuer), pageDir: (await buildPage()).pageDir, log: createLogger('dashboard', 'silent') });
  const response = await secure.inject('/sign-in');
  expect(response.headers['set-cookie']?.[0]).toMatch(/^__Host-csms_sign_in\.0=.*; Max-Age=900; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(response.headers['strict-transport-security']).toContain('max-age=31536000');
  await secure.close();
});

it('lets nobody change anything from another site', async () => {
  const jar = new Jar();
  await signIn(jar);
  const before = seen.length;
  const post = (headers: Record<string, string>): Promise<Response> => jar.fetch(`${url}/api/v1/stations/1/commands`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', ...headers } });
  const foreign: Record<string, string>[] = [{}, { origin: 'https://evil.example' }, { origin: url, 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];
  for (const headers of foreign) {
    const response = await post(headers);
    expect([response.status, (await response.json() as { code: string }).code]).toEqual([403, 'cross-origin-request']);
  }
  expect((await jar.fetch(`${url}/api/v1/events`, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  expect((await jar.fetch(`${url}/sign-out`, { method: 'POST', headers: { origin: 'https://evil.example' } })).status).toBe(403);
  expect(seen.length).toBe(before);
  expect((await post({ origin: url, 'idempotency-key': 'k' })).status).toBe(200);
  expect(seen.at(-1)).toMatchObject({ method: 'POST', body: '{}', headers: { 'idempotency-key': 'k' } });
});

it('renews the token once for requests that come together, and each of them passes', async () => {
  const jar = new Jar();
  await signIn(jar);
  await jar.fetch(`${url}/api/v1/me`);
  const old = seen.at(-1)?.headers.authorization;
  const cookie = [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  nowMs = Date.now() + 10 * 60_000;
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => fetch(`${url}/api/v1/me`, { headers: { cookie } })));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expect(answers.every((answer) => answer.headers.getSetCookie().some((line) => line.startsWith('csms_session.0=')))).toBe(true);
  const tokens = new Set(seen.slice(-5).map((each) => each.headers.authorization));
  expect(tokens.size).toBe(1);
  expect(tokens.has(old)).toBe(false);
  nowMs = Date.now();
});

it('passes the event stream on as it comes, with pings between events, and hangs up when the browser does', async () => {
  const jar = new Jar();
  await signIn(jar);
  const leaving = new AbortController();
  const response = await jar.fetch(`${url}/api/v1/events`, { signal: leaving.signal, headers: { 'last-event-id': '41' } });
  expect(seen.at(-1)?.headers['last-event-id']).toBe('41');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('event: ping')) text += (await reader?.read())?.value ?? '';
  expect(text).toMatch(/^retry: 500\n\nid: 1\nevent: change\ndata: \{\}\n\n(event: ping\ndata: \{\}\n\n)+$/);
  leaving.abort();
  await streamLeft;
});

it('answers a problem, never a page, when nobody is signed in', async () => {
  const response = await fetch(`${url}/api/v1/me`);
  expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/problem+json; charset=utf-8']);
  expect(await response.json()).toMatchObject({ code: 'not-signed-in', traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
});

it('signs out here and at the issuer', async () => {
  const jar = new Jar();
  await signIn(jar);
  const response = await jar.fetch(`${url}/sign-out`, { method: 'POST', headers: { origin: url } });
  const { location } = await response.json() as { location: string };
  expect(new URL(location).origin).toBe(identity.issuer);
  expect(new URL(location).searchParams.get('post_logout_redirect_uri')).toBe(`${url}/`);
  expect([...jar.cookies.keys()].some((name) => name.startsWith('csms_session'))).toBe(false);
  expect((await jar.fetch(`${url}/api/v1/me`)).status).toBe(401);
});

it('shows its own page with a clear sentence when the issuer or the API is away', async () => {
  const { pageDir } = await buildPage();
  const lonely = await buildPageServer({ publicUrl: url, apiUrl: 'http://127.0.0.1:9', cookieSecret: 'a secret of thirty-two characters', issuer: issuerAt('http://127.0.0.1:9'), pageDir, log: createLogger('dashboard', 'silent') });
  const response = await lonely.inject('/sign-in');
  expect([response.statusCode, response.headers.location]).toEqual([303, '/?sign-in=unavailable']);
  const jar = new Jar();
  await signIn(jar);
  const away = await lonely.inject({ url: '/api/v1/me', headers: { cookie: [...jar.cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
  expect([away.statusCode, away.json<{ code: string }>().code]).toEqual([502, 'api-unreachable']);
  await lonely.close();
});

it('serves a page whose policy allows no inline script, no inline style and no eval', async () => {
  const response = await fetch(`${url}/sessions/whatever`);
  const html = await response.text();
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).not.toContain('unsafe');
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  expect(html).toContain(`content="${nonce}"`);
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|\son\w+=/);
  expect((await fetch(`${url}/sessions/whatever`)).headers.get('content-security-policy')).not.toBe(policy);
});
