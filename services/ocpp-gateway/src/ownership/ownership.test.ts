import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeRegistry, aSession, type FakeSession } from '../commands/testing/fake-session.ts';
import { MemoryBusServer } from '@csms/bus/testing/memory-bus';
import type { CloseReason, LiveSession } from '../sockets/session-registry.ts';
import { startOwnership, type Ownership } from './ownership.ts';

const opened: Ownership[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((ownership) => ownership.close()));
});

/** What the books would keep: a lower epoch changes nothing. */
class FakePresence {
  stored = new Map<string, { epoch: bigint; online: boolean }>();
  events: string[] = [];
  fails = false;
  presence = async (_tenant: string, stationId: string, epoch: bigint, online: boolean): Promise<void> => {
    if (this.fails) throw new Error('the books are away');
    if (epoch >= (this.stored.get(stationId)?.epoch ?? 0n)) this.stored.set(stationId, { epoch, online });
  };
  securityEvent = async (_tenant: string, event: { kind: string }): Promise<void> => void this.events.push(event.kind);
}

async function aGateway(server: MemoryBusServer, books: FakePresence, name: string) {
  const registry = new FakeRegistry();
  const bus = server.view();
  const ownership = await startOwnership({ bus, registry, stations: books, gatewayName: name, now: () => new Date(), random: () => 0.5, log: { info: () => undefined, warn: () => undefined } });
  opened.push(ownership);
  await bus.receive(name, (entry) => ownership.onKick(entry));
  const close = (session: FakeSession, reason: CloseReason): void => {
    registry.leave(session);
    ownership.onClosed(session, reason);
  };
  const connect = (given: Partial<LiveSession> = {}): FakeSession => {
    const session = aSession({ ...given, onTerminate: close });
    const previous = registry.enter(session);
    if (previous) ownership.onClosed(previous, 'replaced');
    ownership.onConnected(session);
    return session;
  };
  return { name, registry, ownership, connect, close, bus };
}

async function until(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    if (await probe()) return;
    await pause(2);
  }
  throw new Error(`in vain: ${what}`);
}

