import { z } from 'zod';
import { Timestamp, Uuid } from './common.ts';

/** A card on one of the two lists and not, or not so, on the other; its number masked. */
export const LocalListDifference = z.object({ uidMasked: z.string(), difference: z.enum(['missing', 'changed', 'surplus']).describe('missing: not at the station; surplus: only there') });

/** The local authorisation list of a station: what it accepted last against what it should have. */
export const LocalList = z.object({
  stationId: Uuid,
  state: z.enum(['never-synced', 'in-step', 'stale', 'syncing', 'failed', 'too-long', 'unsupported']),
  detail: z.string().nullable().describe('why it is in no step, in words'),
  version: z.number().int().describe('that the station accepted last; 0: none'),
  reportedVersion: z.number().int().nullable().describe('what the station said when it was asked; -1: it has no lists'), reportedAt: Timestamp.nullable(),
  contentKnown: z.boolean().describe('false: what is on the station may differ from what it accepted; the next update replaces it'),
  size: z.number().int().describe('cards that the station accepted'), wantedSize: z.number().int().describe('cards that it should have'),
  unfit: z.number().int().describe('cards whose number is too long for OCPP 1.6'),
  limits: z.object({ enabled: z.boolean().nullable(), listMax: z.number().int().nullable(), messageMax: z.number().int().nullable() }),
  syncedAt: Timestamp.nullable(), triedAt: Timestamp.nullable(), retryAt: Timestamp.nullable(),
  differences: z.object({ missing: z.number().int(), changed: z.number().int(), surplus: z.number().int(), first: z.array(LocalListDifference).max(50) }).nullable().describe('null: there are too many cards to compare'),
});
export type LocalList = z.infer<typeof LocalList>;

/** POST /stations/:id/local-list: bring the list in step now; role operator. `full` replaces it whatever is known. */
export const LocalListSync = z.object({ full: z.boolean().default(false) }).strict();
