import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import { z } from 'zod';

const Keys = z.object({ jwks: z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })).min(1) }), cookieKeys: z.array(z.string()).min(1) });
export type IdentityKeys = z.infer<typeof Keys>;

/** The issuer's RSA key (RS256) and its cookie key, made once in `<dataDir>/keys.json` (mode 0600): tokens and sign-ins outlive a restart. */
export async function identityKeys(dataDir: string): Promise<IdentityKeys> {
  const path = join(dataDir, 'keys.json');
  if (existsSync(path)) {
    const parsed = Keys.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (parsed.success) return parsed.data;
    throw new Error(`${path} does not hold the issuer's keys: delete it to have new ones made`);
  }
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  const keys = Keys.parse({
    jwks: { keys: [{ ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' }] },
    cookieKeys: [randomBytes(32).toString('base64url')],
  });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify(keys), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return keys;
}
