import { z } from 'zod';

/** Commands that any station knows (1.6: profiles Core and RemoteTrigger), as the ledger keeps them. */
export const coreCommands = [
  z.object({ action: z.literal('remote-start'), evseId: z.number().int().nullable(), tokenUid: z.string(), remoteStartId: z.number().int() }),
  z.object({ action: z.literal('remote-stop'), transactionRef: z.string() }),
  z.object({ action: z.literal('reset'), kind: z.enum(['hard', 'soft']) }),
  z.object({ action: z.literal('unlock'), evseId: z.number().int(), connectorId: z.number().int() }),
  z.object({ action: z.literal('change-availability'), evseId: z.number().int(), available: z.boolean() }),
  z.object({ action: z.literal('clear-cache') }),
  z.object({ action: z.literal('change-configuration'), key: z.string(), value: z.string() }),
  z.object({ action: z.literal('get-configuration'), keys: z.array(z.string()) }),
  z.object({ action: z.literal('trigger'), message: z.string(), evseId: z.number().int().nullable() }),
  z.object({ action: z.literal('extended-trigger'), message: z.string(), evseId: z.number().int().nullable() }),
  z.object({ action: z.literal('data-transfer'), vendorId: z.string(), messageId: z.string().nullable(), data: z.string().nullable() }),
] as const;
