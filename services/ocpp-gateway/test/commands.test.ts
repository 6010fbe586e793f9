import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBus, openReplyDesk } from '@csms/bus';
import type { CommandRecord, StationCommand } from '@csms/domain';
import { sendCommand, type SendCommandParts } from '@csms/domain/command/send-command';
import { credentialHmac, uuidv7 } from '@csms/kit';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { openCommandLedger } from '@csms/store/commands/command-ledger';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import { startGatewayProcess, type GatewayProcess } from '../src/commands/testing/gateway-process.ts';
import { createWireCharger, type WireCharger } from '../src/commands/testing/wire-charger.ts';

/*
 * Commands and death: two real gateway processes over one real PostgreSQL, which is also the bus. This process is the API: twice, with connections of
 * its own each time.
 */

const pepper = 'a pepper for tests of commands';
const siteId = randomUUID();
const clearCache: StationCommand = { action: 'clear-cache' };

let database: TestDatabase;
let admin: pg.Pool;
let a: GatewayProcess;
let b: GatewayProcess;
let apis: Api[];
/** Its gateway was killed before the first test, so that nobody waits for what takes half a minute. */
let abandonedStationId: string;
const chargers: WireCharger[] = [];

interface Api { send(stationId: string, command: StationCommand, more?: { key?: string; timeoutMs?: number }): Promise<CommandRecord>; bus: Awaited<ReturnType<typeof openBus>>; close(): Promise<void> }

beforeAll(async () => {
  database = await startTestDatabase();
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 3 });
  admin.on('error', () => undefined);
  await admin.query("INSERT INTO tenant (id, display_name) VALUES ('demo', 'Demo')");
  await admin.query("INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('demo', $1, 'demo', 'site', 'Site', 'Asia/Jakarta')", [siteId]);
  await admin.query("INSERT INTO token (tenant_id, id, uid) VALUES ('demo', $1, 'CARD-1')", [randomUUID()]);
  [a, b] = await Promise.all([startGateway(), startGateway()]);
  apis = await Promise.all([openApi('api-1'), openApi('api-2')]);
  abandonedStationId = await abandonStation();
});
afterAll(async () => {
  await Promise.all((apis ?? []).map((api) => api.close()));
  await Promise.all([a, b].map((gateway) => gateway?.kill('SIGKILL')));
  await admin?.end();
  await database?.close();
});
beforeEach(async () => {
  // A test before may have killed one.
  if (!isAlive(a.pid)) a = await startGateway();
  if (!isAlive(b.pid)) b = await startGateway();
});
afterEach(() => {
  for (const charger of chargers.splice(0)) charger.close();
});

