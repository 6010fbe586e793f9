import { z } from 'zod';
import { Money, PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

/** A card or app; the number is shown masked except to its creator in the creating answer. */
export const Token = z.object({ id: Uuid, uidMasked: z.string(), kind: z.enum(['rfid', 'app', 'vehicle', 'central']), driverName: z.string().nullable(), status: z.enum(['active', 'blocked']), validUntil: Timestamp.nullable(), parentUidMasked: z.string().nullable(), createdAt: Timestamp });
export const TokenPage = pageOf(Token);
export const TokenCreate = z.object({ uid: z.string().min(1).max(36), kind: z.enum(['rfid', 'app', 'vehicle', 'central']).default('rfid'), driverName: z.string().max(100).nullable().default(null), validUntil: Timestamp.nullable().default(null), parentUid: z.string().max(36).nullable().default(null) }).strict();
export const TokenPatch = z.object({ status: z.enum(['active', 'blocked']) }).strict();
export const TokenListQuery = PageQuery;

export const Tariff = z.object({ id: Uuid, siteId: Uuid.nullable(), name: z.string(), currency: z.string(), energyPerKwhMinor: Money, sessionFeeMinor: Money, idlePerMinuteMinor: Money, idleGraceMinutes: z.number().int(), validFrom: Timestamp, validUntil: Timestamp.nullable() });
export type Tariff = z.infer<typeof Tariff>;
export const TariffPage = pageOf(Tariff);
export const TariffCreate = Tariff.omit({ id: true }).extend({ siteId: Uuid.nullable().default(null), currency: z.string().length(3).default('IDR'), validUntil: Timestamp.nullable().default(null) }).strict();

export const Tenant = z.object({ id: z.string(), displayName: z.string(), currency: z.string(), createdAt: Timestamp });
export const TenantPage = pageOf(Tenant);

export const AuditEntry = z.object({ id: Uuid, at: Timestamp, actor: z.string(), action: z.string(), target: z.string(), detail: z.unknown().nullable() });
export const AuditPage = pageOf(AuditEntry);
export const SecurityEvent = z.object({ id: Uuid, stationId: Uuid.nullable(), identity: z.string().nullable(), kind: z.string(), detail: z.string().nullable(), at: Timestamp });
export const SecurityEventPage = pageOf(SecurityEvent);

/** GET /me: who the token says you are. */
export const Me = z.object({ subject: z.string(), name: z.string().nullable(), tenant: z.string().nullable(), roles: z.array(z.enum(['viewer', 'operator', 'admin', 'platform'])), mode: z.enum(['lab', 'production']), currency: z.string() });
export type Me = z.infer<typeof Me>;
