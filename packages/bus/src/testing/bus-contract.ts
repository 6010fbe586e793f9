import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bus, InboxEntry } from '@csms/domain';
import { BusUnavailable } from '@csms/domain/command/bus-unavailable';
import type { BusTiming } from '../bus-timing.ts';
import { until } from './until.ts';

/** A server under test, and what can happen to it. */
export interface BusUnderTest {
  /** Opens one more process's view of the bus, through the link that can be cut. */
  open(timing: Partial<BusTiming>): Promise<Bus>;
  /** FLUSHALL or TRUNCATE. */
  forgetAll(): Promise<void>;
  /** Connections break and no new ones are made. */
  cut(): void;
  /** Connections stay and nothing is answered. */
  freeze(): void;
  mend(): void;
  close(): Promise<void>;
}

const timing: Partial<BusTiming> = { renewMs: 200, leaseMs: 1_200, pollMs: 200, retryMs: 200 };
const tenantId = 'demo';

/** What every adapter of the bus does. One suite, two adapters: the Redis one and the PostgreSQL one. */
export function busContract(name: string, start: () => Promise<BusUnderTest>): void {
  describe(`the bus on ${name}`, () => {
    let server: BusUnderTest;
    let stationId: string;
    const opened: Bus[] = [];
    const open = async (): Promise<Bus> => {
      const bus = await server.open(timing);
      opened.push(bus);
      return bus;
    };
    const claim = (bus: Bus, gateway: string, more: { socketId?: string; connectedAt?: Date; epochAbove?: bigint } = {}) =>
      bus.claim({ tenantId, stationId, gateway, socketId: more.socketId ?? randomUUID(), connectedAt: more.connectedAt ?? new Date(), epochAbove: more.epochAbove ?? null });
    const claimed = async (...given: Parameters<typeof claim>) => {
      const result = await claim(...given);
      if (result.outcome !== 'claimed') throw new Error('superseded');
      return result;
    };

    beforeAll(async () => {
      server = await start();
    });
    afterAll(async () => {
      await server?.close();
    });
    beforeEach(() => {
      stationId = randomUUID();
    });
    afterEach(async () => {
      server.mend();
      await Promise.all(opened.splice(0).map((bus) => bus.close()));
    });

    it('names the owner whose process holds its lease, and nobody else', async () => {
      const bus = await open();
      expect(await bus.ownerOf(tenantId, stationId)).toBeNull();
      const first = await claimed(bus, 'a', { socketId: 's1' });
      expect(await bus.ownerOf(tenantId, stationId), 'no lease yet').toBeNull();
      await bus.holdLease('a', () => undefined);
      expect(await bus.ownerOf(tenantId, stationId)).toEqual({ gateway: 'a', socketId: 's1', epoch: first.epoch });
      expect(await bus.ownersOf(tenantId, [stationId, randomUUID()])).toEqual(new Map([[stationId, { gateway: 'a', socketId: 's1', epoch: first.epoch }]]));
      expect(await bus.ownerOf('kota', stationId), 'another tenant').toBeNull();
      expect(await bus.leasesAlive(['a', 'b'])).toEqual(new Set(['a']));
    });

    it('a process that stops renewing is nobody\'s owner any more', async () => {
      const [living, dying] = [await open(), await open()];
      const end = await dying.holdLease('dying', () => undefined);
      await claimed(dying, 'dying');
      expect(await living.ownerOf(tenantId, stationId)).not.toBeNull();
      await dying.close();
      await until('the lease to expire', async () => (await living.ownerOf(tenantId, stationId)) === null);
      await end();
      const next = await claimed(living, 'living');
      expect(next.previous, 'nobody to kick').toBeNull();
    });

    it('a claim takes over with a greater epoch and names whom it took it from', async () => {
      const bus = await open();
      await bus.holdLease('a', () => undefined);
      const first = await claimed(bus, 'a', { socketId: 's1' });
      const second = await claimed(bus, 'b', { socketId: 's2' });
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(second.previous).toEqual({ gateway: 'a', socketId: 's1', epoch: first.epoch });
    });

    it('claims at once from two processes: two epochs, and the owner is the greater one', async () => {
      const [one, two] = [await open(), await open()];
      await one.holdLease('a', () => undefined);
      await two.holdLease('b', () => undefined);
      const results = await Promise.all([claimed(one, 'a'), claimed(two, 'b'), claimed(one, 'a'), claimed(two, 'b')]);
      const epochs = results.map((result) => result.epoch);
      expect(new Set(epochs).size).toBe(4);
      const greatest = epochs.reduce((a, b) => (a > b ? a : b));
      expect((await one.ownerOf(tenantId, stationId))?.epoch).toBe(greatest);
    });

    it('counts of two processes are one count, each key and each window has its own, and a bus that is away says so', async () => {
      const [one, two] = [await open(), await open()];
      const [long, short] = [`long ${stationId}`, `short ${stationId}`];
      expect([await one.countInWindow(long, 600_000), await two.countInWindow(long, 600_000), await one.countInWindow(long, 600_000)]).toEqual([1, 2, 3]);
      expect(await two.countInWindow(short, 300)).toBe(1);
      await until('the short window to end', async () => (await one.countInWindow(short, 300)) === 1);
      expect(await two.countInWindow(long, 600_000)).toBe(4);
      await server.forgetAll();
      expect(await one.countInWindow(long, 600_000)).toBe(1);
      server.cut();
      await expect(one.countInWindow(long, 600_000)).rejects.toBeInstanceOf(BusUnavailable);
    });

    it('late close: releasing an old epoch changes nothing', async () => {
      const bus = await open();
      await bus.holdLease('b', () => undefined);
      const first = await claimed(bus, 'a');
      const second = await claimed(bus, 'b', { socketId: 's2' });
      expect(await bus.release(tenantId, stationId, first.epoch)).toBe(false);
      expect((await bus.ownerOf(tenantId, stationId))?.socketId).toBe('s2');
      expect(await bus.release(tenantId, stationId, second.epoch)).toBe(true);
      expect(await bus.ownerOf(tenantId, stationId)).toBeNull();
      expect(await bus.release(tenantId, stationId, second.epoch), 'a second time').toBe(false);
    });

    it('delayed claim: a socket older than the owner is superseded, also after the owner gave it up', async () => {
      const bus = await open();
      const now = Date.now();
      const newer = await claimed(bus, 'b', { connectedAt: new Date(now) });
      expect(await claim(bus, 'a', { connectedAt: new Date(now - 10_000) })).toEqual({ outcome: 'superseded' });
      await bus.release(tenantId, stationId, newer.epoch);
      expect(await claim(bus, 'a', { connectedAt: new Date(now - 10_000) })).toEqual({ outcome: 'superseded' });
      expect((await claim(bus, 'a', { connectedAt: new Date(now - 1_000) })).outcome, 'within the skew of two clocks').toBe('claimed');
    });

    it('two sockets of one station that both claim again after a gap: the later one wins, whichever asks first', async () => {
      const bus = await open();
      await bus.holdLease('b', () => undefined);
      const older = { connectedAt: new Date(Date.now() - 1_500), epochAbove: 10n, socketId: 'older' };
      const later = { connectedAt: new Date(Date.now() - 1_000), epochAbove: 11n, socketId: 'later' };
      await claimed(bus, 'b', later);
      expect(await claim(bus, 'a', older)).toEqual({ outcome: 'superseded' });
      await server.forgetAll();
      await claimed(bus, 'a', older);
      await claimed(bus, 'b', later);
      await bus.holdLease('b', () => undefined);
      expect((await bus.ownerOf(tenantId, stationId))?.socketId).toBe('later');
    });

    it('a process whose clock is an hour ahead does not lock its station out of the others', async () => {
      const bus = await open();
      await claimed(bus, 'fast', { connectedAt: new Date(Date.now() + 3_600_000) });
      expect((await claim(bus, 'right')).outcome).toBe('claimed');
    });

    it('epochs rise also after everything was forgotten, and above what a process went on with', async () => {
      const bus = await open();
      const before = await claimed(bus, 'a');
      await server.forgetAll();
      // Epochs are milliseconds of the clock: what was forgotten within one of them is told apart in the next.
      await until('the next millisecond', () => BigInt(Date.now()) > before.epoch);
      const after = await claimed(bus, 'a');
      expect(after.epoch).toBeGreaterThan(before.epoch);
      const ahead = BigInt(Date.now()) + 3_600_000n;
      expect((await claimed(bus, 'a', { epochAbove: ahead })).epoch).toBeGreaterThan(ahead);
    });

    it('everything forgotten: the lease is made anew and its holder is told, once, to claim again', async () => {
      const bus = await open();
      let lost = 0;
      await bus.holdLease('a', () => void (lost += 1));
      await claimed(bus, 'a');
      expect(lost).toBe(0);
      await server.forgetAll();
      await until('the holder to be told', () => lost > 0);
      expect(await bus.leasesAlive(['a'])).toEqual(new Set(['a']));
      expect(await bus.ownerOf(tenantId, stationId), 'forgotten until claimed again').toBeNull();
      await claimed(bus, 'a');
      expect((await bus.ownerOf(tenantId, stationId))?.gateway).toBe('a');
      expect(lost).toBe(1);
    });

    it('an inbox delivers in order, to the named process alone, each entry once', async () => {
      const [from, to, other] = [await open(), await open(), await open()];
      const got: InboxEntry[] = [];
      const wrong: InboxEntry[] = [];
      await to.receive('to', (entry) => got.push(entry));
      await other.receive('other', (entry) => wrong.push(entry));
      const entries = Array.from({ length: 250 }, (_, n): InboxEntry => ({ kind: 'command', tenantId, stationId, epoch: 9_007_199_254_740_993n, commandId: String(n), replyTo: 'from' }));
      for (const entry of entries) await from.send('to', entry);
      await until('all entries', () => got.length >= entries.length);
      expect(got).toEqual(entries);
      expect(wrong).toEqual([]);
    });

    it('an entry sent before its reader came is read; one for a name that is gone is read by nobody', async () => {
      const bus = await open();
      const name = randomUUID();
      await bus.send(name, { kind: 'kick', tenantId, stationId, epoch: 7n });
      const got: InboxEntry[] = [];
      const stop = await bus.receive(name, (entry) => got.push(entry));
      await until('the early entry', () => got.length === 1);
      await stop();
      await bus.send(`${name}-before-restart`, { kind: 'kick', tenantId, stationId, epoch: 8n });
      await bus.receive(`${name}-after-restart`, (entry) => got.push(entry));
      await bus.send(`${name}-after-restart`, { kind: 'kick', tenantId, stationId, epoch: 9n });
      await until('the entry of the new name', () => got.length >= 2);
      expect(got.map((entry) => entry.epoch)).toEqual([7n, 9n]);
    });

    it('wakes readers of a tenant, the last wake-up of a burst included', async () => {
      const [from, to] = [await open(), await open()];
      const woken: string[] = [];
      await to.onWake((tenant) => woken.push(tenant));
      for (let n = 0; n < 20; n += 1) await from.wake('demo');
      await until('the first and the last', () => woken.length >= 2);
      expect(woken.length).toBeLessThan(20);
      await from.wake('kota');
      await until('the other tenant', () => woken.includes('kota'));
    });

    it.each(['cut', 'freeze'] as const)('the bus goes away (%s): calls reject with BusUnavailable, and all of it heals by itself', async (how) => {
      const bus = await open();
      const health: boolean[] = [];
      const entries: InboxEntry[] = [];
      const woken: string[] = [];
      let lost = 0;
      bus.onHealth((healthy) => health.push(healthy));
      await bus.holdLease('a', () => void (lost += 1));
      await bus.receive('a', (entry) => entries.push(entry));
      await bus.onWake((tenant) => woken.push(tenant));
      await claimed(bus, 'a');
      expect(bus.healthy()).toBe(true);

      server[how]();
      await until('the bus to be seen away', () => !bus.healthy());
      for (const call of [
        () => claim(bus, 'a'), () => bus.release(tenantId, stationId, 1n), () => bus.ownerOf(tenantId, stationId), () => bus.leasesAlive(['a']),
        () => bus.send('a', { kind: 'kick', tenantId, stationId, epoch: 1n }), () => bus.wake('away'),
      ]) await expect(call()).rejects.toBeInstanceOf(BusUnavailable);

      server.mend();
      await until('the bus to be back', () => bus.healthy());
      expect(health).toEqual([false, true]);
      await until('the lease', async () => (await bus.leasesAlive(['a']).catch(() => new Set())).has('a'));
      await claimed(bus, 'a');
      expect((await bus.ownerOf(tenantId, stationId))?.gateway).toBe('a');
      await bus.send('a', { kind: 'kick', tenantId, stationId, epoch: 5n });
      await until('the inbox', () => entries.some((entry) => entry.epoch === 5n));
      await until('the wake-ups', async () => {
        await bus.wake('back').catch(() => undefined);
        return woken.includes('back');
      });
      expect(lost).toBeLessThanOrEqual(1);
    });

    it('a process starts while the bus is away, and uses it when it comes', async () => {
      server.cut();
      const bus = await open();
      expect(bus.healthy()).toBe(false);
      const entries: InboxEntry[] = [];
      let told = 0;
      await bus.holdLease('late', () => void (told += 1));
      await bus.receive('late', (entry) => entries.push(entry));
      await expect(claim(bus, 'late')).rejects.toBeInstanceOf(BusUnavailable);
      server.mend();
      await until('the lease', () => told === 1);
      await claimed(bus, 'late');
      await bus.send('late', { kind: 'kick', tenantId, stationId, epoch: 5n });
      await until('the entry', () => entries.length === 1);
    });
  });
}