describe('ownership', () => {
  it('claims a socket as it opens and gives it up as it closes, with presence under its epoch', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const gateway = await aGateway(server, books, 'a');
    const session = gateway.connect();
    await until('presence', () => books.stored.get('CP')?.online === true);
    const owner = await gateway.bus.ownerOf('demo', 'CP');
    expect(owner).toEqual({ gateway: 'a', socketId: session.socketId, epoch: session.epoch });
    gateway.close(session, 'station');
    await until('offline', () => books.stored.get('CP')?.online === false);
    expect(await gateway.bus.ownerOf('demo', 'CP')).toBeNull();
  });

  it('G-35 a station that moved to another process: the old socket is ended, and its late close changes nothing', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const [a, b] = [await aGateway(server, books, 'a'), await aGateway(server, books, 'b')];
    const old = a.connect();
    await until('a to own it', () => books.stored.get('CP')?.online === true);
    const moved = b.connect();
    await until('the kick', () => old.ended.length > 0);
    expect(old.ended).toEqual(['superseded']);
    await until('presence of the new one', () => books.stored.get('CP')?.epoch === moved.epoch);
    a.ownership.onClosed(old, 'silent');
    await pause(10);
    expect(books.stored.get('CP')).toEqual({ epoch: moved.epoch, online: true });
    expect((await b.bus.ownerOf('demo', 'CP'))?.gateway).toBe('b');
  });

  it('replaced in the same process: the new socket owns it and stays online', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const gateway = await aGateway(server, books, 'a');
    gateway.connect();
    await until('online', () => books.stored.get('CP')?.online === true);
    const next = gateway.connect();
    await until('the new one', () => books.stored.get('CP')?.epoch === next.epoch);
    expect(books.stored.get('CP')?.online).toBe(true);
    expect((await gateway.bus.ownerOf('demo', 'CP'))?.socketId).toBe(next.socketId);
    expect(next.ended).toEqual([]);
  });

  it('a socket older than the one that owns the station is ended', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const [a, b] = [await aGateway(server, books, 'a'), await aGateway(server, books, 'b')];
    b.connect();
    await until('b to own it', () => books.stored.get('CP')?.online === true);
    const zombie = a.connect({ connectedAt: new Date(Date.now() - 60_000) });
    await until('the end of the zombie', () => zombie.ended.length > 0);
    expect((await b.bus.ownerOf('demo', 'CP'))?.gateway).toBe('b');
    expect(books.stored.get('CP')?.online).toBe(true);
  });

  it('the bus is away: no socket ends, presence goes on under our clock, and all is claimed again when it is back', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const gateway = await aGateway(server, books, 'a');
    // Once with nothing to claim again, which must not be the last time.
    server.setAway(true);
    server.setAway(false);
    const before = gateway.connect({ stationId: 'before' });
    await until('online', () => books.stored.get('before')?.online === true);
    server.setAway(true);
    const during = gateway.connect({ stationId: 'during' });
    const short = gateway.connect({ stationId: 'short' });
    await until('online without the bus', () => books.stored.get('during')?.online === true && books.stored.get('short')?.online === true);
    const clockEpoch = during.epoch!;
    expect(clockEpoch).toBeGreaterThan(1_700_000_000_000n);
    gateway.close(short, 'station');
    await until('offline without the bus', () => books.stored.get('short')?.online === false);
    expect([before.ended, during.ended]).toEqual([[], []]);

    server.setAway(false);
    server.setAway(true);
    server.setAway(false);
    await until('both claimed', async () => (await gateway.bus.ownersOf('demo', ['before', 'during'])).size === 2);
    await until('a greater epoch', () => during.epoch! > clockEpoch);
    expect(await gateway.bus.ownerOf('demo', 'short')).toBeNull();
  });

  it('a socket that closed while the bus was away is given up when it is back', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const gateway = await aGateway(server, books, 'a');
    const session = gateway.connect();
    await until('online', () => books.stored.get('CP')?.online === true);
    server.setAway(true);
    gateway.close(session, 'station');
    await until('offline', () => books.stored.get('CP')?.online === false);
    server.setAway(false);
    await until('nobody\'s', async () => (await gateway.bus.ownerOf('demo', 'CP')) === null);
  });

  it('everything forgotten: all stations are claimed again, each under a greater epoch', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const gateway = await aGateway(server, books, 'a');
    const sessions = Array.from({ length: 120 }, (_, n) => gateway.connect({ stationId: `CP_${n}` }));
    await until('all online', () => books.stored.size === 120);
    const epochs = sessions.map((session) => session.epoch!);
    server.forgetAll();
    await until('all owned', async () => (await gateway.bus.ownersOf('demo', sessions.map((session) => session.stationId))).size === 120);
    await until('all epochs', () => sessions.every((session, n) => session.epoch! > epochs[n]!));
    expect(sessions.every((session) => session.ended.length === 0)).toBe(true);
  });

  it('the books are away: presence is written when they are back, the last word only', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const gateway = await aGateway(server, books, 'a');
    books.fails = true;
    const session = gateway.connect();
    await until('an epoch', () => session.epoch !== null);
    gateway.close(session, 'station');
    books.fails = false;
    await until('offline', () => books.stored.get('CP')?.online === false);
  });

  it('two devices with one identity: a security event once, and the newer one is held off', async () => {
    const [server, books] = [new MemoryBusServer(), new FakePresence()];
    const [a, b] = [await aGateway(server, books, 'a'), await aGateway(server, books, 'b')];
    let last: FakeSession | undefined;
    for (let n = 0; n < 6; n += 1) {
      last = (n % 2 === 0 ? a : b).connect({ connectedAt: new Date() });
      await until('it to own the station', () => last!.epoch !== null && books.stored.get('CP')?.epoch === last!.epoch);
    }
    const newer = a.connect();
    await until('the limit', () => books.events.length > 0);
    const late = b.connect();
    await until('one of them to be held off', () => late.ended.length > 0 || newer.ended.length > 0);
    expect(new Set(books.events)).toEqual(new Set(['duplicate-identity']));
    expect(a.ownership.admits('demo', 'CP') && b.ownership.admits('demo', 'CP')).toBe(false);
    expect(a.ownership.admits('demo', 'OTHER')).toBe(true);
  });
});
