import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CommandRecord } from '@csms/domain';
import { preparePush } from '@csms/store/station-security';
import { aRawStation, basic, rawUpgrade, until, type RawStation } from '../src/testing/raw-station.ts';
import { actor, eventually, openPlatform, pepper, type GatewayProcess, type Platform } from './gateway-process.ts';

/*
 * A password that is pushed to a station, and deaths on its way: whatever was killed when, the station comes in with what it has, and no record of ours holds
 * the password.
 */

let platform: Platform;
let gateway: GatewayProcess;
const stations: RawStation[] = [];
beforeAll(async () => {
  platform = await openPlatform();
  gateway = await platform.startGateway();
});
afterAll(() => platform?.close());
afterEach(() => { for (const station of stations.splice(0)) station.ws.terminate(); });

/** A station that keeps its AuthorizationKey as firmware does. */
interface KeyedStation { identity: string; key: string; connect(): Promise<RawStation>; comesInWith(password: string): Promise<number> }

async function aKeyedStation(identity: string): Promise<KeyedStation> {
  const key = (await platform.register(identity)).get(identity) ?? '';
  const station: KeyedStation = {
    identity, key,
    async connect() {
      const raw = await aRawStation({ port: gateway.port, identity, password: station.key });
      stations.push(raw);
      await platform.held(identity, gateway);
      return raw;
    },
    async comesInWith(password) {
      const answer = await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, password) } });
      answer.socket.destroy();
      return answer.status;
    },
  };
  return station;
}

const prepare = (identity: string) => platform.inTenant(async (client, stationId) => preparePush(client, { tenantId: 'demo', id: await stationId(identity) }, pepper, actor));
const push = async (identity: string, timeoutMs?: number): Promise<CommandRecord> => { expect(await prepare(identity)).toBe(true); return platform.ask(identity, { action: 'push-credential' }, timeoutMs); };

/** The station's part: waits for the call, takes the key where it is told to, and answers. */
async function takesKey(station: KeyedStation, raw: RawStation, answer: 'Accepted' | 'Rejected' | null): Promise<string> {
  await until(() => raw.received.some(([type, , action]) => type === 2 && action === 'ChangeConfiguration'));
  const [, id, , payload] = raw.received.find(([type]) => type === 2) as [number, string, string, { key: string; value: string }];
  expect(payload.key).toBe('AuthorizationKey');
  expect(payload.value).toMatch(/^[0-9a-f]{40}$/);
  if (answer !== 'Rejected') station.key = payload.value;
  if (answer !== null) raw.send([3, id, { status: answer }]);
  return payload.value;
}

async function killAndRestart(): Promise<void> {
  gateway.process.kill('SIGKILL');
  await gateway.exited;
  gateway = await platform.startGateway();
}

