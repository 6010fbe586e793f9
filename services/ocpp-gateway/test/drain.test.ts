import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRawStation, basic, rawUpgrade, until } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type Platform } from './gateway-process.ts';

let platform: Platform;
beforeAll(async () => { platform = await openPlatform(); });
afterAll(() => platform?.close());

describe('a gateway that is told to end', () => {
  it('I-12 is not ready, answers new stations with 503 and a time to come back, then closes its port and its sockets, and the next process owns them', async () => {
    const identities = Array.from({ length: 6 }, (_, n) => `MOVE-${n}`);
    const passwords = await platform.register(...identities);
    const first = await platform.startGateway({ CSMS_DRAIN_SECONDS: '20', CSMS_DRAIN_REFUSE_SECONDS: '1' });
    const second = await platform.startGateway();
    const station = (identity: string, port: number) => aRawStation({ port, identity, password: passwords.get(identity) ?? '' });
    const stations = await Promise.all(identities.map((identity) => station(identity, first.port)));
    const online = () => platform.sql<{ n: number; epoch: string }>(`SELECT count(*)::int AS n, max(online_epoch)::text AS epoch FROM station WHERE identity LIKE 'MOVE-%' AND online`);
    const before = await eventually(online, ([row]) => row?.n === identities.length);

    first.process.kill('SIGTERM');
    const ready = async () => (await fetch(`http://127.0.0.1:${first.adminPort}/readyz`)).status;
    await eventually(ready, (status) => status === 503);
    const refused = await rawUpgrade({ port: first.port, target: '/ocpp/demo/MOVE-0', headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic('MOVE-0', passwords.get('MOVE-0') ?? '') } });
    expect(refused.status).toBe(503);
    expect(refused.head).toMatch(/Retry-After: \d+/i);
    // Whoever has a line keeps it until it is its turn, and is served.
    stations[0]!.send([2, 'h', 'Heartbeat', {}]);
    expect((await stations[0]!.answer('h'))[0]).toBe(3);

    await until(() => stations.every(({ closed }) => closed.length === 1));
    expect(stations.map(({ closed }) => closed)).toEqual(identities.map(() => [1012]));
    await Promise.all(identities.map((identity) => station(identity, second.port)));
    const after = await eventually(online, ([row]) => row?.n === identities.length);
    expect(BigInt(after[0]?.epoch ?? 0)).toBeGreaterThan(BigInt(before[0]?.epoch ?? 0));
    expect(await first.exited).toBe(0);
    await expect(fetch(`http://127.0.0.1:${first.port}/`)).rejects.toThrow();
    // What the first one writes last does not take them offline.
    expect((await online())[0]?.n).toBe(identities.length);
  });
});
