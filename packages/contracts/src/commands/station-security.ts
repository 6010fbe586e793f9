import { z } from 'zod';

/**
 * Commands about how a station comes in (OCPP 1.6 security whitepaper), as the ledger keeps them. The password itself is in no command: the gateway takes it
 * from the books, sealed, in the moment in which it writes the frame.
 */
export const stationSecurityCommands = [
  z.object({ action: z.literal('push-credential') }),
  z.object({ action: z.literal('set-security-profile'), profile: z.number().int().min(1).max(3) }),
] as const;
