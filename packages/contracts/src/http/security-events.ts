import { z } from 'zod';
import { PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

export const Severity = z.enum(['critical', 'notice']);
/** `kind`: a name of the standard or of ours, or whatever text a station sent. `source`: who saw it. `times`: how often the same one was told. */
export const SecurityEvent = z.object({
  id: Uuid, stationId: Uuid.nullable(), identity: z.string().nullable(), kind: z.string(), severity: Severity, source: z.enum(['station', 'csms']),
  detail: z.string().nullable(), at: Timestamp, times: z.number().int(), lastReceivedAt: Timestamp,
});
export type SecurityEvent = z.infer<typeof SecurityEvent>;
export const SecurityEventPage = pageOf(SecurityEvent);
export const SecurityEventListQuery = PageQuery.extend({ stationId: Uuid.optional(), severity: Severity.optional(), kind: z.string().max(50).optional() }).strict();
