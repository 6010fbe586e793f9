import { z } from 'zod';

/** For routes that make a station do something: a request that is repeated, because its answer was lost, is the same request. */
export const KeyHeader = z.object({ 'idempotency-key': z.string().regex(/^[\x21-\x7e]{1,255}$/).optional().describe('the same key again is the same request: it is done once, and answered as the first time') });

/** The key of a request; null: it has none, and each request is its own. */
export function keyOf(request: { headers: { readonly [name: string]: unknown } }): string | null {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' ? key : null;
}
