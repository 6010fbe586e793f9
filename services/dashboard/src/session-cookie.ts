import { hkdfSync } from 'node:crypto';
import { CompactEncrypt, compactDecrypt } from 'jose';
import { z } from 'zod';

/** What a signed-in browser carries, readable by this server alone. Times are milliseconds since 1970. */
export const SignedIn = z.object({
  subject: z.string(),
  accessToken: z.string(),
  accessExpiresAtMs: z.number(),
  refreshToken: z.string().nullable(),
  idToken: z.string().nullable(),
});
export type SignedIn = z.infer<typeof SignedIn>;

/** What must survive the trip to the issuer and back (RFC 6749 10.12, RFC 7636, OIDC Core 3.1.2.1). */
export const SignInAttempt = z.object({ state: z.string(), nonce: z.string(), codeVerifier: z.string(), returnTo: z.string(), startedAtMs: z.number() });
export type SignInAttempt = z.infer<typeof SignInAttempt>;

/** Browsers drop a cookie above 4096 bytes with its name and attributes; three tokens of a Keycloak realm are longer than that. */
const chunkCharsMax = 3_600;
const chunksMax = 6;

export interface CookieVault {
  /** Cookie values by name: one entry a chunk, and empty ones (to be cleared) for the chunks that an older, longer value may have left. */
  seal(name: string, value: unknown): Promise<{ name: string; value: string }[]>;
  /** The value that was sealed under this name, or null when there is none, it was altered, or another key made it. */
  open<T>(name: string, schema: z.ZodType<T>, cookies: Record<string, string | undefined>): Promise<T | null>;
  /** The names to clear. */
  names(name: string): string[];
}

/**
 * Seals values into cookies with A256GCM under a key derived (HKDF-SHA256) from the secret. The cookie's name goes into the protected
 * header, so that one cookie's value is of no use under another name.
 */
export function createCookieVault(secret: string): CookieVault {
  const key = new Uint8Array(hkdfSync('sha256', secret, 'csms-dashboard', 'cookie A256GCM', 32));
  const chunkNames = (name: string): string[] => Array.from({ length: chunksMax }, (_, index) => `${name}.${index}`);
  return {
    names: chunkNames,
    async seal(name, value) {
      const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(value))).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', purpose: name }).encrypt(key);
      if (sealed.length > chunkCharsMax * chunksMax) throw new Error('the tokens of this issuer do not fit into cookies');
      return chunkNames(name).map((chunkName, index) => ({ name: chunkName, value: sealed.slice(index * chunkCharsMax, (index + 1) * chunkCharsMax) }));
    },
    async open(name, schema, cookies) {
      const sealed = chunkNames(name).map((chunkName) => cookies[chunkName] ?? '').join('');
      if (sealed === '') return null;
      try {
        const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] });
        if (protectedHeader['purpose'] !== name) return null;
        return schema.parse(JSON.parse(new TextDecoder().decode(plaintext)));
      } catch {
        return null;
      }
    },
  };
}
