import { z } from 'zod';
import { GivenTime, Money, PageQuery, Price, Timestamp, Uuid, pageOf } from './common.ts';
import { CardUid } from './identity.ts';

/** A card or app; the number is shown masked except to its creator in the creating answer. */
export const Token = z.object({
  id: Uuid, uidMasked: z.string(), kind: z.enum(['rfid', 'app', 'vehicle', 'central']), driverName: z.string().nullable(), driverId: Uuid.nullable(), groupId: Uuid.nullable(), groupName: z.string().nullable(),
  status: z.enum(['active', 'blocked']), blockedBy: z.enum(['card', 'driver', 'group']).nullable().describe('what keeps it from charging'), validFrom: Timestamp.nullable(), validUntil: Timestamp.nullable(),
  parentUidMasked: z.string().nullable(), createdAt: Timestamp,
});
export type Token = z.infer<typeof Token>;
export const TokenPage = pageOf(Token);
export const TokenCreate = z.object({ uid: CardUid, kind: z.enum(['rfid', 'app', 'vehicle', 'central']).default('rfid'), driverName: z.string().max(100).nullable().default(null), driverId: Uuid.nullable().default(null), groupId: Uuid.nullable().default(null),
  validFrom: GivenTime.nullable().default(null), validUntil: GivenTime.nullable().default(null), parentUid: CardUid.nullable().default(null) }).strict();
export const TokenPatch = z.object({
  status: z.enum(['active', 'blocked']).optional(), driverId: Uuid.nullable().optional(), groupId: Uuid.nullable().optional(), validFrom: GivenTime.nullable().optional(), validUntil: GivenTime.nullable().optional(),
}).strict();
export const TokenListQuery = PageQuery.extend({ driverId: Uuid.optional() }).strict();
/** A number stands in a body: addresses are written into logs by everything on the way. */
export const TokenLookUp = z.object({ uid: CardUid }).strict();

export const Tariff = z.object({ id: Uuid, siteId: Uuid.nullable(), name: z.string(), currency: z.string(), energyPerKwhMinor: Money, sessionFeeMinor: Money, idlePerMinuteMinor: Money, idleGraceMinutes: z.number().int(), validFrom: Timestamp, validUntil: Timestamp.nullable() });
export type Tariff = z.infer<typeof Tariff>;
export const TariffPage = pageOf(Tariff);
export const TariffCreate = z.object({
  siteId: Uuid.nullable().default(null), name: z.string().trim().min(1).max(100),
  currency: z.string().regex(/^[A-Z]{3}$/).optional().describe('the tenant\'s own, which is also what its absence means: bills of one tenant add up'),
  energyPerKwhMinor: Price, sessionFeeMinor: Price, idlePerMinuteMinor: Price, idleGraceMinutes: z.number().int().min(0).max(525_600),
  validFrom: GivenTime, validUntil: GivenTime.nullable().default(null),
}).strict().refine((tariff) => tariff.validUntil === null || Date.parse(tariff.validUntil) > Date.parse(tariff.validFrom), { path: ['validUntil'], message: 'must be after validFrom' });

export const Tenant = z.object({ id: z.string(), displayName: z.string(), currency: z.string(), createdAt: Timestamp });
export const TenantPage = pageOf(Tenant);

export const AuditEntry = z.object({ id: Uuid, at: Timestamp, actor: z.string(), action: z.string(), target: z.string(), detail: z.unknown().nullable(),
  address: z.string().nullable().describe('where the request came from'), traceId: z.string().nullable(), impersonationId: Uuid.nullable().describe('staff of the platform acted as the tenant\'s own') });
const AuditFilter = z.object({ actor: z.string().max(300).optional().describe('part of who'), action: z.string().max(100).optional().describe('what, or its beginning up to a dot: `station`'), target: z.string().max(300).optional(), from: GivenTime.optional(), until: GivenTime.optional() });
export const AuditListQuery = PageQuery.extend(AuditFilter.shape).strict();
export const AuditExportQuery = AuditFilter.extend({ separator: z.enum([',', ';']).default(',') }).strict();
export const AuditPage = pageOf(AuditEntry);

/** GET /me: who the token says you are. */
export const Me = z.object({ subject: z.string(), name: z.string().nullable(), tenant: z.string().nullable(), roles: z.array(z.enum(['viewer', 'operator', 'admin', 'platform'])),
  impersonation: z.object({ id: Uuid, staff: z.string(), reason: z.string(), expiresAt: Timestamp }).nullable().describe('you are staff of the platform, acting as the tenant\'s own'), mode: z.enum(['lab', 'production']), currency: z.string() });
export type Me = z.infer<typeof Me>;
