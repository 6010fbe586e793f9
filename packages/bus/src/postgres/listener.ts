import { createHash } from 'node:crypto';
import pg from 'pg';
import type { BusTiming } from '../bus-timing.ts';
import { within } from '../within.ts';
import { takeEntries, type Inboxes } from './inboxes.ts';

export const wakeChannel = 'csms_wake';

/** A channel's name holds 63 bytes; a process's name may be longer. */
export function inboxChannel(name: string): string {
  return `csms_inbox_${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

export interface Listener {
  /** Settled once the first attempt to connect has succeeded or failed. */
  firstAttempt: Promise<void>;
  listen(channel: string): void;
  unlisten(channel: string): void;
  /** Someone else saw the bus fail: drop the connection and begin to come back. */
  lost(reason: unknown): void;
  close(): Promise<void>;
}

/**
 * The connection that listens. It reads the inboxes on a notification and every `pollMs` besides, which also proves that the connection lives;
 * when it is lost it comes back by itself and listens to the same channels again.
 */
export function openListener(options: {
  databaseUrl: string; timing: BusTiming; inboxes: Inboxes;
  onWake: (tenantId: string) => void; onUp: () => void; onDown: (reason: unknown) => void;
}): Listener {
  const { databaseUrl, timing, inboxes } = options;
  const channels = new Set<string>();
  let client: pg.Client | null = null;
  let closed = false;
  let connecting = false;
  let retry: NodeJS.Timeout | undefined;
  // LISTEN and UNLISTEN that wait for their turn: a connection runs one statement at a time.
  let statements: string[] = [];
  let reading = false;
  let readAgain = false;

  function lost(reason: unknown): void {
    const broken = client;
    client = null;
    if (broken) destroy(broken);
    if (closed) return;
    options.onDown(reason);
    clearTimeout(retry);
    if (!connecting) retry = setTimeout(() => void connect(), timing.retryMs * (0.5 + Math.random() / 2));
  }

  async function connect(): Promise<void> {
    if (closed || connecting || client) return;
    connecting = true;
    const fresh = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: timing.callTimeoutMs, keepAlive: true, application_name: 'csms-bus-listener' });
    let failed: unknown = null;
    fresh.on('error', (error) => {
      failed = error;
      if (client === fresh) lost(error);
    });
    fresh.on('end', () => {
      failed ??= new Error('the connection was ended');
      if (client === fresh) lost(failed);
    });
    fresh.on('notification', (message) => {
      if (message.channel === wakeChannel) options.onWake(message.payload ?? '');
      else void read();
    });
    try {
      await within(timing.callTimeoutMs, fresh.connect());
      statements = [];
      for (const channel of channels) await within(timing.callTimeoutMs, fresh.query(`LISTEN ${channel}`));
      await within(timing.callTimeoutMs, fresh.query('SELECT 1 FROM bus_lease LIMIT 1'));
      if (failed) throw failed;
    } catch (error) {
      connecting = false;
      destroy(fresh);
      lost(error);
      return;
    }
    connecting = false;
    if (closed) return destroy(fresh);
    client = fresh;
    options.onUp();
    void read();
  }

  async function read(): Promise<void> {
    if (reading) {
      readAgain = true;
      return;
    }
    reading = true;
    try {
      do {
        readAgain = false;
        const names = inboxes.names();
        const used = client;
        if (!used) return;
        for (let text = statements.shift(); text; text = statements.shift()) await within(timing.callTimeoutMs, used.query(text));
        const result = names.length > 0
          ? await within(timing.callTimeoutMs, used.query<Record<string, unknown>>(takeEntries, [names]))
          : await within(timing.callTimeoutMs, used.query<Record<string, unknown>>('SELECT 1'));
        if (names.length > 0) {
          inboxes.deliver(result.rows);
          if (result.rows.length > 0) readAgain = true;
        }
      } while (readAgain);
    } catch (error) {
      if (client) lost(error);
    } finally {
      reading = false;
    }
  }

  const polling = setInterval(() => void read(), timing.pollMs);
  polling.unref();

  return {
    firstAttempt: connect(),
    listen(channel) {
      channels.add(channel);
      statements.push(`LISTEN ${channel}`);
      void read();
    },
    unlisten(channel) {
      channels.delete(channel);
      statements.push(`UNLISTEN ${channel}`);
      void read();
    },
    lost,
    async close() {
      closed = true;
      clearInterval(polling);
      clearTimeout(retry);
      const last = client;
      client = null;
      if (last) await within(timing.callTimeoutMs, last.end()).catch(() => destroy(last));
    },
  };
}

/** Ends a connection without waiting for a server that may not be there. */
function destroy(client: pg.Client): void {
  client.removeAllListeners('notification');
  client.end().catch(() => undefined);
}
