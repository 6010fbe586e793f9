import { z } from 'zod';
import { Timestamp, Uuid } from './common.ts';

/** GET /stations/:id/mirror: where the public finds a station, what it is shown, and how far that has been written (docs/mirror.md). */
export const MirroredStation = z.object({
  stationId: Uuid,
  publicId: Uuid.describe('the name of its node, for a QR code; it opens no door'),
  database: z.string().describe('host of the public database'),
  version: z.number().int(),
  state: z.object({ status: z.enum(['STANDBY', 'CHARGING', 'FINISHED', 'FAULT']), power: z.number().describe('kW'), energy: z.number().describe('kWh'), duration: z.number().int().describe('seconds'), lastUpdated: Timestamp })
    .nullable().describe('what the public is to see; null: nothing, because its site is not shown any more'),
  writtenVersion: z.number().int().describe('the version that is there; 0: none yet'), writtenAt: Timestamp.nullable(), waitingSince: Timestamp.nullable().describe('since when a change has waited to be written'),
});
export type MirroredStation = z.infer<typeof MirroredStation>;
