import { prototypeRoutes } from '@csms/contracts/http/legacy';
import { routes, type RouteEntry } from '@csms/contracts/http/routes';
import { Problem } from '@csms/contracts/http/common';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apiPage } from '../src/reference/api-page.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* The table of routes against what is served: each route with each kind of caller, and nothing beside it. */
let api: TestApi;
let production: TestApi;
const outsiders = { expired: '', elsewhere: '', noKey: `csk_demo_${'x'.repeat(43)}` };
const secrets: Record<string, string> = {};
beforeAll(async () => {
  [api, production] = await Promise.all([startTestApi(), startTestApi({ mode: 'production' })]);
  await api.site('demo', 'matrix');
  outsiders.expired = await api.forge((claims) => { claims.exp = Math.floor(Date.now() / 1000) - 60; });
  outsiders.elsewhere = await api.forge((claims) => { claims.aud = 'account'; });
  for (const kind of ['api-key', 'impersonation'] as const) for (const role of ['viewer', 'admin']) secrets[`${kind}/${role}`] = await api.secretFor(kind, 'demo', role);
});
afterAll(async () => { await api.close(); await production.close(); });

const table: readonly RouteEntry[] = [...routes, ...prototypeRoutes];
const missing = '00000000-0000-7000-8000-000000000000';
const pathOf = (route: RouteEntry): string => route.path.replace(':namespace', 'none').replace(':name', 'none').replace(/:\w+/g, missing);
const rank = { viewer: 1, operator: 2, admin: 3 } as const;
type Caller = keyof typeof rank | 'platform';
const mayCall = (route: RouteEntry, caller: Caller): boolean => {
  if (caller === 'platform') return route.role === 'platform' || route.staffToo === true;
  return route.role !== 'platform' && route.role !== 'public' && rank[caller] >= rank[route.role];
};

describe.each(table.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', (_title, route) => {
  // The stream answers for as long as its token lives; who may open it is tried in events.test.ts as well.
  const isStream = route.path === '/events';

  // What is public answers strangers as everybody: of a thing that is none, that there is none.
  if (route.role === 'public') {
    it.each(['nobody', 'viewer', 'platform'] as const)('%s: needs no role', async (caller) => {
      const token = caller === 'nobody' ? null : await api.tokenFor(caller === 'platform' ? null : 'demo', caller);
      expect((await api.call(route.method, pathOf(route), token, route.method === 'PUT' ? {} : undefined)).status).toBe(404);
    });
    return;
  }

  const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : {};
  const answers = (status: number): void => { expect([200, 204, 400, 404, 501, 502], `${route.method} ${route.path}`).toContain(status); };
  const refuses = async (token: string | null, status: number, code: string): Promise<void> => {
    const answer = await api.call(route.method, pathOf(route), token, body);
    expect([answer.status, Problem.parse(answer.body).code]).toEqual([status, code]);
  };

  it('T-04 nobody, an old token and one for somebody else: 401', async () => {
    await refuses(null, 401, 'token-missing');
    await refuses(outsiders.expired, 401, 'token-invalid');
    await refuses(outsiders.elsewhere, 401, 'token-invalid');
    await refuses(outsiders.noKey, 401, 'token-invalid');
  });

  it.each(['viewer', 'operator', 'admin', 'platform'] as const)('T-04 %s: as the table says', async (caller) => {
    // A subject for each route: one of them signs its caller out of everything.
    const token = await api.forge((claims) => {
      Object.assign(claims, { sub: `${caller} at ${route.method} ${route.path}`, resource_access: { 'csms-api': { roles: [caller] } } });
      if (caller === 'platform') delete claims['tenant'];
    });
    if (!mayCall(route, caller)) return refuses(token, 403, 'role-missing');
    if (!isStream) answers((await api.call(route.method, pathOf(route), token, body)).status);
    return undefined;
  });

  it.each(['viewer', 'admin'] as const)('T-04 a program with a key of the role %s, and staff that acts as one: never more than that role, and no way in for others', async (caller) => {
    for (const kind of ['api-key', 'impersonation'] as const) {
      const secret = secrets[`${kind}/${caller}`]!;
      if (!mayCall(route, caller)) await refuses(secret, 403, 'role-missing');
      else if (route.isForPeople && (kind === 'api-key' || route.method !== 'GET')) await refuses(secret, 403, 'sign-in-needed');
      // Ending it is tried where it was begun for that alone (people.test.ts).
      else if (!isStream && !(kind === 'impersonation' && route.path === '/impersonations/current')) answers((await api.call(route.method, pathOf(route), secret, body)).status);
    }
  });
});

