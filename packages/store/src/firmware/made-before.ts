import { createHash } from 'node:crypto';

/** A row that a request with this idempotency key made before. */
export interface MadeBefore { id: string; request_hash: string | null }

/** A digest of what was asked, by which the same request is known again (SHA-256, hex). */
export function requestHash(request: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(request)).digest('hex');
}

/** The same request: what it made. Another one under the same key: `key-reused`. */
export function madeBefore(row: MadeBefore, hash: string): { id: string } | 'key-reused' {
  return row.request_hash === hash ? { id: row.id } : 'key-reused';
}
