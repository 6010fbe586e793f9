import { z } from 'zod';

/** One line of a local authorisation list; `status` null takes the card off the list (1.6, 7.8: an entry without idTagInfo, differential only). */
export const LocalListEntry = z.object({
  tokenUid: z.string(), status: z.enum(['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']).nullable(), validUntil: z.string().nullable(), parentUid: z.string().nullable(),
});
export type LocalListEntry = z.infer<typeof LocalListEntry>;

/** Commands of the profile LocalAuthListManagement, as the ledger keeps them. */
export const localListCommands = [
  z.object({ action: z.literal('send-local-list'), listVersion: z.number().int(), updateType: z.enum(['full', 'differential']), entries: z.array(LocalListEntry) }),
  z.object({ action: z.literal('get-local-list-version') }),
] as const;
