import type { InboxEntry } from '@csms/domain';
import { InboxMessage } from '@csms/contracts/bus';

/** The text of an entry on the bus. */
export function writeInboxMessage(entry: InboxEntry): string {
  return JSON.stringify({ ...entry, epoch: entry.epoch.toString() } satisfies InboxMessage);
}

/** The entry in a message (text or parsed JSON); null when another version of us wrote something we do not know. */
export function readInboxMessage(message: unknown): InboxEntry | null {
  let value = message;
  if (typeof message === 'string') {
    try {
      value = JSON.parse(message);
    } catch {
      return null;
    }
  }
  const parsed = InboxMessage.safeParse(value);
  return parsed.success ? { ...parsed.data, epoch: BigInt(parsed.data.epoch) } : null;
}
