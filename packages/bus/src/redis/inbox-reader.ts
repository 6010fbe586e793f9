import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { InboxEntry } from '@csms/domain';
import type { BusTiming } from '../bus-timing.ts';
import { readInboxMessage } from '../inbox-message.ts';
import { within } from '../within.ts';

const StreamReply = z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.array(z.string())]))])).nullable();

/**
 * Reads a stream on a connection of its own until stopped. It always reads from the beginning and deletes what it read, so that neither FLUSHALL nor
 * a server's clock that went back hides an entry. An entry may come twice when the deletion fails; the command ledger makes that harmless.
 */
export function readInbox(options: { redis: Redis; key: string; timing: BusTiming; onEntry: (entry: InboxEntry) => void }): () => Promise<void> {
  const { redis, key, timing, onEntry } = options;
  let stopped = false;
  redis.on('error', () => undefined);

  async function read(): Promise<void> {
    const reply = StreamReply.parse(await within(timing.pollMs + timing.callTimeoutMs, redis.xread('COUNT', 100, 'BLOCK', timing.pollMs, 'STREAMS', key, '0-0')));
    const entries = reply?.[0]?.[1] ?? [];
    if (entries.length === 0) return;
    await within(timing.callTimeoutMs, redis.xdel(key, ...entries.map(([id]) => id)));
    for (const [, fields] of entries) {
      const entry = readInboxMessage(fields[1]);
      if (entry && !stopped) onEntry(entry);
    }
  }

  async function loop(): Promise<void> {
    await within(timing.callTimeoutMs, redis.connect()).catch(() => undefined);
    while (!stopped) {
      try {
        await read();
      } catch {
        if (stopped) return;
        // A connection that no longer answers is made anew; one that is being made is waited for.
        if (redis.status === 'ready') redis.disconnect(true);
        await pause(timing.retryMs / 2);
      }
    }
  }

  const ended = loop();
  return async () => {
    stopped = true;
    redis.disconnect();
    await ended;
  };
}
