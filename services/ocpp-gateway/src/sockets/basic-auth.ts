import { credentialHmac, sameDigest } from '@csms/kit';

/**
 * The password in an Authorization header, or null when the header is not Basic, or names another user than `identity`. The identity may hold
 * colons and the password any bytes (G-32), so the user is compared as a prefix, not split off.
 */
export function readBasicPassword(header: string | undefined, identity: string): Buffer | null {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return null;
  const bytes = Buffer.from(encoded, 'base64');
  const user = Buffer.from(`${identity}:`, 'utf8');
  if (bytes.length < user.length || !bytes.subarray(0, user.length).equals(user)) return null;
  return bytes.subarray(user.length);
}

/** Which of a station's credentials a password matches. */
export type CredentialMatch = 'current' | 'next' | null;

/**
 * Compares a password with a station's credentials in constant time. An unknown station is compared too, with digests that nothing matches, so
 * that time does not tell who exists. A 40-hex AuthorizationKey may come as its 20 bytes (as the 1.6 security whitepaper asks) or as its text.
 */
export function matchCredential(pepper: string, password: Buffer | null, known: { credentialHmac: Uint8Array | null; credentialHmacNext: Uint8Array | null } | null): CredentialMatch {
  const given = password ?? Buffer.alloc(0);
  const digests = spellings(given).map((spelling) => credentialHmac(pepper, spelling));
  const current = anyMatches(digests, known?.credentialHmac ?? nobody);
  const next = anyMatches(digests, known?.credentialHmacNext ?? nobody);
  if (password === null || password.length === 0) return null;
  return current ? 'current' : next ? 'next' : null;
}

const nobody = new Uint8Array(32);

/** The same credential as bytes and as hex digits of either case; always three, so that the work is the same. */
function spellings(password: Buffer): [Uint8Array, Uint8Array, Uint8Array] {
  if (password.length === 20) return [password, Buffer.from(password.toString('hex')), Buffer.from(password.toString('hex').toUpperCase())];
  const text = password.toString('latin1');
  if (/^[0-9a-f]{40}$/i.test(text)) return [password, Buffer.from(text.toLowerCase()), Buffer.from(text, 'hex')];
  return [password, password, password];
}

function anyMatches(digests: Uint8Array[], wanted: Uint8Array): boolean {
  let found = false;
  for (const digest of digests) found = sameDigest(digest, wanted) || found;
  return found;
}
