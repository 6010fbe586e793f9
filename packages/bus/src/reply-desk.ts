import type { Bus, InboxEntry } from '@csms/domain';

/** The inbox of a process that sends commands: it hands each reply to the caller who waits for that command. */
export interface ReplyDesk {
  /** The name of this inbox: the `replyTo` of what is sent. */
  name: string;
  /** The next reply about a command, or null when none came within `timeoutMs`. */
  waitForReply(commandId: string, timeoutMs: number): Promise<InboxEntry['outcome'] | null>;
  close(): Promise<void>;
}

/** Opens the desk under a name that is new at every start. Works also while the bus is away: replies are then lost, and the ledger is read. */
export async function openReplyDesk(bus: Bus, name: string): Promise<ReplyDesk> {
  const waiting = new Map<string, Set<(outcome: InboxEntry['outcome'] | null) => void>>();
  const stop = await bus.receive(name, (entry) => {
    if (entry.kind !== 'reply' || entry.commandId === undefined) return;
    for (const tell of [...(waiting.get(entry.commandId) ?? [])]) tell(entry.outcome ?? 'done');
  });
  return {
    name,
    waitForReply(commandId, timeoutMs) {
      return new Promise((resolve) => {
        const tell = (outcome: InboxEntry['outcome'] | null): void => {
          clearTimeout(timer);
          callers.delete(tell);
          if (callers.size === 0) waiting.delete(commandId);
          resolve(outcome);
        };
        const callers = waiting.get(commandId) ?? new Set();
        waiting.set(commandId, callers.add(tell));
        const timer = setTimeout(() => tell(null), timeoutMs);
      });
    },
    async close() {
      await stop();
      for (const callers of waiting.values()) for (const tell of [...callers]) tell(null);
    },
  };
}
