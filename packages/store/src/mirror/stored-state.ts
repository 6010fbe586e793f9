import { z } from 'zod';

/** A public state as a row of the mirror holds it (packages/domain/src/public-state). */
export const StoredState = z.strictObject({ status: z.enum(['STANDBY', 'CHARGING', 'FINISHED', 'FAULT']), power: z.number(), energy: z.number(), duration: z.number(), last_updated: z.string() });
