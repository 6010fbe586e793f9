import { z } from 'zod';

/** One message in a process's inbox, as it crosses the bus. `epoch` is decimal text, because JSON numbers are not that long. */
export const InboxMessage = z.object({
  kind: z.enum(['command', 'kick', 'reply']),
  tenantId: z.string(),
  stationId: z.string(),
  epoch: z.string().regex(/^\d+$/),
  commandId: z.string().optional(),
  outcome: z.enum(['done', 'not-owner', 'expired']).optional(),
  replyTo: z.string().optional(),
});
export type InboxMessage = z.infer<typeof InboxMessage>;