describe('a command over two gateways', () => {
  it('G-24 never has two calls in flight to a charger, whoever asks and whichever gateway it is on', async () => {
    const { charger, stationId } = await aCharger();
    const old = await charger.connect(a.port);
    charger.respond = async () => {
      await aMoment();
      return { status: 'Accepted' };
    };
    await owned(stationId, a);
    const first = Array.from({ length: 8 }, (_, n) => apis[n % 2]!.send(stationId, clearCache));
    await until('a frame', () => charger.calls.length > 2);
    const fresh = await charger.connect(b.port);
    await until('the books to know the new owner', async () => (await apis[0]!.bus.ownerOf('demo', stationId))?.gateway === b.name && !charger.isOpen(old));
    const writtenBefore = charger.calls.length;
    const second = Array.from({ length: 6 }, (_, n) => apis[n % 2]!.send(stationId, clearCache));
    const states = (await Promise.all([...first, ...second])).map((record) => record.state);
    expect(charger.overlaps).toBe(0);
    expect(states.every((state) => ['accepted', 'unknown', 'not-connected'].includes(state)), states.join()).toBe(true);
    expect(states.slice(8)).toEqual(Array(6).fill('accepted'));
    expect(charger.calls.slice(writtenBefore).every((call) => call.socket === fresh), 'nothing through the old gateway').toBe(true);
  });

  it('G-44 the same idempotency key from two API processes at once puts one frame on the wire; both get the same result', async () => {
    const { charger, stationId } = await aCharger();
    await charger.connect(a.port);
    await owned(stationId, a);
    for (let round = 0; round < 5; round += 1) {
      const key = randomUUID();
      const command: StationCommand = { action: 'remote-start', evseId: 1, tokenUid: 'CARD-1', remoteStartId: round };
      const [one, two] = await Promise.all([apis[0]!.send(stationId, command, { key }), apis[1]!.send(stationId, { ...command, remoteStartId: 900 + round }, { key })]);
      expect(one).toMatchObject({ state: 'accepted', result: { status: 'Accepted' } });
      expect(two).toEqual(one);
      expect(await apis[1]!.send(stationId, command, { key }), 'and once more, later').toMatchObject({ id: one.id, state: 'accepted' });
      expect(charger.calls).toHaveLength(round + 1);
    }
  });

  it('G-45 what the caller gave up on before it was written is never written', async () => {
    const { charger, stationId } = await aCharger();
    await charger.connect(a.port);
    await owned(stationId, a);
    charger.respond = async () => null;
    const slow = apis[0]!.send(stationId, clearCache);
    const held = await until('the first frame', () => charger.calls[0]);
    const givenUp = await apis[0]!.send(stationId, { action: 'reset', kind: 'soft' }, { timeoutMs: 1_000 });
    expect(givenUp).toMatchObject({ state: 'expired', sentAt: null });

    charger.respond = async () => ({ status: 'Accepted' });
    charger.answer(held, { status: 'Accepted' });
    expect(await slow).toMatchObject({ state: 'accepted' });
    expect(await apis[0]!.send(stationId, { action: 'unlock', evseId: 1, connectorId: 1 })).toMatchObject({ sentAt: expect.any(Date) });
    expect(charger.calls.map((call) => call.action)).toEqual(['ClearCache', 'UnlockConnector']);
    expect(await stored(givenUp.id)).toMatchObject({ state: 'expired', sent_at: null });
  });

  it('nobody holds the station: not-connected, nothing waits', async () => {
    const { stationId } = await aCharger();
    expect(await apis[0]!.send(stationId, clearCache)).toMatchObject({ state: 'not-connected', sentAt: null });
  });

  it('G-35 a charger reconnects to another gateway over a half-open socket: the new one works, and the late close of the old one changes nothing', async () => {
    const { charger, stationId } = await aCharger();
    const old = await charger.connect(a.port);
    await owned(stationId, a);
    const fresh = await charger.connect(b.port);
    expect(await charger.call('Heartbeat', {})).toHaveProperty('currentTime');
    await owned(stationId, b);
    expect(await apis[0]!.send(stationId, clearCache)).toMatchObject({ state: 'accepted' });
    expect(charger.calls.map((call) => call.socket)).toEqual([fresh]);
    await until('the end of the old socket', () => !charger.isOpen(old));
    await until('presence under the new epoch', async () => (await station(stationId)).online_epoch === (await apis[0]!.bus.ownerOf('demo', stationId))?.epoch.toString());
    expect(await apis[1]!.send(stationId, clearCache)).toMatchObject({ state: 'accepted' });
    expect(await station(stationId)).toMatchObject({ online: true });
    expect(charger.isOpen(fresh)).toBe(true);
  });
});

