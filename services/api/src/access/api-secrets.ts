import { createHmac, randomBytes } from 'node:crypto';

/** `csk`: a key of a program. `csi`: staff of the platform acting as a tenant's own. */
export type SecretKind = 'csk' | 'csi';
export interface ApiSecret { kind: SecretKind; tenant: string; text: string }

const shape = /^(csk|csi)_([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)_([A-Za-z0-9_-]{43})$/;

/** A new secret of a tenant: 256 random bits, and the tenant in whose books its digest lies, so that it can be looked up under row security. */
export function newApiSecret(kind: SecretKind, tenant: string): ApiSecret {
  return { kind, tenant, text: `${kind}_${tenant}_${randomBytes(32).toString('base64url')}` };
}

/** The parts of a bearer that is one of ours by its look; null: it is not. What it opens, the books say. */
export function readApiSecret(bearer: string): ApiSecret | null {
  const match = shape.exec(bearer);
  return match?.[1] && match[2] ? { kind: match[1] === 'csk' ? 'csk' : 'csi', tenant: match[2], text: bearer } : null;
}

/** What is kept of a secret: HMAC-SHA256 under the pepper over kind, tenant and secret, so that one of another tenant or kind is another. */
export function apiSecretHmac(pepper: string, secret: ApiSecret): Buffer {
  return createHmac('sha256', pepper).update(`csms api secret\n${secret.text}`).digest();
}