it('serves the table, its own description, the page to read it, and no other route', async () => {
  const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse((await api.call('GET', '/openapi.json', null)).body);
  const described = Object.entries(document.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1', '').replaceAll(/\{(\w+)\}/g, ':$1')}`));
  expect(described.sort()).toEqual(table.map((route) => `${route.method} ${route.path}`).sort());
  // fastify's own list, so that an undescribed route cannot hide.
  const served = api.app.printRoutes({ commonPrefix: false }).split('\n').map((line) => /^[│ ├└─]*(\/\S*) \((.+)\)$/.exec(line)).filter((match) => match !== null)
    .flatMap(([, path, methods]) => methods!.split(', ').map((method) => `${method} ${path}`));
  const beside = served.filter((route) => !route.startsWith('OPTIONS ') && !route.includes('/api/docs') && route !== 'GET /api/v1/openapi.json').length;
  // The prototype's are at the root as well, and are described once.
  expect(beside).toBe(table.length + prototypeRoutes.length);
  expect((await api.app.inject({ url: '/api/docs/' })).statusCode).toBe(200);
});

it('the page of routes is the one that the served description prints', async () => {
  const printed = readFileSync(new URL('../../../docs/reference/api.md', import.meta.url), 'utf8');
  expect(printed).toBe(apiPage((await api.call('GET', '/openapi.json', null)).body));
});

it('has no lab in production', async () => {
  const nowhere = await production.call('GET', '/nowhere', await production.tokenFor('demo', 'admin'));
  for (const route of table.filter(({ labOnly }) => labOnly)) {
    const answer = await production.call(route.method, route.path, await production.tokenFor('demo', 'admin'), route.method === 'POST' ? { action: 'stop-bus' } : undefined);
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual(nowhere.body);
  }
});

it('A-04 A-05 refuses unknown fields, long bodies, wrong kinds of body and foreign cursors, each with its code', async () => {
  const token = await api.tokenFor('demo', 'admin');
  const codeOf = async (...args: Parameters<TestApi['call']>) => { const answer = await api.call(...args); return [answer.status, Problem.parse(answer.body).code]; };
  expect(await codeOf('POST', '/tokens', token, { uid: 'A1', colour: 'red' })).toEqual([400, 'invalid-request']);
  expect(await codeOf('GET', '/stations?colour=red', token)).toEqual([400, 'invalid-request']);
  expect(await codeOf('GET', '/sessions?limit=501', token)).toEqual([400, 'invalid-request']);
  expect(await codeOf('GET', '/sessions?cursor=nonsense', token)).toEqual([400, 'invalid-cursor']);
  const ofSites = Buffer.from(JSON.stringify(['x', missing])).toString('base64url');
  expect(await codeOf('GET', `/sessions?cursor=${ofSites}`, token)).toEqual([400, 'invalid-cursor']);
  expect(await codeOf('POST', '/tokens', token, { uid: 'A1', driverName: 'x'.repeat(1_100_000) })).toEqual([413, 'body-too-large']);
  expect(await codeOf('POST', '/tokens', token, { uid: 'A1' }, { 'content-type': 'text/plain' })).toEqual([415, 'media-type-unsupported']);
  expect(await codeOf('GET', '/sites/%zz', token)).toEqual([400, 'invalid-request']);
  const broken = await api.app.inject({ method: 'POST', url: '/api/v1/tokens', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, payload: '{"uid":' });
  expect(Problem.parse(broken.json()).code).toBe('unreadable-body');
  expect(await codeOf('POST', '/tokens', token, { uid: 'A\u0000' })).toEqual([400, 'invalid-request']);
});

it('A-04 limits the requests of one holder, and the refused ones of one address, and says when to come again', async () => {
  const limited = await startTestApi({ limits: { perToken: 3, perAddress: 3 } });
  try {
    const token = await limited.tokenFor('demo', 'viewer');
    const [ok, refused] = await Promise.all([token, null].map(async (each) => {
      const answers = [];
      for (let i = 0; i < 4; i++) answers.push(await limited.call('GET', '/me', each));
      return answers;
    }));
    expect(ok!.map((answer) => answer.status)).toEqual([200, 200, 200, 429]);
    expect(refused!.map((answer) => answer.status)).toEqual([401, 401, 401, 429]);
    expect(Number(ok![3]!.headers['retry-after'])).toBeGreaterThan(0);
    // One holder's limit is nobody else's.
    expect((await limited.call('GET', '/me', await limited.tokenFor('kota', 'viewer'))).status).toBe(200);
  } finally {
    await limited.close();
  }
});

it('A-05 no route takes a field or a parameter that it does not know', async () => {
  const [admin, platform] = [await api.tokenFor('demo', 'admin'), await api.tokenFor(null, 'platform')];
  for (const route of table.filter(({ role }) => role !== 'public')) {
    const token = route.role === 'platform' ? platform : admin;
    const asked = await api.call(route.method, `${pathOf(route)}?colour=red`, token, route.method === 'GET' || route.method === 'DELETE' ? undefined : {});
    expect([asked.status, Problem.parse(asked.body).code], `${route.method} ${route.path}`).toEqual([400, 'invalid-request']);
  }
  const Operation = z.looseObject({ requestBody: z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })) }).optional() });
  const document = z.object({ paths: z.record(z.string(), z.record(z.string(), Operation)) }).parse((await api.call('GET', '/openapi.json', null)).body);
  const bodies = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).flatMap(([method, { requestBody }]) => {
    const schema = requestBody?.content['application/json']?.schema;
    return schema === undefined ? [] : [{ route: `${method} ${path}`, closed: isClosed(schema) }];
  }));
  expect(bodies.length).toBeGreaterThan(20);
  expect(bodies.filter(({ closed }) => !closed)).toEqual([]);
});

