/*
 * How a card stands in the books (C-15): `card:<keyed HMAC>:<its ends>`, and where its number is needed again, with `:<key id>:<sealed number>` after it.
 * A number as a station writes it has at most 36 characters, so none can be taken for one of these.
 */
const form = /^card:[0-9a-f]{32}:[^:]{1,12}(?::([A-Za-z0-9._-]{1,32}):([A-Za-z0-9_-]{20,}))?$/;
const referenceLength = /^card:[0-9a-f]{32}:[^:]{1,12}/;

/** True for a reference, with or without the sealed number; false for a number. */
export function isCardText(text: string): boolean {
  return form.test(text);
}

/** The reference of a card text, without what is sealed. */
export function referenceIn(text: string): string {
  return referenceLength.exec(text)?.[0] ?? text;
}

/** Key id and sealed bytes of a card text; null where it has none. */
export function sealedPart(text: string): { keyId: string; sealed: Buffer } | null {
  const [, keyId, sealed] = form.exec(text) ?? [];
  return keyId === undefined || sealed === undefined ? null : { keyId, sealed: Buffer.from(sealed, 'base64url') };
}

/** A card's number as a screen may show it: its ends alone, and less of a short one. A reference shows the ends that it has. */
export function maskUid(uid: string): string {
  if (isCardText(uid)) return uid.split(':')[2] ?? '••••';
  return uid.length < 8 ? `••••${uid.slice(-2)}` : `${uid.slice(0, 2)}••••${uid.slice(-2)}`;
}
