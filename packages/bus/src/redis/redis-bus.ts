import { Redis } from 'ioredis';
import { z } from 'zod';
import type { Bus, InboxEntry, Owner } from '@csms/domain';
import { BusUnavailable } from '@csms/domain/command/bus-unavailable';
import type { BusLog, BusTiming } from '../bus-timing.ts';
import { createBusHealth } from '../bus-health.ts';
import { writeInboxMessage } from '../inbox-message.ts';
import { createWakeCoalescer } from '../wake-coalescer.ts';
import { within } from '../within.ts';
import { claimScript, countScript, releaseScript } from './scripts.ts';
import { readInbox } from './inbox-reader.ts';

const wakeChannel = 'csms:wake';
const inboxKey = (name: string): string => `gw:inbox:${name}`;
const leaseKey = (gateway: string): string => `gw:lease:${gateway}`;
const ownerKey = (tenantId: string, stationId: string): string => `own:{${tenantId}:${stationId}}`;

const ClaimReply = z.tuple([z.string(), z.string(), z.string(), z.string()]);
const OwnerReply = z.tuple([z.string(), z.string(), z.string()]);

/**
 * The bus in Redis (or Valkey): a hash a station, a key with expiry a process, a stream an inbox, pub/sub for wake-ups. Blocking reads and the
 * subscription have connections of their own, so that they never delay a claim.
 */
