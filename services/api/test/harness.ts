import { openBus, openReplyDesk } from '@csms/bus';
import type { Bus } from '@csms/domain';
import { createLogger, uuidv7 } from '@csms/kit';
import { inTenant, openCommandLedger } from '@csms/store';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import { openFolderFiles } from '@csms/store/uploads/folder-files';
import { SignJWT, decodeJwt, importJWK, type JWTPayload } from 'jose';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { startIdentity, type Identity } from '../../../tools/local/src/identity/identity.ts';
import { openLocalDirectory } from '../src/people/local-directory.ts';
import { buildApp, createTokenVerifier, type Api, type ApiParts } from '../src/index.ts';

export interface Answer { status: number; body: unknown; headers: Record<string, string> }

export interface TestApi {
  app: Api;
  database: TestDatabase;
  pool: pg.Pool;
  /** A superuser's connection: what is really in the tables. */
  admin: pg.Pool;
  identity: Identity;
  /** Where files lie, and the address that stations are given: set it where a test listens. */
  files: ApiParts['files'];
  bus: Bus;
  clock: { now: Date };
  tokenFor(tenant: string | null, role: string): Promise<string>;
  /** A token with claims of our choice under the real issuer's own key. */
  forge(change: (claims: JWTPayload, header: { alg: string; kid?: string; typ?: string }) => void): Promise<string>;
  /** What somebody's program, or staff that acts for a tenant, comes with instead of a token. */
  secretFor(kind: 'api-key' | 'impersonation', tenant: string, role: string): Promise<string>;
  call(method: string, path: string, token: string | null, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Runs statements as a tenant. */
  inTenant<T>(tenant: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /** A tenant with a site, through the API as the operator does it. */
  site(tenant: string, name: string, more?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

const Keys = z.object({ jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())).min(1) }) });
export const SiteAnswer = z.object({ id: z.string() });

/** As a gateway has them that was started with the same pepper and nothing else. */
export const testCards = cardKeysOfPepper('a-pepper-for-tests-only');

/**
 * The API over a real PostgreSQL, the real issuer and the PostgreSQL bus, in this process; no port is opened unless a test listens. `withPeople`: the issuer keeps its
 * accounts for the API, and is asked about a caller before what cannot be taken back.
 */
export async function startTestApi(options: Partial<Pick<ApiParts, 'mode' | 'lab' | 'limits' | 'corsOrigins' | 'log' | 'files'>> & { withPeople?: boolean } = {}): Promise<TestApi> {
  const dataDir = mkdtempSync(join(tmpdir(), 'csms-api-'));
  const log = options.log ?? createLogger('api-test', 'silent');
  const [database, identity] = await Promise.all([startTestDatabase(), startIdentity({ port: 0, dataDir, dashboardUrl: 'http://127.0.0.1:3500' })]);
  const pool = new pg.Pool({ connectionString: database.appUrl, max: 6 });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  for (const each of [pool, admin]) each.on('error', () => undefined);
  const bus = await openBus({ databaseUrl: database.busUrl, log });
  const replies = await openReplyDesk(bus, `api-${uuidv7()}`);
  const clock = { now: new Date() };
  const files = options.files ?? { store: openFolderFiles(join(dataDir, 'files')), stationUrl: 'http://127.0.0.1:8080/api/v1' };
  const app = await buildApp({
    pool, bus, replies, cards: testCards, ledger: openCommandLedger({ pool, cards: testCards }), newId: uuidv7, now: () => clock.now, log,
    verify: createTokenVerifier({ issuer: identity.issuer, audience: 'csms-api' }),
    mode: 'lab', pepper: 'a-pepper-for-tests-only', ocppEndpoint: 'ws://127.0.0.1:9220/ocpp', lab: null, corsOrigins: ['https://pages.example'], trustedProxies: [],
    files, 
    people: options.withPeople === true ? openLocalDirectory({ url: identity.issuer, clientId: 'csms-api', clientSecret: identity.clients.find(({ clientId }) => clientId === 'csms-api')!.clientSecret }) : null,
    limits: { perToken: 100_000, perAddress: 100_000 }, ...options,
  });
  await app.ready();

  const client = identity.clients.find(({ clientId }) => clientId === 'csms-cli')!;
  const tokens = new Map<string, string>();
  const tokenFor = async (tenant: string | null, role: string): Promise<string> => {
    const key = `${tenant}/${role}`;
    const kept = tokens.get(key);
    if (kept !== undefined) return kept;
    const answer = await fetch(`${identity.issuer}/token`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', role, ...(tenant === null ? {} : { tenant }) }),
    });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
    tokens.set(key, token);
    return token;
  };
  const forge: TestApi['forge'] = async (change) => {
    const { jwks } = Keys.parse(JSON.parse(readFileSync(join(dataDir, 'keys.json'), 'utf8')));
    const jwk = jwks.keys[0]!;
    const claims = decodeJwt(await tokenFor('demo', 'admin'));
    const header: { alg: string; kid?: string; typ?: string } = { alg: 'RS256', kid: String(jwk['kid']), typ: 'at+jwt' };
    change(claims, header);
    return new SignJWT(claims).setProtectedHeader(header).sign(await importJWK({ ...jwk, alg: header.alg }, header.alg), { crit: { admin: true } });
  };
  const secretFor: TestApi['secretFor'] = async (kind, tenant, role) => {
    const made = kind === 'api-key'
      ? await call('POST', '/api-keys', await tokenFor(tenant, 'admin'), { name: `key of ${role}`, role, expiresAt: new Date(clock.now.getTime() + 86_400_000).toISOString() })
      : await call('POST', '/impersonations', await tokenFor(null, 'platform'), { tenant, role, reason: 'they asked for help', minutes: 60 });
    return z.object({ secret: z.string() }).parse(made.body).secret;
  };
  const call: TestApi['call'] = async (method, path, token, body, headers = {}) => {
    const answer = await app.inject({
      method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).parse(method), url: `/api/v1${path}`,
      headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? null : /json/.test(String(answer.headers['content-type'])) ? JSON.parse(answer.body) : answer.body, headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)])) };
  };
  const site: TestApi['site'] = async (tenant, name, more = {}) => SiteAnswer.parse((await call('PUT', `/sites/by-resource/${tenant}/${name}`, await tokenFor(null, 'platform'), { ...siteOf(tenant), displayName: `Site ${name}`, ...more })).body).id;

  return {
    app, database, pool, admin, identity, files, bus, clock, tokenFor, forge, secretFor, call, site, inTenant: (tenant, work) => inTenant(pool, tenant, work),
    async close() {
      await app.close();
      await replies.close();
      await bus.close();
      await Promise.all([pool.end(), admin.end()]);
      await Promise.all([identity.close(), database.close()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What the operator sends of a site. */
export function siteOf(tenant: string): Record<string, unknown> {
  return { tenant, displayName: 'A site', latitude: -6.9, longitude: 107.6, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: 100_000, heartbeatIntervalS: 60, spec: {} };
}
