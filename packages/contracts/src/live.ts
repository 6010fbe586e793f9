import { z } from 'zod';

/**
 * What changed, in one word and an id: an outbox row carries an array of these, and so does one server-sent event.
 * Values that a screen would show at once ride along; whoever needs more reads the resource.
 */
export const LiveChange = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('station'), stationId: z.string(), online: z.boolean().optional(), status: z.string().optional(), at: z.string() }),
  z.object({ kind: z.literal('connector'), stationId: z.string(), evseId: z.number().int(), connectorId: z.number().int(), status: z.string(), errorCode: z.string().nullable().optional(), at: z.string() }),
  z.object({
    kind: z.literal('session'), sessionId: z.string(), stationId: z.string(), evseId: z.number().int(), connectorId: z.number().int().nullable(),
    state: z.enum(['active', 'ended', 'lost-stop']), energyWh: z.number().nullable().optional(), powerW: z.number().nullable().optional(), socPct: z.number().nullable().optional(), at: z.string(),
  }),
  z.object({ kind: z.literal('bill'), sessionId: z.string(), totalMinor: z.number().int(), currency: z.string(), at: z.string() }),
  z.object({ kind: z.literal('command'), commandId: z.string(), stationId: z.string(), action: z.string(), state: z.string(), at: z.string() }),
  z.object({ kind: z.literal('site'), siteId: z.string(), at: z.string() }),
  z.object({ kind: z.literal('forecast'), siteId: z.string(), at: z.string() }),
  z.object({ kind: z.literal('reservation'), reservationId: z.string(), stationId: z.string(), evseId: z.number().int(), state: z.string(), at: z.string() }),
  z.object({ kind: z.literal('enrolment'), enrolmentId: z.string(), stationId: z.string(), state: z.enum(['open', 'offered', 'accepted', 'cancelled']), at: z.string() }),
  z.object({ kind: z.literal('knocking'), identity: z.string(), at: z.string() }),
]);
export type LiveChange = z.infer<typeof LiveChange>;

/** One server-sent event: `id` is the outbox id (resume with Last-Event-ID), `event: change`, data is this. */
export const LiveEvent = z.object({ id: z.string(), at: z.string(), changes: z.array(LiveChange) });
export type LiveEvent = z.infer<typeof LiveEvent>;