describe('a password pushed to a station', () => {
  it('G-33 the old one is good until the first success with the new one, and dead from then on; no record of ours holds either', async () => {
    const station = await aKeyedStation('PUSHED');
    const old = station.key;
    const raw = await station.connect();
    const [record, fresh] = await Promise.all([push('PUSHED'), takesKey(station, raw, 'Accepted')]);
    expect(record).toMatchObject({ state: 'accepted', command: { action: 'push-credential' } });
    expect(fresh).not.toBe(old);
    expect(await station.comesInWith(old)).toBe(101);
    // The bytes that the 40 digits stand for are the same password.
    const bytes = await rawUpgrade({ port: gateway.port, target: '/ocpp/demo/PUSHED', headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', Authorization: `Basic ${Buffer.concat([Buffer.from('PUSHED:'), Buffer.from(fresh, 'hex')]).toString('base64')}` } });
    expect(bytes.status).toBe(101);
    bytes.socket.destroy();
    expect(await station.comesInWith(old)).toBe(401);
    expect(await station.comesInWith(fresh)).toBe(101);

    const rows = await platform.sql<{ text: string }>(`SELECT to_jsonb(c)::text AS text FROM command c UNION ALL SELECT to_jsonb(a)::text FROM audit a UNION ALL SELECT to_jsonb(o)::text FROM outbox o
      UNION ALL SELECT to_jsonb(e)::text FROM security_event e UNION ALL SELECT to_jsonb(s)::text FROM station s UNION ALL SELECT to_jsonb(k)::text FROM knocking_station k`);
    expect(rows.length).toBeGreaterThan(5);
    const written = [...rows.map((row) => row.text), ...gateway.heard].join('\n').toLowerCase();
    for (const secret of [old, fresh]) for (const spelling of [secret, Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('base64').toLowerCase()]) expect(written).not.toContain(spelling);
  });

  it('G-33 an outage of the books neither brings the old one back nor keeps the new one out, also where it is used for the first time during the outage', async () => {
    const used = await aKeyedStation('USED');
    const waiting = await aKeyedStation('WAITING');
    const old = { used: used.key, waiting: waiting.key };
    for (const station of [used, waiting]) {
      const raw = await station.connect();
      await Promise.all([push(station.identity), takesKey(station, raw, 'Accepted')]);
    }
    expect(await used.comesInWith(used.key)).toBe(101);
    expect(await waiting.comesInWith(old.waiting), 'not used yet').toBe(101);

    await platform.booksAway(gateway, async () => {
      expect([await used.comesInWith(old.used), await used.comesInWith('x'), await used.comesInWith(used.key)]).toEqual([401, 401, 101]);
      expect([await waiting.comesInWith(waiting.key), await waiting.comesInWith(old.waiting), await waiting.comesInWith(waiting.key)]).toEqual([101, 401, 101]);
    });
    expect([await waiting.comesInWith(old.waiting), await waiting.comesInWith(waiting.key)], 'the books are back').toEqual([401, 101]);
    const left = () => platform.sql('SELECT identity FROM station WHERE identity IN ($1, $2) AND credential_hmac_next IS NOT NULL', ['USED', 'WAITING']);
    await eventually(left, (rows) => rows.length === 0);
  });

  it('C-05 a password is 20 random bytes as 40 hexadecimal digits, another one for each station, kept as an HMAC under the pepper', async () => {
    const passwords = [...(await platform.register('UNIQUE-1', 'UNIQUE-2')).values()];
    expect(new Set(passwords).size).toBe(2);
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{40}$/);
    const kept = await platform.sql<{ hmac: Buffer }>(`SELECT credential_hmac AS hmac FROM station WHERE identity LIKE 'UNIQUE-%'`);
    expect(kept.map(({ hmac }) => hmac.length)).toEqual([32, 32]);
  });

  it('C-05 whatever is killed on the way, the station comes in with what it has', async () => {
    const station = await aKeyedStation('SURVIVOR');
    let old = station.key;

    // Made, and nobody has asked the station yet.
    await prepare('SURVIVOR');
    await killAndRestart();
    let raw = await station.connect();

    // Written to the station, which takes it, and the gateway dies before the answer: unknown.
    const asked = push('SURVIVOR', 3_000);
    const fresh = await takesKey(station, raw, null);
    await killAndRestart();
    expect(await station.comesInWith(old)).toBe(101);
    expect((await asked).state).toBe('unknown');
    // Somebody asks again before it is back: what it may have taken must not be replaced.
    await prepare('SURVIVOR');
    raw = await station.connect();
    expect(await station.comesInWith(old)).toBe(401);
    expect(station.key).toBe(fresh);

    // Written, the station did not take it (it was cut off before), and the gateway dies.
    old = station.key;
    const second = push('SURVIVOR', 3_000);
    await until(() => raw.received.some(([type]) => type === 2));
    await killAndRestart();
    raw = await station.connect();
    expect(station.key).toBe(old);

    // Pushed again: what may be on the station already is what it gets, and a kill in the middle of its first use costs nothing.
    const again = push('SURVIVOR');
    const newest = await takesKey(station, raw, 'Accepted');
    expect((await again).state).toBe('accepted');
    const used = station.comesInWith(newest).catch(() => 0);
    await killAndRestart();
    await used;
    expect(await station.comesInWith(newest)).toBe(101);
    expect(await station.comesInWith(old)).toBe(401);
    expect((await second).state).toBe('unknown');
  });

  it('C-05 a password that the station refused is forgotten, and the old one stays', async () => {
    const station = await aKeyedStation('REFUSER');
    const raw = await station.connect();
    const [record, refused] = await Promise.all([push('REFUSER'), takesKey(station, raw, 'Rejected')]);
    expect(record.state).toBe('rejected');
    expect(await station.comesInWith(refused)).toBe(401);
    expect(await station.comesInWith(station.key)).toBe(101);
    expect(await platform.sql('SELECT credential_hmac_next AS next, credential_sealed AS sealed FROM station WHERE identity = $1', ['REFUSER'])).toEqual([{ next: null, sealed: null }]);
  });
});
