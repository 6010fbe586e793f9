import { z } from 'zod';
import { GivenTime, PageQuery, Timestamp, Uuid, pageOf } from './common.ts';
import { CardUid } from './identity.ts';

const Status = z.enum(['active', 'blocked']);
const name = z.string().trim().min(1).max(100);
const contact = z.string().trim().min(1).max(200).nullable().default(null);

/** Who charges: the holder of cards. */
export const Driver = z.object({
  id: Uuid, name: z.string(), email: z.string().nullable(), phone: z.string().nullable(), externalRef: z.string().nullable(), status: Status,
  validFrom: Timestamp.nullable(), validUntil: Timestamp.nullable(), cards: z.number().int(), createdAt: Timestamp,
});
export type Driver = z.infer<typeof Driver>;
export const DriverPage = pageOf(Driver);
export const DriverListQuery = PageQuery.extend({ search: z.string().trim().min(1).max(100).optional() }).strict();
export const DriverCreate = z.object({
  name, email: contact, phone: contact, externalRef: z.string().trim().min(1).max(100).nullable().default(null).describe('what another system calls this driver'),
  validFrom: GivenTime.nullable().default(null), validUntil: GivenTime.nullable().default(null),
}).strict().refine(isSpan, { path: ['validUntil'], message: 'must be after validFrom' });
export const DriverPatch = z.object({ name: name.optional(), email: z.string().trim().min(1).max(200).nullable().optional(), phone: z.string().trim().min(1).max(200).nullable().optional(), status: Status.optional(), validFrom: GivenTime.nullable().optional(), validUntil: GivenTime.nullable().optional() }).strict();

/** Cards of one group may end each other's sessions: stations learn its parent id with each of its cards. */
export const CardGroup = z.object({ id: Uuid, name: z.string(), parentUidMasked: z.string(), status: Status, cards: z.number().int(), createdAt: Timestamp });
export const CardGroupPage = pageOf(CardGroup);
export const CardGroupCreate = z.object({ name, parentUid: CardUid.max(20, 'a 1.6 station takes a parent id of at most 20 characters').optional().describe('what stations are told; absent: one of our making') }).strict();
export const CardGroupPatch = z.object({ status: Status }).strict();

/** What a tenant decides of all its cards. */
export const CardPolicy = z.object({ concurrentUse: z.enum(['refuse', 'allow']).describe('refuse: a card that charges at one station is ConcurrentTx at another') }).strict();

/** Tap to enrol: a window in which the next unknown card at a station is offered. */
export const Enrolment = z.object({
  id: Uuid, stationId: Uuid, stationIdentity: z.string(), state: z.enum(['open', 'offered', 'accepted', 'cancelled', 'expired']), openedAt: Timestamp, expiresAt: Timestamp, openedBy: z.string(),
  uidMasked: z.string().nullable(), offeredAt: Timestamp.nullable(), tokenId: Uuid.nullable(),
});
export type Enrolment = z.infer<typeof Enrolment>;
export const EnrolmentPage = pageOf(Enrolment);
export const EnrolmentListQuery = PageQuery.extend({ stationId: Uuid.optional() }).strict();
export const EnrolmentCreate = z.object({ seconds: z.number().int().min(10).max(300).default(60) }).strict();
export const EnrolmentAccept = z.object({
  kind: z.enum(['rfid', 'app', 'vehicle', 'central']).default('rfid'), driverName: z.string().trim().min(1).max(100).nullable().default(null),
  driverId: Uuid.nullable().default(null), groupId: Uuid.nullable().default(null), validFrom: GivenTime.nullable().default(null), validUntil: GivenTime.nullable().default(null),
}).strict();

function isSpan(given: { validFrom: string | null; validUntil: string | null }): boolean {
  return given.validFrom === null || given.validUntil === null || Date.parse(given.validUntil) > Date.parse(given.validFrom);
}
