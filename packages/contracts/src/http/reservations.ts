import { z } from 'zod';
import { GivenTime, PageQuery, Timestamp, Uuid, pageOf } from './common.ts';
import { CardUid } from './identity.ts';

/** An EVSE, or any EVSE of a station, kept free for a card until a time. */
export const Reservation = z.object({
  id: Uuid, stationId: Uuid, stationIdentity: z.string(), evseId: z.number().int().describe('0: any'), number: z.number().int().describe('by which the station knows it'),
  uidMasked: z.string(), driverName: z.string().nullable(),
  state: z.enum(['pending', 'active', 'taken', 'expired', 'cancelled', 'refused']), detail: z.string().nullable(),
  sessionId: Uuid.nullable(), createdBy: z.string(), createdAt: Timestamp, expiresAt: Timestamp, endedAt: Timestamp.nullable(),
});
export type Reservation = z.infer<typeof Reservation>;
export const ReservationPage = pageOf(Reservation);
export const ReservationListQuery = PageQuery.extend({ stationId: Uuid.optional(), open: z.stringbool().optional().describe('true: pending and active alone') }).strict();

/** POST /reservations, header Idempotency-Key (made by the server when absent); role operator. The card's group may take it too. */
export const ReservationCreate = z.object({
  stationId: Uuid, evseId: z.number().int().min(0).max(100).default(0), tokenUid: CardUid, expiresAt: GivenTime.describe('in the future, and within 31 days'),
  timeoutMs: z.number().int().min(1_000).max(120_000).default(30_000),
}).strict();
