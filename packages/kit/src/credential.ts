import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A charger's password of our making: 160 random bits as 40 hex digits, which is also a 1.6 AuthorizationKey. */
export function newCredential(): string {
  return randomBytes(20).toString('hex');
}

/** HMAC-SHA256 of a credential under the pepper (DESIGN: Charger credentials; a slow hash at connect would be an outage of our own making). */
export function credentialHmac(pepper: string, credential: string | Uint8Array): Buffer {
  return createHmac('sha256', pepper).update(credential).digest();
}

/** Constant-time comparison of two digests. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