export async function openRedisBus(options: { url: string; log: BusLog; timing: BusTiming }): Promise<Bus> {
  const { url, log, timing } = options;
  const health = createBusHealth('redis', log);
  const connection = {
    protocol: 2 as const, lazyConnect: true, enableOfflineQueue: false, maxRetriesPerRequest: 1, connectTimeout: timing.callTimeoutMs, keepAlive: 10_000,
    retryStrategy: () => timing.retryMs * (0.5 + Math.random() / 2),
  };
  const main = new Redis(url, { ...connection, commandTimeout: timing.callTimeoutMs });
  let closed = false;
  let lastError: unknown;
  main.on('error', (error) => {
    lastError = error;
  });
  main.on('close', () => {
    if (!closed) health.report(false, lastError);
  });
  main.on('ready', () => void recover());

  const leases = new Set<() => Promise<void>>();
  let probe: Promise<void> | null = null;
  let recovery: NodeJS.Timeout | undefined;

  function recover(): Promise<void> {
    probe ??= askAlive().finally(() => {
      probe = null;
    });
    return probe;
  }

  async function askAlive(): Promise<void> {
    if (closed) return;
    try {
      await within(timing.callTimeoutMs, main.ping());
      health.report(true);
      for (const renew of leases) void renew();
    } catch {
      // A server that accepts and does not answer: a new connection tells when it is back.
      recovery = setTimeout(() => void recover(), timing.retryMs);
      recovery.unref();
    }
  }

  async function run<T>(operation: string, work: () => Promise<T>): Promise<T> {
    if (!health.healthy()) throw new BusUnavailable(operation);
    try {
      return await within(timing.callTimeoutMs, work());
    } catch (error) {
      health.report(false, error);
      if (main.status === 'ready') void recover();
      throw new BusUnavailable(operation, error);
    }
  }

  async function ownersOf(tenantId: string, stationIds: readonly string[]): Promise<Map<string, Owner>> {
    const found = new Map<string, Owner>();
    if (stationIds.length === 0) return found;
    const rows = await run('look up owners', () => Promise.all(stationIds.map((id) => main.hmget(ownerKey(tenantId, id), 'gateway', 'socket', 'epoch'))));
    rows.forEach((row, index) => {
      const parsed = OwnerReply.safeParse(row);
      if (parsed.success) found.set(stationIds[index]!, { gateway: parsed.data[0], socketId: parsed.data[1], epoch: BigInt(parsed.data[2]) });
    });
    const alive = await leasesAlive([...new Set([...found.values()].map((owner) => owner.gateway))]);
    for (const [id, owner] of found) if (!alive.has(owner.gateway)) found.delete(id);
    return found;
  }

  async function leasesAlive(gateways: readonly string[]): Promise<Set<string>> {
    const present = await run('look up leases', () => Promise.all(gateways.map((name) => main.exists(leaseKey(name)))));
    return new Set(gateways.filter((_name, index) => present[index] === 1));
  }

  const wakes = createWakeCoalescer(50, async (tenantId) => {
    await run('wake', () => main.publish(wakeChannel, tenantId));
  });
  const wakeListeners = new Set<(tenantId: string) => void>();
  let subscriber: Redis | null = null;
  const stops = new Set<() => Promise<void>>();

  await within(timing.callTimeoutMs * 2, main.connect().then(() => recover())).catch((error: unknown) => health.report(false, error));

  return {
    kind: 'redis',
    healthy: health.healthy,
    onHealth: health.onHealth,
    async claim({ tenantId, stationId, gateway, socketId, connectedAt, epochAbove }) {
      const reply = ClaimReply.parse(await run('claim', () => main.eval(claimScript, 1, ownerKey(tenantId, stationId), gateway, socketId, connectedAt.getTime(), (epochAbove ?? 0n).toString())));
      const [epoch, previousGateway, previousSocket, previousEpoch] = reply;
      if (epoch === '0') return { outcome: 'superseded' };
      // Whether the one before still lives only decides about a kick: when that cannot be read, kick.
      const lives = previousGateway !== '' && await leasesAlive([previousGateway]).then((alive) => alive.has(previousGateway), () => true);
      return { outcome: 'claimed', epoch: BigInt(epoch), previous: lives ? { gateway: previousGateway, socketId: previousSocket, epoch: BigInt(previousEpoch) } : null };
    },
    async release(tenantId, stationId, epoch) {
      return await run('release', () => main.eval(releaseScript, 1, ownerKey(tenantId, stationId), epoch.toString())) === 1;
    },
    async countInWindow(key, windowMs) {
      return Number(await run('count', () => main.eval(countScript, 1, `rate:${key}`, windowMs)));
    },
    async ownerOf(tenantId, stationId) {
      return (await ownersOf(tenantId, [stationId])).get(stationId) ?? null;
    },
    ownersOf,
    leasesAlive,
    async holdLease(gateway, onLost) {
      let held = false;
      let missed = false;
      let stopped = false;
      const renew = async (): Promise<void> => {
        try {
          const kept = await run('renew a lease', () => main.pexpire(leaseKey(gateway), timing.leaseMs));
          if (kept === 1 || stopped) return;
          await run('make a lease', () => main.set(leaseKey(gateway), '1', 'PX', timing.leaseMs));
          if (held || missed) onLost();
          held = true;
        } catch {
          // The bus is away; its return renews at once.
          missed = true;
        }
      };
      leases.add(renew);
      const timer = setInterval(() => void renew(), timing.renewMs);
      timer.unref();
      await renew();
      return async () => {
        stopped = true;
        clearInterval(timer);
        leases.delete(renew);
        await run('give up a lease', () => main.del(leaseKey(gateway))).catch(() => undefined);
      };
    },
    async send(to, entry: InboxEntry) {
      await run('send', async () => {
        await Promise.all([
          main.xadd(inboxKey(to), 'MAXLEN', '~', 10_000, '*', 'entry', writeInboxMessage(entry)),
          main.pexpire(inboxKey(to), 600_000),
        ]);
      });
    },
    async receive(name, onEntry) {
      const stop = readInbox({ redis: new Redis(url, connection), key: inboxKey(name), timing, onEntry });
      stops.add(stop);
      return async () => {
        stops.delete(stop);
        await stop();
        await run('empty an inbox', () => main.del(inboxKey(name))).catch(() => undefined);
      };
    },
    wake: wakes.wake,
    async onWake(listener) {
      wakeListeners.add(listener);
      if (!subscriber) {
        const fresh = new Redis(url, { ...connection, enableOfflineQueue: true, maxRetriesPerRequest: null });
        subscriber = fresh;
        fresh.on('error', () => undefined);
        fresh.on('message', (_channel, tenantId) => {
          for (const listen of [...wakeListeners]) listen(tenantId);
        });
        // Queued until the connection stands, and made again by ioredis after each reconnect.
        const subscribed = fresh.subscribe(wakeChannel).catch(() => undefined);
        if (health.healthy()) await within(timing.callTimeoutMs, subscribed).catch(() => undefined);
      }
      return async () => void wakeListeners.delete(listener);
    },
    async close() {
      closed = true;
      clearTimeout(recovery);
      wakes.close();
      health.report(false);
      await Promise.all([...stops].map((stop) => stop()));
      subscriber?.disconnect();
      main.disconnect();
    },
  };
}
