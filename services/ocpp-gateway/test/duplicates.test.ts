import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRawStation, basic, rawUpgrade, type RawStation } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

let platform: Platform;
let gateways: GatewayProcess[];
beforeAll(async () => {
  platform = await openPlatform();
  const more = { CSMS_TAKEOVERS_PER_MINUTE: '10000', CSMS_OCPP_PING_SECONDS: '1' };
  gateways = await Promise.all([platform.startGateway(more), platform.startGateway(more)]);
});
afterAll(() => platform?.close());

/** Mulberry32: the same races for the same seed, as far as the machine allows. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe('two sockets of one station', () => {
  it('C-07 whoever cannot prove it takes nobody\'s place; who can is the newest and wins, and the old socket is told so with a code of its own', async () => {
    const password = (await platform.register('DOUBLE')).get('DOUBLE') ?? '';
    const [here, there] = gateways as [GatewayProcess, GatewayProcess];
    const first = await aRawStation({ port: here.port, identity: 'DOUBLE', password });
    await platform.held('DOUBLE', here);
    await expect(aRawStation({ port: there.port, identity: 'DOUBLE', password: 'a guess' })).rejects.toThrow('401');
    await expect(aRawStation({ port: here.port, identity: 'DOUBLE', password: 'a guess' })).rejects.toThrow('401');
    expect(first.closed).toEqual([]);
    // It answers pings, as a station does that is alive.
    const epochOf = async () => (await platform.sql<{ epoch: string }>('SELECT online_epoch AS epoch FROM station WHERE identity = $1', ['DOUBLE']))[0]?.epoch ?? '0';
    const before = await eventually(epochOf, (epoch) => epoch !== '0');
    await new Promise<void>((resolve) => { first.ws.once('ping', () => setImmediate(resolve)); });
    first.send([2, 'ponged', 'Heartbeat', {}]);
    await first.answer('ponged');
    const second = await aRawStation({ port: there.port, identity: 'DOUBLE', password });
    await eventually(async () => first.closed, (closed) => closed.length === 1);
    expect(first.closed).toEqual([4001]);
    await platform.held('DOUBLE', there);
    expect(BigInt(await eventually(epochOf, (epoch) => BigInt(epoch) > BigInt(before)))).toBeGreaterThan(BigInt(before));
    const third = await aRawStation({ port: there.port, identity: 'DOUBLE', password });
    await eventually(async () => second.closed, (closed) => closed.length === 1);
    expect(second.closed).toEqual([4001]);
    const events = await eventually(() => platform.sql<{ kind: string; detail: string }>(`SELECT kind, detail FROM security_event WHERE identity = 'DOUBLE'`), (rows) => rows.length > 0);
    expect(events[0]).toMatchObject({ kind: 'duplicate-identity', detail: expect.stringContaining('had just answered a ping') });
    expect(await there.metrics()).toMatch(/^csms_gateway_duplicate_connections_total\{.*outcome="taken-over".*\} [1-9]/m);
    third.ws.terminate();
  });

  it('C-08 an attacker that goes from gateway to gateway is counted by all of them together', async () => {
    await platform.register('GUESSED');
    const statuses: number[] = [];
    for (let n = 0; n < 16; n += 1) {
      const { port } = gateways[n % 2] as GatewayProcess;
      const answer = await rawUpgrade({ port, target: '/ocpp/demo/GUESSED', from: '127.0.0.68', headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic('GUESSED', `guess ${n}`) } });
      answer.socket.destroy();
      statuses.push(answer.status);
      // What one gateway counted is with the bus before the next guess comes.
      const counted = statuses.filter((status) => status === 401).length;
      await eventually(() => platform.sql<{ count: number }>(`SELECT count FROM bus_rate WHERE key = 'identity/demo/GUESSED at 127.0.0.68'`), ([row]) => (row?.count ?? 0) >= counted);
    }
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect(statuses.filter((status) => status === 401).length, 'two that count alone would have let twelve pass').toBeLessThan(10);
    await eventually(() => platform.sql<{ kind: string }>(`SELECT kind FROM security_event WHERE identity = 'GUESSED'`), (rows) => rows.length > 0 && rows.every(({ kind }) => kind === 'rate-limited'));
  });

  it('C-07 of 200 reconnects that race over two gateways one socket is left, and commands go to it', async () => {
    const password = (await platform.register('FLAPPER')).get('FLAPPER') ?? '';
    const roll = dice(20261124);
    let opened: { station: RawStation; by: GatewayProcess }[] = [];
    for (let round = 0; round < 20; round += 1) {
      // Ten at a time, none of which waits for another; some leave by themselves.
      const arrived = await Promise.all(Array.from({ length: 10 }, async () => {
        const by = gateways[roll() < 0.5 ? 0 : 1] as GatewayProcess;
        const leaves = roll() < 0.2;
        const station = await aRawStation({ port: by.port, identity: 'FLAPPER', password }).catch(() => null);
        if (leaves) station?.ws.terminate();
        return station === null ? [] : [{ station, by }];
      }));
      opened = [...opened, ...arrived.flat()].filter(({ station }) => station.closed.length === 0);
    }
    // A late claim of a socket that is gone may end the newest one: a station then comes back, as it does whenever it is alone.
    const open = () => opened.filter(({ station }) => station.closed.length === 0);
    const { station, by } = await eventually(async () => {
      if (open().length === 0) opened.push({ station: await aRawStation({ port: gateways[0]?.port ?? 0, identity: 'FLAPPER', password }), by: gateways[0] as GatewayProcess });
      const [one, another] = open();
      return one !== undefined && another === undefined && await platform.holder('FLAPPER') === one.by.gateway ? one : null;
    }, (one) => one !== null) as { station: RawStation; by: GatewayProcess };
    await platform.held('FLAPPER', by);
    const asked = platform.ask('FLAPPER', { action: 'clear-cache' });
    const [, id] = (await eventually(async () => station.received.find(([type]) => type === 2), (call) => call !== undefined)) ?? [];
    station.send([3, id, { status: 'Accepted' }]);
    expect((await asked).state).toBe('accepted');
    const [row] = await platform.sql<{ online: boolean }>('SELECT online FROM station WHERE identity = $1', ['FLAPPER']);
    expect(row?.online).toBe(true);
    station.ws.terminate();
  });
});