describe('death', () => {
  it('G-46 the owner is killed between the frame and its answer: unknown, no second frame, and the StartTransaction closes it', async () => {
    const { charger, stationId } = await aCharger();
    await charger.connect(a.port);
    await owned(stationId, a);
    charger.respond = async () => null;
    const pending = apis[0]!.send(stationId, { action: 'remote-start', evseId: 1, tokenUid: 'CARD-1', remoteStartId: 1 }, { timeoutMs: 3_000 });
    await until('the frame', () => charger.calls[0]);
    await a.kill('SIGKILL');
    await charger.connect(b.port);
    const outcome = await pending;
    expect(outcome).toMatchObject({ state: 'unknown', sentAt: expect.any(Date), sessionId: null });

    charger.respond = async () => ({ status: 'Accepted' });
    const answer = await charger.call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', timestamp: new Date().toISOString(), meterStart: 100 });
    expect(answer).toHaveProperty('transactionId');
    const closed = await until('the command to be closed by the facts', async () => {
      const row = await stored(outcome.id);
      return row?.state === 'accepted' ? row : null;
    });
    expect(closed.detail).toBe('seen in the facts');
    expect(closed.session_id).not.toBeNull();
    await owned(stationId, b);
    expect(await apis[0]!.send(stationId, clearCache), 'the charger is usable').toMatchObject({ state: 'accepted' });
    expect(charger.calls.map((call) => call.action)).toEqual(['RemoteStartTransaction', 'ClearCache']);
  });

  it('I-6 a frozen owner that wakes up writes nothing that the new owner has written', async () => {
    const { charger, stationId } = await aCharger();
    await charger.connect(a.port);
    await owned(stationId, a);
    await a.kill('SIGSTOP');
    try {
      const pending = apis[0]!.send(stationId, clearCache, { timeoutMs: 20_000 });
      await until('the entry in the frozen inbox', async () => (await admin.query('SELECT 1 FROM bus_inbox WHERE recipient = $1', [a.name])).rowCount);
      await charger.connect(b.port);
      expect(await pending).toMatchObject({ state: 'accepted' });
    } finally {
      await a.kill('SIGCONT');
    }
    await until('the inbox to be read', async () => (await admin.query('SELECT 1 FROM bus_inbox WHERE recipient = $1', [a.name])).rowCount === 0);
    await until('the end of the old socket', () => !charger.isOpen(0));
    expect(charger.calls.map((call) => call.socket)).toEqual([1]);
    expect((await apis[0]!.bus.ownerOf('demo', stationId))?.gateway).toBe(b.name);
  });

  it('I-5 kill -9 of either gateway under load: each command ends, none is written twice, and the owner is right again', async () => {
    const fleet = await Promise.all(Array.from({ length: 6 }, () => aCharger()));
    let open = true;
    const ports = (): number[] => [a, b].filter((gateway) => isAlive(gateway.pid)).map((gateway) => gateway.port);
    const living = fleet.map(async ({ charger }, n) => {
      for (let tries = n; open; tries += 1) {
        const socket = await charger.connect(ports()[tries % ports().length]!).catch(() => null);
        if (socket !== null) await Promise.race([charger.closed(socket), stopped]);
        else await aMoment();
      }
    });
    let stop = (): void => undefined;
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    await Promise.all(fleet.map(({ stationId }) => until('an owner', () => apis[0]!.bus.ownerOf('demo', stationId))));

    const results: CommandRecord[] = [];
    let loading = true;
    const load = fleet.map(async ({ stationId }, n) => {
      while (loading) results.push(await apis[n % 2]!.send(stationId, { action: 'data-transfer', vendorId: 'test', messageId: null, data: randomUUID() }, { timeoutMs: 3_000 }));
    });
    for (const victim of ['a', 'b'] as const) {
      const before = results.length;
      await until('load', () => results.length > before + 20);
      await (victim === 'a' ? a : b).kill('SIGKILL');
      const survivor = victim === 'a' ? b : a;
      await until('the survivor to own all', async () => {
        const owners = await apis[0]!.bus.ownersOf('demo', fleet.map(({ stationId }) => stationId));
        return fleet.every(({ stationId }) => owners.get(stationId)?.gateway === survivor.name);
      }, 30_000);
      if (victim === 'a') a = await startGateway();
      else b = await startGateway();
    }
    loading = false;
    await Promise.all(load);
    for (const { stationId } of fleet) expect(await apis[0]!.send(stationId, clearCache)).toMatchObject({ state: 'accepted' });
    open = false;
    stop();
    await Promise.all(living);

    const frames = new Map<unknown, number>();
    for (const { charger } of fleet) for (const call of charger.calls) if (call.action === 'DataTransfer') frames.set(call.payload['data'], (frames.get(call.payload['data']) ?? 0) + 1);
    expect([...frames.values()].filter((count) => count > 1)).toEqual([]);
    const states = new Set(results.map((record) => record.state));
    for (const state of states) expect(['accepted', 'unknown', 'not-connected', 'expired']).toContain(state);
    for (const record of results) {
      const data = record.command.action === 'data-transfer' ? record.command.data : null;
      if (record.state === 'accepted') expect(frames.get(data)).toBe(1);
      if (record.state === 'expired' || record.state === 'not-connected') expect(frames.get(data) ?? 0).toBe(0);
    }
    expect(results.filter((record) => record.state === 'accepted').length).toBeGreaterThan(40);
  });

  it('a station whose gateway died and that does not come back goes offline', async () => {
    await until('offline', async () => !(await station(abandonedStationId)).online, 60_000);
  });
});