/** An object that takes no other fields, or a choice of such. */
function isClosed(schema: unknown): boolean {
  const { additionalProperties, oneOf, anyOf } = z.looseObject({ additionalProperties: z.unknown().optional(), oneOf: z.array(z.unknown()).optional(), anyOf: z.array(z.unknown()).optional() }).parse(schema);
  const choices = oneOf ?? anyOf;
  return choices === undefined ? additionalProperties === false : choices.every(isClosed);
}

it('A-06 every answer of every route carries the same headers against frames, sniffing, plain http and caches', async () => {
  for (const route of table) {
    const { headers } = await production.call(route.method, pathOf(route), null, route.method === 'GET' || route.method === 'DELETE' ? undefined : {}, { origin: 'https://evil.example' });
    expect(headers, `${route.method} ${route.path}`).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'", 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'x-frame-options': 'SAMEORIGIN', 'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-site',
    });
    for (const name of ['access-control-allow-origin', 'access-control-allow-credentials', 'set-cookie', 'x-powered-by', 'server']) expect(headers, `${route.method} ${route.path}`).not.toHaveProperty(name);
  }
});

it('A-06 lets the pages on the list call, and no other, and closes every answer to frames and sniffing', async () => {
  const token = await api.tokenFor('demo', 'viewer');
  const known = await api.call('GET', '/me', token, undefined, { origin: 'https://pages.example' });
  expect(known.headers['access-control-allow-origin']).toBe('https://pages.example');
  expect(known.headers).not.toHaveProperty('access-control-allow-credentials');
  const stranger = await api.call('GET', '/me', token, undefined, { origin: 'https://evil.example' });
  expect(stranger.headers).not.toHaveProperty('access-control-allow-origin');
  expect(known.headers).toMatchObject({ 'content-security-policy': "default-src 'none';frame-ancestors 'none'", 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' });
  expect((await production.call('GET', '/me', null)).headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
});
