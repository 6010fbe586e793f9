import { createHmac, randomBytes } from 'node:crypto';
import { Problem } from '@csms/contracts/http/common';
import { CompactEncrypt, SignJWT, generateKeyPair, exportSPKI, importSPKI, exportJWK, decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './harness.ts';

/* What is no access token of our issuer for us, now, opens nothing. */
let api: TestApi;
beforeAll(async () => { api = await startTestApi(); });
afterAll(async () => { await api.close(); });

const seconds = (offset: number): number => Math.floor(Date.now() / 1000) + offset;
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('A-01 a token that is', () => {
  const forged: [string, () => Promise<string>][] = [
    ['signed by nobody (none)', async () => `${part({ alg: 'none', typ: 'at+jwt' })}.${part(decodeJwt(await api.tokenFor('demo', 'admin')))}.`],
    ['signed by nobody (NONE)', async () => `${part({ alg: 'NONE', typ: 'at+jwt' })}.${part(decodeJwt(await api.tokenFor('demo', 'admin')))}.x`],
    ['changed after it was signed', async () => {
      const [header, , signature] = (await api.tokenFor('demo', 'viewer')).split('.');
      return `${header}.${part({ ...decodeJwt(await api.tokenFor('demo', 'viewer')), tenant: 'kota' })}.${signature}`;
    }],
    ['signed with the public key as a secret (HS256)', async () => {
      const { jwks_uri: keysUrl } = await (await fetch(`${api.identity.issuer}/.well-known/openid-configuration`)).json() as { jwks_uri: string };
      const { keys } = await (await fetch(keysUrl)).json() as { keys: (Record<string, string> & { kid: string })[] };
      const { createPublicKey } = await import('node:crypto');
      const pem = await exportSPKI(await importSPKI(createPublicKey({ key: keys[0]!, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString(), 'RS256', { extractable: true }));
      const head = `${part({ alg: 'HS256', typ: 'at+jwt', kid: keys[0]!.kid })}.${part(decodeJwt(await api.tokenFor('demo', 'admin')))}`;
      return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
    }],
    ['signed with a key that it brings along (jwk)', async () => {
      const { privateKey, publicKey } = await generateKeyPair('RS256');
      return new SignJWT(decodeJwt(await api.tokenFor('demo', 'admin'))).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', jwk: await exportJWK(publicKey) }).sign(privateKey);
    }],
    ['signed with a key that it points to (jku)', async () => {
      const { privateKey } = await generateKeyPair('RS256');
      return new SignJWT(decodeJwt(await api.tokenFor('demo', 'admin'))).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', jku: 'http://127.0.0.1:1/keys', kid: '../../keys' }).sign(privateKey);
    }],
    ['signed by the right key under an algorithm that is not on the list', () => api.forge((_claims, header) => { header.alg = 'RS384'; })],
    ['for another audience', () => api.forge((claims) => { claims.aud = 'another-api'; })],
    ['for no audience', () => api.forge((claims) => { delete claims.aud; })],
    ['of another issuer', () => api.forge((claims) => { claims.iss = 'http://127.0.0.1:1'; })],
    ['over', () => api.forge((claims) => { claims.exp = seconds(-40); })],
    ['without an end', () => api.forge((claims) => { delete claims.exp; })],
    ['not valid yet', () => api.forge((claims) => { claims.nbf = seconds(60); })],
    ['an ID token', () => api.forge((claims, header) => { header.typ = 'JWT'; claims['typ'] = 'ID'; })],
    ['a refresh token', () => api.forge((claims, header) => { header.typ = 'JWT'; claims['typ'] = 'Refresh'; })],
    ['of no kind', () => api.forge((claims, header) => { delete header.typ; delete claims['typ']; })],
    ['of nobody', () => api.forge((claims) => { delete claims.sub; })],
    ['of a tenant that is no name', () => api.forge((claims) => { claims['tenant'] = "demo' OR true --"; })],
    ['of two tenants', () => api.forge((claims) => { claims['tenant'] = ['demo', 'kota']; })],
    ['without its signature', async () => `${(await api.tokenFor('demo', 'admin')).split('.').slice(0, 2).join('.')}.`],
    ['signed with the empty file that its key id points to (HS256)', async () => {
      const head = `${part({ alg: 'HS256', typ: 'at+jwt', kid: '../../../../dev/null' })}.${part(decodeJwt(await api.tokenFor('demo', 'admin')))}`;
      return `${head}.${createHmac('sha256', '').update(head).digest('base64url')}`;
    }],
    ['signed with a key whose certificate it brings (x5c, x5u)', async () => {
      const { privateKey } = await generateKeyPair('ES256');
      return new SignJWT(decodeJwt(await api.tokenFor('demo', 'admin'))).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', x5c: [randomBytes(300).toString('base64')], x5u: 'http://127.0.0.1:1/cert' }).sign(privateKey);
    }],
    ['signed right, and says that more must be understood (crit)', () => api.forge((_claims, header) => { Object.assign(header, { crit: ['admin'], admin: true }); })],
    ['encrypted, not signed', async () => new CompactEncrypt(new TextEncoder().encode(await api.tokenFor('demo', 'admin'))).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(randomBytes(32))],
    ['of an issuer that is ours but for a slash', () => api.forge((claims) => { claims.iss = `${String(claims.iss)}/`; })],
    ['over at a time that is no number', () => api.forge((claims) => { Object.assign(claims, { exp: '9999999999' }); })],
    ['no token', async () => 'not-a-token'],
  ];
  it.each(forged)('%s is refused', async (_what, make) => {
    const answer = await api.call('GET', '/stations', await make());
    expect(answer.status).toBe(401);
    expect(Problem.parse(answer.body).code).toBe('token-invalid');
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="csms"');
  });
});

it('a token by Keycloak, whose kind stands among the claims, is accepted, and clocks may differ by half a minute', async () => {
  const keycloak = await api.forge((claims, header) => { header.typ = 'JWT'; claims['typ'] = 'Bearer'; });
  const late = await api.forge((claims) => { claims.exp = seconds(-20); claims.nbf = seconds(20); });
  for (const token of [keycloak, late]) expect((await api.call('GET', '/me', token)).status).toBe(200);
});

it('roles of other clients, and words that are no roles, count for nothing', async () => {
  const elsewhere = await api.forge((claims) => { Object.assign(claims, { resource_access: { account: { roles: ['admin'] } }, realm_access: { roles: ['admin'] }, roles: ['admin'], scope: 'admin' }); });
  const words = await api.forge((claims) => { Object.assign(claims, { resource_access: { 'csms-api': { roles: ['root', 'ADMIN', 'admin '] } } }); });
  for (const token of [elsewhere, words]) expect((await api.call('GET', '/me', token)).status).toBe(403);
});

it('a token in the URL is no token', async () => {
  const token = await api.tokenFor('demo', 'admin');
  expect((await api.call('GET', `/me?access_token=${token}`, null)).status).toBe(401);
});
