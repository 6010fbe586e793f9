import { credentialHmac } from '@csms/kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryBooks, aStation, testPepper } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';
import { usualAdmission } from './station-admission.ts';
import { aRawStation, basic, rawUpgrade, until } from '../testing/raw-station.ts';

const asks16 = { 'Sec-WebSocket-Protocol': 'ocpp1.6' };
const basicBytes = (user: string, password: Uint8Array) => ({ Authorization: `Basic ${Buffer.concat([Buffer.from(`${user}:`), password]).toString('base64')}` });

/** One for all offers: making the schemas of a gateway takes longer than trying them. */
let shared: Awaited<ReturnType<typeof openGateway>>;
beforeAll(async () => { shared = await openGateway(new MemoryBooks().register(aStation()), { admission: { ...usualAdmission, connectionsAnHourStation: 1_000 } }); });
afterAll(() => shared[Symbol.asyncDispose]());

describe('who is let in', () => {
  it('C-06 an unknown station, a wrong password, another tenant and a wrong profile: the same answer byte for byte, one look-up and one knock each', async () => {
    const books = new MemoryBooks().register(aStation(), aStation({ identity: 'CP_2', securityProfile: 2 }), aStation({ identity: 'CP_3', securityProfile: 3 }), aStation({ identity: 'CP_0', securityProfile: 0 }));
    let lookUps = 0;
    books.gate = async () => { lookUps += 1; };
    await using gateway = await openGateway(books);
    const cases: [string, Record<string, string>][] = [
      ['/ocpp/demo/NOBODY', basic('NOBODY', 'secret')], ['/ocpp/demo/CP_1', basic('CP_1', 'wrong')], ['/ocpp/demo/CP_1', {}], ['/ocpp/kota/CP_1', basic('CP_1', 'secret')],
      ['/ocpp/demo/CP_2', basic('CP_2', 'secret')], ['/ocpp/demo/CP_3', basic('CP_3', 'secret')], ['/ocpp/demo/CP_0', basic('CP_0', 'secret')],
      ['/ocpp/demo/CP_1', { Authorization: 'Bearer abc' }], ['/ocpp/demo/CP_1', basic('CP_2', 'secret')],
    ];
    const answers: string[] = [];
    for (const [target, headers] of cases) {
      const answer = await rawUpgrade({ port: gateway.port, target, headers: { ...asks16, ...headers } });
      await until(() => answer.socket.destroyed);
      answers.push(`${answer.head}\n${answer.rest().toString()}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^HTTP\/1.1 401 /);
    expect(lookUps).toBe(cases.length);
    await until(() => books.knocks.length === cases.length);
  });

  it('G-32 the user is the identity with its colons, the password any bytes, an AuthorizationKey its digits or the bytes that they stand for', async () => {
    const key = '0123456789abcdef0123456789abcdef01234567';
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    const books = new MemoryBooks().register(
      aStation({ identity: 'AA:BB:CC' }), aStation({ identity: 'BYTES', credentialHmac: credentialHmac(testPepper, bytes) }), aStation({ identity: 'KEYED', credentialHmac: credentialHmac(testPepper, key) }),
    );
    await using gateway = await openGateway(books, { admission: { failuresAMinuteIdentity: 100, failuresAMinuteSource: 100, tlsFailuresAMinuteSource: 100, connectionsAnHourStation: 100 } });
    const status = async (identity: string, headers: Record<string, string>): Promise<number> => {
      const answer = await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${encodeURIComponent(identity)}`, headers: { ...asks16, ...headers } });
      answer.socket.destroy();
      return answer.status;
    };
    expect(await status('AA:BB:CC', basic('AA:BB:CC', 'secret'))).toBe(101);
    for (const user of ['AA', 'AA%3ABB%3ACC', 'aa:bb:cc', 'BYTES', '']) expect(await status('AA:BB:CC', basic(user, 'secret')), user).toBe(401);
    expect(await status('BYTES', basicBytes('BYTES', bytes))).toBe(101);
    expect(await status('BYTES', basicBytes('BYTES', bytes.map((byte) => byte ^ (byte === 255 ? 1 : 0))))).toBe(401);
    for (const given of [Buffer.from(key), Buffer.from(key.toUpperCase()), Buffer.from(key, 'hex')]) expect(await status('KEYED', basicBytes('KEYED', given)), given.toString('latin1')).toBe(101);
    for (const given of [Buffer.from(key, 'hex').subarray(1), Buffer.from(`${key}0`), Buffer.alloc(0)]) expect(await status('KEYED', basicBytes('KEYED', given))).toBe(401);
  });

  it.each([
    ['ocpp1.6', 101, 'ocpp1.6', 'ocpp1.6'], ['ocpp2.0.1', 101, 'ocpp2.0.1', 'ocpp2.0.1'], ['ocpp1.6, ocpp2.0.1', 101, 'ocpp1.6', 'ocpp1.6'], ['ocpp2.0.1, ocpp1.6', 101, 'ocpp2.0.1', 'ocpp2.0.1'],
    ['OCPP1.6', 101, 'OCPP1.6', 'ocpp1.6'], ['soap, ocpp1.6', 101, 'ocpp1.6', 'ocpp1.6'], [' ocpp1.6 ', 101, 'ocpp1.6', 'ocpp1.6'],
    ['ocpp1.5', 101, null, null], ['ocpp1.6j', 101, null, null], ['', 400, null, null], [undefined, 400, null, null], [',', 400, null, null],
  ])('G-31 an offer of %s: status %i, the name %s back, the schema of %s', async (offer, status, name, version) => {
    const answer = await rawUpgrade({ port: shared.port, target: '/ocpp/demo/CP_1', headers: { ...basic('CP_1', 'secret'), ...(offer === undefined ? {} : { 'Sec-WebSocket-Protocol': offer }) } });
    expect(answer.status).toBe(status);
    expect(/^sec-websocket-protocol: (.*)$/im.exec(answer.head)?.[1] ?? null).toBe(name);
    expect([...shared.registry.all()].map((session) => session.version)).toEqual(version === null ? [] : [version]);
    // Completed without a name, as the standard asks, and then closed: nothing is spoken on it.
    if (status === 101 && version === null) { await until(() => answer.rest().length >= 4); expect([answer.rest()[0], answer.rest().readUInt16BE(2)]).toEqual([0x88, 1002]); }
    answer.socket.destroy();
    await until(() => shared.connections() === 0);
  });
});

