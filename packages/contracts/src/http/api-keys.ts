import { z } from 'zod';
import { GivenTime, Timestamp, Uuid, pageOf } from './common.ts';

/** A noun of the API that a key can be confined to: a tag of its description. The API refuses one that it does not have. */
const ApiArea = z.string().regex(/^[a-z][a-z-]{1,39}$/);

const KeyRole = z.enum(['viewer', 'operator', 'admin']);
/** A key for a program: what it may do, where, and until when. Its secret is in the creating answer alone. */
export const ApiKey = z.object({
  id: Uuid, name: z.string(), role: KeyRole, areas: z.array(z.string()).nullable().describe('null: every area'), state: z.enum(['active', 'expired', 'revoked']),
  createdBy: z.string(), createdAt: Timestamp, expiresAt: Timestamp, revokedAt: Timestamp.nullable(), lastUsedAt: Timestamp.nullable().describe('to the minute'),
});
export const ApiKeyPage = pageOf(ApiKey);
export const ApiKeyCreate = z.object({
  name: z.string().trim().min(1).max(100), role: KeyRole.default('viewer'), areas: z.array(ApiArea).min(1).max(30).nullable().default(null),
  expiresAt: GivenTime.describe('at most 366 days from now'),
}).strict();
export const ApiKeyCreated = z.object({ key: ApiKey, secret: z.string().describe('`Authorization: Bearer <secret>`; shown once') });
