import { credentialHmac } from '@csms/kit';
import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation, testPepper } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';
import { aRawStation, basic, maskedTextFrame, rawUpgrade, until } from '../testing/raw-station.ts';
import type { CloseReason, LiveSession } from './session-registry.ts';

const heartbeat = (id: string) => [2, id, 'Heartbeat', {}];

describe('the way in', () => {
  it('G-30 no request target ends the process: bad ones are refused and a station next to them is served', async () => {
    const books = new MemoryBooks().register(aStation(), aStation({ identity: 'RDAM|123' }));
    await using gateway = await openGateway(books);
    const neighbour = await aRawStation({ port: gateway.port });
    for (const [target, status] of [['/%ff', 404], ['/ocpp/demo/%ff', 400], ['/ocpp//CP_1', 400], ['/ocpp/demo/a%2Fb', 400], [`/ocpp/demo/${'x'.repeat(49)}`, 400], ['/ocpp', 404]] as const) {
      const answer = await rawUpgrade({ port: gateway.port, target, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6' } });
      expect([target, answer.status]).toEqual([target, status]);
    }
    const absolute = await rawUpgrade({
      port: gateway.port, target: 'ws://csms.example.com/ocpp/demo/RDAM%7C123/', headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic('RDAM|123', 'secret') },
    });
    expect(absolute.status).toBe(101);
    expect([...gateway.registry.all()].map(({ identity }) => identity).sort()).toEqual(['CP_1', 'RDAM|123']);
    absolute.socket.destroy();
    neighbour.send(heartbeat('still here'));
    expect((await neighbour.answer('still here'))[0]).toBe(3);
  });

  it('a frame in the same segment as the upgrade is answered', async () => {
    const books = new MemoryBooks().register(aStation());
    await using gateway = await openGateway(books);
    const answer = await rawUpgrade({
      port: gateway.port, target: '/ocpp/demo/CP_1', headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic('CP_1', 'secret') },
      after: maskedTextFrame(JSON.stringify(heartbeat('first'))),
    });
    expect(answer.status).toBe(101);
    await until(() => answer.rest().includes('"first"'));
    answer.socket.destroy();
  });

  it('an unknown station, a wrong password and no password get the same 401, and knock', async () => {
    const books = new MemoryBooks().register(aStation());
    await using gateway = await openGateway(books);
    const ask = async (identity: string, headers: Record<string, string>) => {
      const answer = await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp2.0.1', ...headers } });
      expect(answer.status).toBe(401);
      return answer.head;
    };
    const heads = [await ask('NOBODY', basic('NOBODY', 'secret')), await ask('CP_1', basic('CP_1', 'wrong')), await ask('CP_1', {}), await ask('CP_1', basic('CP_2', 'secret'))];
    expect(new Set(heads).size).toBe(1);
    await until(() => books.knocks.length === 4);
    expect(books.knocks).toMatchObject([
      { identity: 'NOBODY', reason: 'unknown-station', ocppVersion: 'ocpp2.0.1' }, { identity: 'CP_1', reason: 'wrong-password' },
      { identity: 'CP_1', reason: 'no-credential' }, { identity: 'CP_1', reason: 'no-credential' },
    ]);
  });

  it('no subprotocol is 400, none in common is a handshake without the header and a close', async () => {
    await using gateway = await openGateway(new MemoryBooks().register(aStation()));
    expect((await rawUpgrade({ port: gateway.port, target: '/ocpp/demo/CP_1', headers: basic('CP_1', 'secret') })).status).toBe(400);
    const strange = await rawUpgrade({ port: gateway.port, target: '/ocpp/demo/CP_1', headers: { 'Sec-WebSocket-Protocol': 'ocpp1.5', ...basic('CP_1', 'secret') } });
    expect(strange.status).toBe(101);
    expect(strange.head.toLowerCase()).not.toContain('sec-websocket-protocol');
    await until(() => strange.rest().length >= 4);
    expect([strange.rest()[0], strange.rest().readUInt16BE(2)]).toEqual([0x88, 1002]);
    strange.socket.destroy();
  });

  it('a station without a subprotocol is let in where the setting says what it speaks', async () => {
    await using gateway = await openGateway(new MemoryBooks().register(aStation()), { versionWithoutOffer: 'ocpp1.6' });
    const station = await aRawStation({ port: gateway.port, protocols: [] });
    station.send(heartbeat('1'));
    expect((await station.answer('1'))[0]).toBe(3);
  });

  it('a station without a subprotocol is let in where its make is known for it, and only after it has proved who it is', async () => {
    await using gateway = await openGateway(new MemoryBooks().register(aStation({ vendor: 'United Chargers', model: 'GRS-*', firmware: '05.653:GCW-10.17-05.3:7452:B29A' })));
    const station = await aRawStation({ port: gateway.port, protocols: [] });
    station.send(heartbeat('1'));
    expect((await station.answer('1'))[0]).toBe(3);
    for (const identity of ['CP_1', 'NOBODY']) expect((await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, headers: basic(identity, 'wrong') })).status).toBe(401);
  });

  it('the first use of a new credential is told to the books', async () => {
    const books = new MemoryBooks().register(aStation({ credentialHmacNext: credentialHmac(testPepper, 'new') }));
    await using gateway = await openGateway(books);
    await aRawStation({ port: gateway.port });
    expect(books.credentialsUsed).toEqual([]);
    await aRawStation({ port: gateway.port, password: 'new' });
    expect(books.credentialsUsed).toEqual([credentialHmac(testPepper, 'new')]);
  });

  it('more sockets than the bucket or the process holds get 503 and a time to come back', async () => {
    const books = new MemoryBooks().register(...['A', 'B', 'C'].map((identity) => aStation({ identity })));
    const ask = async (port: number, identity: string) => rawUpgrade({ port, target: `/ocpp/demo/${identity}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, 'secret') } });
    await using full = await openGateway(books, { connectionsMax: 1 });
    await using slow = await openGateway(books, { upgradesPerSecond: 0.001, upgradesBurst: 1 });
    for (const gateway of [full, slow]) {
      expect((await ask(gateway.port, 'A')).status).toBe(101);
      const refused = await ask(gateway.port, 'B');
      expect(refused.status).toBe(503);
      expect(refused.head).toMatch(/Retry-After: \d+/);
    }
  });
});

describe('sockets', () => {
  function watched() {
    const closed: [LiveSession, CloseReason][] = [];
    return { closed, side: { onConnected: () => {}, onClosed: (session: LiveSession, reason: CloseReason) => { closed.push([session, reason]); } } };
  }

  it('G-35 a reconnect over a half-open socket works at once, the old one is cut, and its late close changes nothing', async () => {
    const { closed, side } = watched();
    await using gateway = await openGateway(new MemoryBooks().register(aStation()), {}, side);
    const old = await aRawStation({ port: gateway.port });
    const stale = gateway.registry.get('demo', aStation().id);
    // Half-open: the station has forgotten this socket and reads it no more, so no closing handshake would ever end.
    old.ws.pause();
    const fresh = await aRawStation({ port: gateway.port });
    fresh.send(heartbeat('1'));
    expect((await fresh.answer('1'))[0]).toBe(3);
    await until(() => closed.length === 1);
    expect(closed).toEqual([[stale, 'replaced']]);
    const live = gateway.registry.get('demo', aStation().id);
    expect(live).toBeDefined();
    expect(live).not.toBe(stale);
    const command = live?.call('ClearCache', {}, { deadline: new Date(Date.now() + 10_000), beforeWrite: async () => true });
    await until(() => fresh.received.some(([type]) => type === 2));
    expect(old.received).toEqual([]);
    fresh.send([3, String(fresh.received.find(([type]) => type === 2)?.[1]), { status: 'Accepted' }]);
    expect(await command).toMatchObject({ kind: 'result' });
    old.ws.terminate();
  });

  it('G-37 a message over the limit ends its own session with 1009 and no other; fragments of one within it are assembled', async () => {
    const { closed, side } = watched();
    await using gateway = await openGateway(new MemoryBooks().register(aStation(), aStation({ identity: 'CP_2' })), {}, side);
    const loud = await aRawStation({ port: gateway.port });
    const neighbour = await aRawStation({ port: gateway.port, identity: 'CP_2' });
    loud.send([2, 'big', 'DataTransfer', { vendorId: 'x', data: 'y'.repeat(70_000) }]);
    await until(() => loud.closed.length === 1 && closed.length === 1);
    expect(loud.closed).toEqual([1009]);
    expect(closed.map(([session, reason]) => [session.identity, reason])).toEqual([['CP_1', 'message-too-big']]);
    const text = JSON.stringify([2, 'parts', 'DataTransfer', { vendorId: 'x', data: 'y'.repeat(60_000) }]);
    neighbour.ws.send(text.slice(0, 20_000), { fin: false });
    neighbour.ws.send(text.slice(20_000), { fin: true });
    expect(await neighbour.answer('parts')).toEqual([3, 'parts', { status: 'UnknownVendorId' }]);
  });

  it('G-28 a binary message with JSON is a message', async () => {
    await using gateway = await openGateway(new MemoryBooks().register(aStation()));
    const station = await aRawStation({ port: gateway.port });
    station.send(Buffer.from(JSON.stringify(heartbeat('bin'))));
    expect((await station.answer('bin'))[0]).toBe(3);
  });

  it('G-39 a station that reconnects without a boot is fully usable, both ways', async () => {
    const books = new MemoryBooks().register(aStation());
    await using gateway = await openGateway(books);
    const first = await aRawStation({ port: gateway.port });
    first.send([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' }]);
    const [, , started] = await first.answer('s');
    first.ws.terminate();
    await until(() => gateway.connections() === 0);

    const again = await aRawStation({ port: gateway.port });
    again.send([2, 'm', 'MeterValues', { connectorId: 1, transactionId: 1, meterValue: [{ timestamp: '2026-11-24T09:05:00Z', sampledValue: [{ value: '900' }] }] }]);
    expect(await again.answer('m')).toEqual([3, 'm', {}]);
    const call = gateway.registry.get('demo', aStation().id)?.call('RemoteStopTransaction', { transactionId: 1 }, { deadline: new Date(Date.now() + 10_000), beforeWrite: async () => true });
    await until(() => again.received.some(([type]) => type === 2));
    again.send([3, String(again.received.find(([type]) => type === 2)?.[1]), { status: 'Accepted' }]);
    expect(await call).toMatchObject({ kind: 'result', payload: { status: 'Accepted' } });
    again.send([2, 'e', 'StopTransaction', { transactionId: 1, meterStop: 1_000, timestamp: '2026-11-24T09:06:00Z' }]);
    expect((await again.answer('e'))[0]).toBe(3);
    expect(started).toMatchObject({ transactionId: 1 });
    expect(books.boots).toEqual([]);
    expect(books.readings).toMatchObject([{ transactionRef: '1', registerWh: 900 }]);
    expect(books.stops).toMatchObject([{ fact: { transactionRef: '1', meterStopWh: 1_000 } }]);
  });

  it('draining lets nobody in, answers what is in work, and closes every socket with 1012', async () => {
    const books = new MemoryBooks().register(aStation(), aStation({ identity: 'CP_2' }));
    const { closed, side } = watched();
    const gateway = await openGateway(books, {}, side);
    const idle = await aRawStation({ port: gateway.port });
    const busy = await aRawStation({ port: gateway.port, identity: 'CP_2' });
    let open = (): void => {};
    books.gate = () => new Promise((resolve) => { open = resolve; });
    busy.send([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' }]);
    await until(() => [...gateway.registry.all()].some((session) => 'busy' in session && session.busy === true));
    const drained = gateway.drain({ drainMs: 30_000 });
    await until(() => idle.closed.length === 1);
    expect(busy.closed).toEqual([]);
    await expect(aRawStation({ port: gateway.port })).rejects.toThrow();
    open();
    expect(await busy.answer('s')).toMatchObject([3, 's', { transactionId: 1 }]);
    await drained;
    expect([idle.closed, busy.closed]).toEqual([[1012], [1012]]);
    expect(closed.map(([, reason]) => reason)).toEqual(['drained', 'drained']);
  });
});