describe('chargers that can only change their address', () => {
  it('a port of bare paths is a tenant\'s, with a version for those that name none; the main port does not know such paths', async () => {
    const books = new MemoryBooks().register(aStation(), aStation({ tenantId: 'kota', securityProfile: 0, identity: 'OLD 1' }));
    await using gateway = await openGateway(books, { mappedPorts: [{ port: 0, tenant: 'kota', paths: 'bare', tls: false, plainRsa: false, withoutSubprotocol: 'ocpp1.6' }] });
    const bare = gateway.ports().mapped[0] ?? 0;
    const station = await aRawStation({ port: bare, path: '/OLD%201', password: null, protocols: [] });
    station.send([2, 'b', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);
    expect(await station.answer('b')).toMatchObject([3, 'b', { status: 'Accepted' }]);
    expect(books.boots).toMatchObject([{ source: { tenantId: 'kota', ocppVersion: 'ocpp1.6' } }]);
    station.ws.terminate();
    expect((await rawUpgrade({ port: gateway.port, target: '/CP_1', headers: { ...asks16, ...basic('CP_1', 'secret') } })).status).toBe(404);
    expect((await rawUpgrade({ port: bare, target: '/CP_1', headers: { ...asks16, ...basic('CP_1', 'secret') } })).status, 'another tenant\'s').toBe(401);
  });

  it('a host name says whose a path without a tenant is; a tenant in the path says more', async () => {
    const books = new MemoryBooks().register(aStation(), aStation({ tenantId: 'kota', identity: 'CP_9' }));
    await using gateway = await openGateway(books, { tenantsByHost: new Map([['chargers.kota.example', 'kota']]) });
    const status = async (target: string, host: string, identity: string) => {
      const answer = await rawUpgrade({ port: gateway.port, target, headers: { ...asks16, ...basic(identity, 'secret'), Host: host } });
      answer.socket.destroy();
      return answer.status;
    };
    expect(await status('/ocpp/CP_9', 'Chargers.Kota.Example:9220', 'CP_9')).toBe(101);
    expect(await status('/ocpp/CP_9', 'elsewhere.example', 'CP_9')).toBe(401);
    expect(await status('/ocpp/CP_1', 'elsewhere.example', 'CP_1')).toBe(101);
    expect(await status('/ocpp/demo/CP_1', 'chargers.kota.example', 'CP_1')).toBe(101);
  });
});
