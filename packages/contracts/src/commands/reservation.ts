import { z } from 'zod';

/** Commands of the profile Reservation, as the ledger keeps them. `reservationId` is the number that the station knows the reservation by. */
export const reservationCommands = [
  z.object({ action: z.literal('reserve-now'), reservationId: z.number().int(), evseId: z.number().int(), tokenUid: z.string(), parentUid: z.string().nullable(), expiresAt: z.string() }),
  z.object({ action: z.literal('cancel-reservation'), reservationId: z.number().int() }),
] as const;
