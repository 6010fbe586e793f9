/**
 * The bytes of an AuthorizationKey (security whitepaper, 4.1): hex text stands for bytes. A key of another form goes
 * out as it is written.
 */
export function passwordBytes(authorizationKey: string): string | Buffer {
  return /^([0-9a-f]{2}){16,20}$/i.test(authorizationKey) ? Buffer.from(authorizationKey, 'hex') : authorizationKey;
}

/** At least 16 bytes, at most 40 characters (security whitepaper, A00.FR.304; OCPP 1.6 CiString). */
export function isAuthorizationKey(text: string): boolean {
  return text.length >= 16 && text.length <= 40;
}
