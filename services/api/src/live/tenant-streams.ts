import type { LiveEvent } from '@csms/contracts/live';
import type { WakeBus } from '@csms/domain';
import type { Logger } from '@csms/kit';
import type { OutboxRow } from '@csms/store';

/** Where events come from: the outbox, by id. */
export interface OutboxReader {
  read(tenant: string, afterId: string, limit: number): Promise<OutboxRow[]>;
  lastId(tenant: string): Promise<string>;
}

/** One listener of a tenant's stream. `onEvents` gets events in the order of their ids, each once. */
export interface Listener {
  onEvents(events: LiveEvent[]): void;
  /** What was missed cannot be told event by event any more: read everything anew. `id` is where the stream goes on. */
  onResync(id: string): void;
}

export interface TenantStreams {
  /** Begins after `lastEventId`, or with what comes from now on (`afterId` says after what). Rejects when the books cannot be read. */
  listen(tenant: string, lastEventId: string | null, listener: Listener): Promise<{ afterId: string; leave(): void }>;
  close(): Promise<void>;
}

const pageRows = 500;
/** A listener that missed more than this reads its screens anew, which is cheaper than telling it each change. */
const backlogRowsMax = 5_000;

interface Stream { lastId: string; listeners: Set<(events: LiveEvent[]) => void>; reading: Promise<void> | null; again: boolean }

/**
 * The live events of every tenant that has a listener: one reader a tenant, whatever the number of listeners, woken by the bus and, because a
 * wake-up may be lost, by a look every `pollMs`. It ends with the last listener.
 */
export async function openTenantStreams(parts: { outbox: OutboxReader; bus: Pick<WakeBus, 'onWake'>; log: Logger; pollMs?: number }): Promise<TenantStreams> {
  const { outbox, log } = parts;
  const streams = new Map<string, Stream>();

  /** One read at a time a tenant; a wake-up during a read makes one more. */
  function look(tenant: string): void {
    const stream = streams.get(tenant);
    if (!stream) return;
    if (stream.reading) { stream.again = true; return; }
    stream.reading = readOn(tenant, stream)
      .catch((err: unknown) => log.warn({ event: 'outbox_unreadable', err, tenant }, 'live events could not be read'))
      .finally(() => {
        stream.reading = null;
        if (!stream.again) return;
        stream.again = false;
        look(tenant);
      });
  }

  async function readOn(tenant: string, stream: Stream): Promise<void> {
    for (let rows = await outbox.read(tenant, stream.lastId, pageRows); rows.length > 0; rows = rows.length < pageRows ? [] : await outbox.read(tenant, stream.lastId, pageRows)) {
      stream.lastId = rows.at(-1)!.id;
      const events = rows.map(eventOf);
      for (const tell of stream.listeners) tell(events);
    }
  }

  const timer = setInterval(() => { for (const tenant of streams.keys()) look(tenant); }, parts.pollMs ?? 1_000);
  const stopWaking = await parts.bus.onWake(look);

  return {
    async listen(tenant, lastEventId, listener) {
      const newest = await outbox.lastId(tenant);
      const stream = streams.get(tenant) ?? { lastId: newest, listeners: new Set(), reading: null, again: false };
      streams.set(tenant, stream);
      // What comes while the backlog is read waits behind it.
      const afterId = lastEventId ?? newest;
      let sentId = BigInt(afterId);
      let waiting: LiveEvent[] | null = [];
      const pass = (events: LiveEvent[]): void => {
        const fresh = events.filter((event) => BigInt(event.id) > sentId);
        if (fresh.length === 0) return;
        sentId = BigInt(fresh.at(-1)!.id);
        // A row of which nothing could be read is passed over, not waited for.
        const told = fresh.filter((event) => event.changes.length > 0);
        if (told.length > 0) listener.onEvents(told);
      };
      const tell = (events: LiveEvent[]): void => { if (waiting) waiting.push(...events); else pass(events); };
      stream.listeners.add(tell);
      const leave = (): void => {
        stream.listeners.delete(tell);
        if (stream.listeners.size === 0 && streams.get(tenant) === stream) streams.delete(tenant);
      };
      try {
        const oldest = sentId === 0n ? undefined : (await outbox.read(tenant, (sentId - 1n).toString(), 1))[0];
        // Cut off already (or never ours): the rows between are gone, so nobody can say what was missed.
        const known = sentId >= BigInt(newest) || oldest?.id === sentId.toString();
        let told = 0;
        let rows = known ? await outbox.read(tenant, sentId.toString(), pageRows) : [];
        for (; rows.length > 0 && told < backlogRowsMax; rows = rows.length < pageRows ? [] : await outbox.read(tenant, sentId.toString(), pageRows)) {
          told += rows.length;
          pass(rows.map(eventOf));
        }
        if (!known || rows.length > 0 || sentId > BigInt(newest)) {
          sentId = BigInt(await outbox.lastId(tenant));
          listener.onResync(sentId.toString());
        }
      } catch (error) {
        leave();
        throw error;
      }
      const late = waiting;
      waiting = null;
      pass(late);
      look(tenant);
      return { afterId, leave };
    },

    async close() {
      clearInterval(timer);
      await stopWaking();
      const reads = [...streams.values()].map((stream) => stream.reading);
      streams.clear();
      await Promise.all(reads);
    },
  };
}

function eventOf(row: OutboxRow): LiveEvent {
  return { id: row.id, at: row.at.toISOString(), changes: row.changes };
}
