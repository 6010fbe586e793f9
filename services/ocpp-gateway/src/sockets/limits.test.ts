import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';
import { aRawStation, basic, rawUpgrade, until } from '../testing/raw-station.ts';
import { usualAdmission } from './station-admission.ts';

const books = () => new MemoryBooks().register(...['CP_1', 'CP_2'].map((identity) => aStation({ identity })));
const stranger = '127.0.0.66';

describe('limits of a gateway', () => {
  it('C-08 after five failures in a minute an identity gets 429 with a time to come back, whoever is known; the station itself and its neighbours do not feel it', async () => {
    await using gateway = await openGateway(books());
    const real = await aRawStation({ port: gateway.port });
    const knock = (identity: string) => rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, from: stranger, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, 'wrong') } });
    const heads: Record<string, string[]> = {};
    for (const identity of ['CP_1', 'NOBODY']) {
      heads[identity] = [];
      for (let n = 0; n < 8; n += 1) heads[identity].push((await knock(identity)).head);
    }
    expect(heads['CP_1']?.map((head) => head.split(' ')[1])).toEqual(['401', '401', '401', '401', '401', '401', '429', '429']);
    expect(heads['CP_1']?.[6]).toMatch(/Retry-After: (59|60)\b/);
    expect(heads['NOBODY']).toEqual(heads['CP_1']);

    expect(real.closed).toEqual([]);
    real.send([2, 'still', 'Heartbeat', {}]);
    expect((await real.answer('still'))[0]).toBe(3);
    real.ws.terminate();
    await until(() => gateway.connections() === 0);
    const again = await aRawStation({ port: gateway.port });
    const neighbour = await aRawStation({ port: gateway.port, identity: 'CP_2' });
    expect(gateway.connections()).toBe(2);
    again.ws.terminate();
    neighbour.ws.terminate();
  });

  it('C-08 a station that connects over and over has to wait, and its neighbour comes in', async () => {
    await using gateway = await openGateway(books(), { admission: { ...usualAdmission, connectionsAnHourStation: 3 } });
    const connect = async (identity: string) => { const answer = await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, 'secret') } }); answer.socket.destroy(); return answer.status; };
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push(await connect('CP_1'));
    expect(statuses).toEqual([101, 101, 101, 101, 429, 429]);
    expect(await connect('CP_2')).toBe(101);
  });

  it('C-08 a station that floods is read slowly and then closed with a security event; its neighbour is answered all the while', async () => {
    const kept = books();
    await using gateway = await openGateway(kept, { messageRate: { burst: 20, perSecond: 200, overloadMs: 400 } });
    const flood = await aRawStation({ port: gateway.port });
    const neighbour = await aRawStation({ port: gateway.port, identity: 'CP_2' });
    const text = JSON.stringify([2, 'x', 'Heartbeat', {}]);
    let sent = 0;
    const more = setInterval(() => { for (let n = 0; n < 50 && flood.ws.readyState === flood.ws.OPEN && flood.ws.bufferedAmount < 100_000; n += 1) { flood.ws.send(text.replace('"x"', `"f${sent += 1}"`)); } }, 5);
    try {
      for (let n = 0; flood.closed.length === 0; n += 1) {
        neighbour.send([2, `n${n}`, 'Heartbeat', {}]);
        expect((await neighbour.answer(`n${n}`))[0]).toBe(3);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      clearInterval(more);
    }
    expect(kept.securityEvents).toEqual(['rate-limited']);
    expect(flood.received.length, 'answered at its rate').toBeLessThan(sent);
    expect(neighbour.closed).toEqual([]);
    neighbour.ws.terminate();
  });

  it('C-08 a station that waits for its answers may replay as much as it has, and every message is answered', async () => {
    await using gateway = await openGateway(books(), { messageRate: { burst: 20, perSecond: 400, overloadMs: 100 } });
    const station = await aRawStation({ port: gateway.port });
    for (let n = 0; n < 200; n += 1) {
      station.send([2, `r${n}`, 'Heartbeat', {}]);
      expect((await station.answer(`r${n}`))[0]).toBe(3);
    }
    expect(station.closed).toEqual([]);
    station.ws.terminate();
  });
});
