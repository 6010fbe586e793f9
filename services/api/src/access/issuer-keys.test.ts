import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, expect, it } from 'vitest';
import { openIssuerKeys } from './issuer-keys.ts';
import { createTokenVerifier, type TokenVerifier } from './verify-token.ts';

/* an issuer whose keys change and that falls silent, under a clock of ours. */
const issuer = 'https://issuer.example';
const minute = 60_000;
type Key = Awaited<ReturnType<typeof generateKeyPair>>;
const keys: Record<string, Key> = {};
beforeAll(async () => { for (const kid of ['a', 'b', 'c']) keys[kid] = await generateKeyPair('ES256', { extractable: true }); });

async function anIssuer(...kids: string[]) {
  const state = { kids, asked: 0, isSilent: false, nowMs: Date.parse('2026-11-24T00:00:00Z') };
  const fetchJson = async (url: string): Promise<unknown> => {
    if (url.endsWith('/jwks')) state.asked += 1;
    if (state.isSilent) { state.asked += url.endsWith('/jwks') ? 0 : 1; throw new Error('nobody answers'); }
    if (!url.endsWith('/jwks')) return { issuer, jwks_uri: `${issuer}/jwks` };
    return { keys: await Promise.all(state.kids.map(async (kid) => ({ ...(await exportJWK(keys[kid]!.publicKey)), kid, alg: 'ES256' }))) };
  };
  const nowMs = (): number => state.nowMs;
  const verify: TokenVerifier = createTokenVerifier({ issuer, audience: 'csms-api', nowMs, keys: openIssuerKeys({ issuer, nowMs, fetchJson }) });
  const token = async (kid: string, header: Record<string, unknown> = {}): Promise<string> =>
    new SignJWT({ typ: 'Bearer', tenant: 'demo', resource_access: { 'csms-api': { roles: ['viewer'] } } }).setProtectedHeader({ alg: 'ES256', kid, ...header }).setIssuer(issuer).setAudience('csms-api').setSubject(`of ${kid}`)
      .setIssuedAt(state.nowMs / 1000).setExpirationTime(state.nowMs / 1000 + 300).sign(keys[kid]!.privateKey);
  const verdict = async (text: string): Promise<string> => verify(text).then(({ subject }) => subject, (error: { code?: string }) => String(error.code));
  return { state, token, verdict };
}

it('A-02 a key that the issuer adds is taken at once, and one that it takes away is refused within a minute, also for tokens that were good before', async () => {
  const { state, token, verdict } = await anIssuer('a');
  const before = await token('a');
  expect(await verdict(before)).toBe('of a');
  state.kids = ['a', 'b'];
  state.nowMs += 21_000;
  expect(await verdict(await token('b'))).toBe('of b');
  state.kids = ['b'];
  state.nowMs += 50_000;
  // Whoever comes now is answered by the old keys and makes us look.
  await verdict(await token('b'));
  await expect.poll(async () => verdict(before)).toBe('token-invalid');
  expect(state.nowMs - Date.parse('2026-11-24T00:00:00Z')).toBeLessThan(2 * minute);
});

it('A-02 while the issuer is silent its keys go on for hours; an unknown key is refused, and nobody makes us ask in a storm', async () => {
  const { state, token, verdict } = await anIssuer('a');
  expect(await verdict(await token('a'))).toBe('of a');
  state.isSilent = true;
  for (const hours of [0.5, 1, 3, 12]) {
    state.nowMs = Date.parse('2026-11-24T00:00:00Z') + hours * 60 * minute;
    expect(await verdict(await token('a')), `${hours} h`).toBe('of a');
  }
  const asked = state.asked;
  const verdicts = await Promise.all(Array.from({ length: 500 }, async (_, i) => verdict(await token('c', { kid: `made-up-${i}` }))));
  expect(new Set(verdicts)).toEqual(new Set(['token-invalid']));
  expect(state.asked - asked).toBeLessThanOrEqual(1);
});

it('A-02 an issuer that is silent from the beginning is asked once a second at most, and heard as soon as it speaks', async () => {
  const { state, token, verdict } = await anIssuer('a');
  state.isSilent = true;
  const good = await token('a');
  expect(new Set(await Promise.all(Array.from({ length: 200 }, () => verdict(good))))).toEqual(new Set(['issuer-unavailable']));
  expect(state.asked).toBe(1);
  state.isSilent = false;
  state.nowMs += 1_000;
  expect(await verdict(good)).toBe('of a');
});

it('a token that was good is over when its time is, whatever is remembered of it', async () => {
  const { state, token, verdict } = await anIssuer('a');
  const text = await token('a');
  expect(await verdict(text)).toBe('of a');
  state.nowMs += 299_000;
  expect(await verdict(text)).toBe('of a');
  // Half a minute for clocks that differ, and not a second more.
  state.nowMs += 40_000;
  expect(await verdict(text)).toBe('token-invalid');
});
