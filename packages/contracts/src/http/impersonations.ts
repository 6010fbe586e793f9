import { z } from 'zod';
import { Timestamp, Uuid } from './common.ts';

const TenantName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
/** Staff of the platform acting as one of a tenant, for a while and for a reason that the tenant can read. */
export const Impersonation = z.object({
  id: Uuid, tenant: z.string(), staff: z.string(), role: z.enum(['viewer', 'operator', 'admin']), reason: z.string(), startedAt: Timestamp, expiresAt: Timestamp, endedAt: Timestamp.nullable(),
});
export const ImpersonationCreate = z.object({
  tenant: TenantName, role: z.enum(['viewer', 'operator', 'admin']).default('viewer'), reason: z.string().trim().min(5).max(500).describe('stands in the audit of the tenant'),
  minutes: z.number().int().min(1).max(60).default(30),
}).strict();
export const ImpersonationStarted = z.object({ impersonation: Impersonation, secret: z.string().describe('`Authorization: Bearer <secret>` until it ends; shown once') });
