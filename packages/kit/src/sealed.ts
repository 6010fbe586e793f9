import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ivBytes = 12;
const tagBytes = 16;

/** The same as `seal` and `unseal` for many texts of one secret: its key is made once. */
export interface Sealer { seal(context: string, text: string): Buffer; unseal(context: string, sealed: Uint8Array): string | null }

export function createSealer(secret: string): Sealer {
  const key = keyOf(secret);
  return { seal: (context, text) => sealUnder(key, context, text), unseal: (context, sealed) => unsealUnder(key, context, sealed) };
}

/** Text that only who has `secret` can read, bound to `context` (what it belongs to): AES-256-GCM, as iv, tag, content. */
export function seal(secret: string, context: string, text: string): Buffer {
  return sealUnder(keyOf(secret), context, text);
}

function sealUnder(key: Buffer, context: string, text: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), content]);
}

/** What was sealed; null where it is damaged, or sealed under another secret or for another context. */
export function unseal(secret: string, context: string, sealed: Uint8Array): string | null {
  return unsealUnder(keyOf(secret), context, sealed);
}

function unsealUnder(key: Buffer, context: string, sealed: Uint8Array): string | null {
  const bytes = Buffer.from(sealed);
  if (bytes.length < ivBytes + tagBytes) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes }).setAAD(Buffer.from(context));
    decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'csms sealed text', 32));
}
