import type { InboxEntry } from '@csms/domain';
import { readInboxMessage, writeInboxMessage } from '../inbox-message.ts';

/** The inboxes that this process reads. An entry is deleted as it is read, so it is delivered at most once. */
export interface Inboxes {
  add(name: string, onEntry: (entry: InboxEntry) => void): void;
  remove(name: string): void;
  names(): string[];
  write(entry: InboxEntry): string;
  /** Hands over rows { recipient, entry } in the order in which they were sent. */
  deliver(rows: readonly Record<string, unknown>[]): void;
}

export function openInboxes(): Inboxes {
  const readers = new Map<string, (entry: InboxEntry) => void>();
  return {
    add: (name, onEntry) => void readers.set(name, onEntry),
    remove: (name) => void readers.delete(name),
    names: () => [...readers.keys()],
    write: writeInboxMessage,
    deliver(rows) {
      for (const row of rows) {
        const entry = readInboxMessage(row['entry']);
        if (entry) readers.get(String(row['recipient']))?.(entry);
      }
    },
  };
}

export const takeEntries = `WITH next AS (
    SELECT id FROM bus_inbox WHERE recipient = ANY ($1) ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED
  ), taken AS (
    DELETE FROM bus_inbox WHERE id IN (SELECT id FROM next) RETURNING id, recipient, entry
  ) SELECT recipient, entry FROM taken ORDER BY id`;
