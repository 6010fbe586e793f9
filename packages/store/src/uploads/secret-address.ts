import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The secret in the address of one upload or one firmware file: an HMAC over its 16 random bytes and its id. It is made anew where it is needed, so the
 * same command can be asked again, and the books alone open no file.
 */
export function secretOf(pepper: string, file: { tenantId: string; id: string; nonce: Uint8Array }): string {
  return createHmac('sha256', `station files ${pepper}`).update(file.nonce).update(`${file.tenantId}/${file.id}`).digest('base64url').slice(0, 32);
}

export function isSecretOf(pepper: string, file: { tenantId: string; id: string; nonce: Uint8Array }, given: string): boolean {
  const wanted = Buffer.from(secretOf(pepper, file));
  const said = Buffer.from(given);
  return said.length === wanted.length && timingSafeEqual(said, wanted);
}

/** An address as a person, a log or a list may see it: without what opens it. */
export function redactAddress(address: string): string {
  return address.replace(/^([a-z]+:\/\/)[^/@]*@/i, '$1').replace(/(\/station-(?:uploads|firmware)\/[^/]+\/[^/]+\/)[^/?#]+/, '$1…');
}
