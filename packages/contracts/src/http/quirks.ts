import { z } from 'zod';
import { Timestamp, Uuid, pageOf } from './common.ts';

/** GET /stations/:id/quirks: what a station does differently from the standard, and what the table says of its make. */
export const StationQuirks = z.object({
  stationId: Uuid, identity: z.string(), vendor: z.string().nullable(), model: z.string().nullable(), firmware: z.string().nullable(),
  /** Entries of the table that match its last BootNotification. */
  entries: z.array(z.object({ id: z.string(), why: z.string(), source: z.string(), understands: z.array(z.string()) })),
  /** What was seen, the latest first. */
  deviations: z.array(z.object({
    kind: z.string(), meaning: z.string(),
    handling: z.enum(['accepted', 'by-entry', 'observed']).describe('accepted: understood for everybody; by-entry: understood only where the table names it; observed: behaviour, not a message'),
    /** An entry of its make names it. */
    named: z.boolean(),
    times: z.number().int(), firstAt: Timestamp, lastAt: Timestamp, place: z.string(),
  })),
});
export type StationQuirks = z.infer<typeof StationQuirks>;

/** A frame that was refused or mended, as it came; card numbers are masked. */
export const QuarantinedFrame = z.object({
  id: Uuid, action: z.string(), outcome: z.enum(['refused', 'repaired', 'unreadable']),
  isTransaction: z.boolean().describe('a transaction message, kept whole before it was answered'),
  kinds: z.array(z.string()), reason: z.string(), frame: z.string(), times: z.number().int(), firstAt: Timestamp, lastAt: Timestamp,
});
export const QuarantinePage = pageOf(QuarantinedFrame);
