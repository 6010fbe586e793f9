import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { openIssuerKeys } from '../access/issuer-keys.ts';
import { createTokenVerifier } from '../access/verify-token.ts';

/*
 * Prints what a look at a token costs in CPU (user and system, all threads of this process): `measure-tokens.ts <rounds>` for load-tests/src/tokens-bench.ts.
 * Tokens are as Keycloak gives them with our mappers, 2048-bit RSA, a thousand of them so that no single one is lucky.
 */
const rounds = Number(process.argv[2] ?? 5);
const [tokens, looks] = [1_000, 50_000];
const issuer = 'https://issuer.example/realms/csms';
const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
const jwk = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256', use: 'sig' };
const keys = openIssuerKeys({ issuer, fetchJson: async (url) => (url.endsWith('/jwks') ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` }) });
const made = await Promise.all(Array.from({ length: tokens }, (_, i) => new SignJWT({
  typ: 'Bearer', azp: 'csms-dashboard', sid: `session-${i}`, scope: 'openid profile email', name: 'Ayu Lestari', preferred_username: `ayu-${i}@demo`, tenant: 'demo', groups: ['/tenants/demo'], resource_access: { 'csms-api': { roles: ['operator'] } },
}).setProtectedHeader({ alg: 'RS256', kid: 'bench', typ: 'JWT' }).setIssuer(issuer).setAudience('csms-api').setSubject(`subject-${i}`).setIssuedAt().setExpirationTime('1h').sign(privateKey)));

async function cpuMicrosecondsOf(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i += 1) await work(i);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

const measured: { firstMicroseconds: number[]; seenMicroseconds: number[] } = { firstMicroseconds: [], seenMicroseconds: [] };
for (let round = 0; round <= rounds; round += 1) {
  const verify = createTokenVerifier({ issuer, audience: 'csms-api', keys });
  const first = await cpuMicrosecondsOf(tokens, (i) => verify(made[i] ?? ''));
  const seen = await cpuMicrosecondsOf(looks, (i) => verify(made[i % tokens] ?? ''));
  // The first round warms up.
  if (round === 0) continue;
  measured.firstMicroseconds.push(first);
  measured.seenMicroseconds.push(seen);
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
