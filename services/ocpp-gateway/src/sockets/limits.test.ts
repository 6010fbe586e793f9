import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';
import { aRawStation, basic, rawUpgrade, until } from '../testing/raw-station.ts';
import { testAuthority, testTls } from '../testing/tls-material.ts';
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

  it('C-08 one address of strangers, on the plain port or over TLS, takes its share of new sockets and no more; and a station that is known where it is comes back when all shares are used up', async () => {
    const authority = await testAuthority();
    const kept = books().register(aStation({ identity: 'SECURE', securityProfile: 2 }), ...['CP_3', 'CP_4'].map((identity) => aStation({ identity })));
    await using gateway = await openGateway(kept, { upgradesPerSecond: 0.001, upgradesBurst: 40, tls: { port: 0, material: await testTls(authority), plainRsaExchange: false, handshakeTimeoutMs: 5_000 } });
    const come = async (identity: string, given: { from?: string; password?: string } = {}): Promise<number> => {
      const answer = await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, ...(given.from === undefined ? {} : { from: given.from }), headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, given.password ?? 'secret') } });
      answer.socket.destroy();
      return answer.status;
    };
    const flood = async (from: string, tries: number): Promise<number[]> => { const seen: number[] = []; for (let n = 0; n < tries; n += 1) seen.push(await come(`NOBODY-${n}`, { from, password: 'x' })); return seen; };
    expect((await flood(stranger, 30)).filter((status) => status === 401).length).toBe(20);
    expect([await come('CP_1'), await come('CP_2')], 'from elsewhere, for the first time').toEqual([101, 101]);
    expect(await flood('127.0.0.67', 10)).toEqual([...Array.from({ length: 8 }, () => 401), 503, 503]);
    expect([await come('CP_3'), await come('CP_1'), await come('CP_2'), await come('CP_1', { from: '127.0.0.68' })]).toEqual([503, 101, 101, 503]);

    const shake = (localAddress: string) => new Promise<boolean>((resolve) => {
      const socket = connectTls({ host: '127.0.0.1', socket: connect({ host: '127.0.0.1', port: gateway.tlsPort, localAddress }), ca: authority.certificatePem }, () => { resolve(true); socket.destroy(); });
      socket.on('error', () => resolve(false));
    });
    const shaken: boolean[] = [];
    for (let n = 0; n < 24; n += 1) shaken.push(await shake(stranger));
    expect(shaken.filter(Boolean).length).toBe(20);
    expect([await shake('127.0.0.1'), await shake(stranger)]).toEqual([true, false]);
  });

  it('C-08 a right password is let in wherever its name or its address was used to fail, at a gateway that never saw the station too; a wrong one waits, and one event says so', async () => {
    const kept = books();
    const counts = new Map<string, number>();
    const sharedCount = async (key: string) => { counts.set(key, (counts.get(key) ?? 0) + 1); return counts.get(key) ?? 0; };
    const admission = { ...usualAdmission, failuresAMinuteSource: 8 };
    await using first = await openGateway(kept, { sharedCount, admission });
    await using second = await openGateway(kept, { sharedCount, admission });
    const come = async (port: number, from: string, password: string, identity = 'CP_1'): Promise<number> => {
      const answer = await rawUpgrade({ port, target: `/ocpp/demo/${identity}`, from, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, password) } });
      answer.socket.destroy();
      return answer.status;
    };
    const home = '127.0.0.1';
    expect(await come(first.port, home, 'secret')).toBe(101);
    for (const from of [stranger, home]) {
      for (let n = 0; n < 6; n += 1) expect(await come(second.port, from, `guess ${n}`), `${from}, ${n}`).toBe(401);
      expect([await come(second.port, from, 'guess'), await come(second.port, home, 'secret')]).toEqual([429, 101]);
    }
    for (let n = 0; n < 10; n += 1) await come(second.port, home, 'x', `NOBODY-${n}`);
    expect([await come(second.port, home, 'x', 'ANYBODY'), await come(second.port, home, 'secret', 'CP_2'), await come(first.port, home, 'secret')]).toEqual([429, 101, 101]);
    await until(() => kept.securityEvents.length === 2);
    expect(kept.securityEvents).toEqual(['rate-limited', 'rate-limited']);
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