describe('the bus is stopped and started', () => {
  it('every socket stays, calls are answered, commands go through the ledger, and ownership heals', async () => {
    const [on, moving] = [await aCharger(), await aCharger()];
    const socket = await on.charger.connect(a.port);
    await moving.charger.connect(a.port);
    await owned(on.stationId, a);
    const before = (await apis[0]!.bus.ownerOf('demo', on.stationId))!.epoch;
    await admin.query('ALTER ROLE csms_bus NOLOGIN');
    try {
      await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'csms_bus'");
      await until('the bus to be seen away', () => apis.every((api) => !api.bus.healthy()));
      expect(await on.charger.call('Heartbeat', {})).toHaveProperty('currentTime');
      const moved = await moving.charger.connect(b.port);
      expect(await moving.charger.call('Heartbeat', {})).toHaveProperty('currentTime');
      expect(await apis[0]!.send(on.stationId, clearCache, { timeoutMs: 10_000 })).toMatchObject({ state: 'accepted' });
      await until('presence of the one that moved', async () => BigInt((await station(moving.stationId)).online_epoch) > before);
      expect(await apis[1]!.send(moving.stationId, clearCache, { timeoutMs: 10_000 })).toMatchObject({ state: 'accepted' });
      expect(moving.charger.calls.map((call) => call.socket)).toEqual([moved]);
    } finally {
      await admin.query('ALTER ROLE csms_bus LOGIN');
    }
    await until('the bus to be back', () => apis.every((api) => api.bus.healthy()));
    await owned(on.stationId, a);
    await owned(moving.stationId, b);
    await until('a greater epoch', async () => (await apis[0]!.bus.ownerOf('demo', on.stationId))!.epoch > before);
    expect(await apis[0]!.send(on.stationId, clearCache)).toMatchObject({ state: 'accepted' });
    expect(on.charger.isOpen(socket)).toBe(true);
    expect(await station(on.stationId)).toMatchObject({ online: true });
  });

  it('everything on the bus is forgotten: the owners are right again by themselves', async () => {
    const { charger, stationId } = await aCharger();
    const socket = await charger.connect(a.port);
    await owned(stationId, a);
    await admin.query('TRUNCATE bus_lease, bus_owner, bus_inbox');
    await owned(stationId, a);
    expect(await apis[0]!.send(stationId, clearCache)).toMatchObject({ state: 'accepted' });
    expect(charger.isOpen(socket)).toBe(true);
  });
});

async function abandonStation(): Promise<string> {
  const gateway = await startGateway();
  const { charger, stationId } = await aCharger();
  await charger.connect(gateway.port);
  await until('online', async () => (await station(stationId)).online);
  await gateway.kill('SIGKILL');
  return stationId;
}

function startGateway(): Promise<GatewayProcess> {
  return startGatewayProcess({ DATABASE_URL: database.appUrl, BUS_DATABASE_URL: database.busUrl, CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: pepper });
}

async function openApi(name: string): Promise<Api> {
  const bus = await openBus({ databaseUrl: database.busUrl, log: { info: () => undefined, warn: () => undefined } });
  const ledger = openCommandLedger({ databaseUrl: database.appUrl, cards: cardKeysOfPepper(pepper) });
  const desk = await openReplyDesk(bus, `${name}-${randomUUID()}`);
  const parts: SendCommandParts = { ledger, bus, now: () => new Date(), newId: () => uuidv7(), replyTo: desk.name, waitForReply: desk.waitForReply };
  return {
    bus,
    async send(stationId, command, { key = randomUUID(), timeoutMs = 10_000 } = {}) {
      const outcome = await sendCommand(parts, { tenantId: 'demo', stationId, command, idempotencyKey: key, createdBy: name, timeoutMs });
      expect(outcome.kind).toBe('ended');
      return outcome.record;
    },
    async close() {
      await desk.close();
      await bus.close();
      await ledger.close();
    },
  };
}

async function aCharger(): Promise<{ charger: WireCharger; stationId: string }> {
  const stationId = uuidv7();
  const identity = `CP_${randomUUID().slice(0, 8)}`;
  await admin.query('INSERT INTO station (tenant_id, id, site_id, identity, credential_hmac) VALUES ($1, $2, $3, $4, $5)',
    ['demo', stationId, siteId, identity, Buffer.from(credentialHmac(pepper, 'secret'))]);
  const charger = createWireCharger(identity, 'secret');
  chargers.push(charger);
  return { charger, stationId };
}

async function owned(stationId: string, gateway: GatewayProcess): Promise<void> {
  await until(`${gateway.name} to own the station`, async () => (await apis[0]!.bus.ownerOf('demo', stationId).catch(() => null))?.gateway === gateway.name, 30_000);
}

async function station(stationId: string): Promise<{ online: boolean; online_epoch: string }> {
  const { rows } = await admin.query<{ online: boolean; online_epoch: string }>('SELECT online, online_epoch::text FROM station WHERE id = $1', [stationId]);
  return rows[0]!;
}

async function stored(id: string): Promise<{ state: string; detail: string | null; session_id: string | null; sent_at: Date | null } | undefined> {
  return (await admin.query<{ state: string; detail: string | null; session_id: string | null; sent_at: Date | null }>('SELECT state, detail, session_id, sent_at FROM command WHERE id = $1', [id])).rows[0];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 30));
}

async function until<T>(what: string, probe: () => T | Promise<T>, timeoutMs = 20_000): Promise<NonNullable<T>> {
  const endsAt = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== null && value !== undefined && value !== false && value !== 0) return value;
    if (Date.now() > endsAt) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`);
    await aMoment();
  }
}
