import pg from 'pg';
import type { Bus } from '@csms/domain';
import { BusUnavailable } from '@csms/domain/command/bus-unavailable';
import type { BusLog, BusTiming } from '../bus-timing.ts';
import { createBusHealth } from '../bus-health.ts';
import { createWakeCoalescer } from '../wake-coalescer.ts';
import { within } from '../within.ts';
import { inboxChannel, openListener, wakeChannel } from './listener.ts';
import { openInboxes } from './inboxes.ts';
import { createOwnershipQueries } from './ownership-queries.ts';

/** Runs one statement; rejects with BusUnavailable, and says so to the health of the bus. */
export type RunStatement = (operation: string, text: string, values: unknown[]) => Promise<pg.QueryResult<Record<string, unknown>>>;

const cleanUpMs = 60_000;

/**
 * The bus in PostgreSQL: three unlogged tables and LISTEN/NOTIFY (migration 0002). One connection listens and reads the inboxes; a small pool
 * does the rest. While the bus is away every call rejects at once, and one loop tries to come back.
 */
export async function openPostgresBus(options: { databaseUrl: string; log: BusLog; timing: BusTiming }): Promise<Bus> {
  const { databaseUrl, log, timing } = options;
  const health = createBusHealth('postgres', log);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 4,
    connectionTimeoutMillis: timing.callTimeoutMs,
    query_timeout: timing.callTimeoutMs,
    statement_timeout: timing.callTimeoutMs,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'csms-bus',
    allowExitOnIdle: true,
  });
  // An idle connection that the server ended; the listener notices the same, so there is nothing to do here but to live.
  pool.on('error', () => undefined);

  const run: RunStatement = async (operation, text, values) => {
    if (!health.healthy()) throw new BusUnavailable(operation);
    try {
      return await within(timing.callTimeoutMs, pool.query<Record<string, unknown>>(text, values));
    } catch (error) {
      if (!isAboutData(error)) listener.lost(error);
      throw new BusUnavailable(operation, error);
    }
  };

  const inboxes = openInboxes();
  const wakeListeners = new Set<(tenantId: string) => void>();
  const leases = new Map<string, () => Promise<void>>();

  const listener = openListener({
    databaseUrl, timing, inboxes,
    onWake: (tenantId) => {
      for (const listen of [...wakeListeners]) listen(tenantId);
    },
    onUp: () => {
      health.report(true);
      for (const renew of leases.values()) void renew();
    },
    onDown: (reason) => health.report(false, reason),
  });

  const ownership = createOwnershipQueries(run);
  const wakes = createWakeCoalescer(50, async (tenantId) => {
    await run('wake', 'SELECT pg_notify($1, $2)', [wakeChannel, tenantId]);
  });

  const cleaning = setInterval(() => {
    run('clean up', `WITH inbox AS (DELETE FROM bus_inbox WHERE at < clock_timestamp() - interval '10 minutes'),
        rate AS (DELETE FROM bus_rate WHERE expires_at < clock_timestamp()),
        lease AS (DELETE FROM bus_lease WHERE expires_at < clock_timestamp() - interval '1 hour')
      DELETE FROM bus_owner WHERE gateway IS NULL AND changed_at < clock_timestamp() - interval '1 hour'`, []).catch(() => undefined);
  }, cleanUpMs);
  cleaning.unref();

  await listener.firstAttempt;

  return {
    kind: 'postgres',
    healthy: health.healthy,
    onHealth: health.onHealth,
    ...ownership,
    async countInWindow(key, windowMs) {
      const { rows } = await run('count', `INSERT INTO bus_rate AS r (key, count, expires_at) VALUES ($1, 1, clock_timestamp() + $2 * interval '1 millisecond')
        ON CONFLICT (key) DO UPDATE SET count = CASE WHEN r.expires_at > clock_timestamp() THEN r.count + 1 ELSE 1 END,
          expires_at = CASE WHEN r.expires_at > clock_timestamp() THEN r.expires_at ELSE excluded.expires_at END RETURNING count`, [key, windowMs]);
      return Number(rows[0]?.['count']);
    },
    async holdLease(gateway, onLost) {
      let held = false;
      let missed = false;
      const renew = async (): Promise<void> => {
        try {
          const kept = await run('renew a lease', `UPDATE bus_lease SET expires_at = clock_timestamp() + $2 * interval '1 millisecond'
            WHERE gateway = $1 AND expires_at > clock_timestamp()`, [gateway, timing.leaseMs]);
          if (kept.rowCount === 1) return;
          await run('make a lease', `INSERT INTO bus_lease (gateway, expires_at) VALUES ($1, clock_timestamp() + $2 * interval '1 millisecond')
            ON CONFLICT (gateway) DO UPDATE SET expires_at = excluded.expires_at`, [gateway, timing.leaseMs]);
          if (!leases.has(gateway)) return;
          if (held || missed) onLost();
          held = true;
        } catch {
          // The bus is away; its return renews at once.
          missed = true;
        }
      };
      leases.set(gateway, renew);
      const timer = setInterval(() => void renew(), timing.renewMs);
      timer.unref();
      await renew();
      return async () => {
        clearInterval(timer);
        leases.delete(gateway);
        await run('give up a lease', 'DELETE FROM bus_lease WHERE gateway = $1', [gateway]).catch(() => undefined);
      };
    },
    async send(to, entry) {
      await run('send', 'WITH kept AS (INSERT INTO bus_inbox (recipient, entry) VALUES ($1, $2)) SELECT pg_notify($3, \'\')',
        [to, inboxes.write(entry), inboxChannel(to)]);
    },
    async receive(name, onEntry) {
      inboxes.add(name, onEntry);
      listener.listen(inboxChannel(name));
      return async () => {
        inboxes.remove(name);
        listener.unlisten(inboxChannel(name));
        await run('empty an inbox', 'DELETE FROM bus_inbox WHERE recipient = $1', [name]).catch(() => undefined);
      };
    },
    wake: wakes.wake,
    async onWake(listen) {
      wakeListeners.add(listen);
      listener.listen(wakeChannel);
      return async () => {
        wakeListeners.delete(listen);
      };
    },
    async close() {
      clearInterval(cleaning);
      wakes.close();
      if (pool.ending) return;
      health.report(false);
      await listener.close();
      await pool.end();
    },
  };
}

/** An error about one statement's values (SQLSTATE classes 22 and 23) says nothing about the bus. */
function isAboutData(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? '');
}
