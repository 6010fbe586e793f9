import { afterAll, beforeAll, expect, it } from 'vitest';
import { aRawStation, basic, maskedTextFrame, rawUpgrade, type RawStation } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

/*
 * The four weaknesses of the advisories of 2026 about charging networks (ICSA-26-057-03 to -08, ICSA-26-062-08 and those that followed), each tried by an
 * attacker against a gateway as it is deployed, while a charger is in the middle of a session. In every case the attacker gets nothing, and the charger's
 * session goes on as if nobody had been there.
 */

const attacker = '127.0.0.66';
let platform: Platform;
let gateway: GatewayProcess;
let charger: RawStation;
let password: string;
let transactionId: number;

beforeAll(async () => {
  platform = await openPlatform();
  gateway = await platform.startGateway();
  password = (await platform.register('VICTIM')).get('VICTIM') ?? '';
  charger = await aRawStation({ port: gateway.port, identity: 'VICTIM', password });
  charger.send([2, 'start', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 100, timestamp: '2026-11-24T09:00:00Z' }]);
  transactionId = ((await charger.answer('start'))[2] as { transactionId: number }).transactionId;
});
afterAll(() => platform?.close());

const knock = (identity: string, headers: Record<string, string>, after?: Buffer) =>
  rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${identity}`, from: attacker, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...headers }, ...(after === undefined ? {} : { after }) });

let heartbeats = 0;
/** Same socket, same session, nothing stopped, commands come here. */
async function chargerIsUntouched(): Promise<void> {
  expect(charger.closed).toEqual([]);
  const id = `h${(heartbeats += 1)}`;
  charger.send([2, id, 'Heartbeat', {}]);
  expect((await charger.answer(id))[0]).toBe(3);
  expect(await platform.sql('SELECT s.state, s.transaction_ref AS ref FROM session s JOIN station st ON st.tenant_id = s.tenant_id AND st.id = s.station_id WHERE st.identity = $1', ['VICTIM']))
    .toEqual([{ state: 'active', ref: String(transactionId) }]);
  await platform.held('VICTIM', gateway);
  const asked = platform.ask('VICTIM', { action: 'clear-cache' });
  const seen = new Set(charger.received.filter(([type]) => type === 2).slice(0, -1).map(([, each]) => each));
  const [, call] = (await eventually(async () => charger.received.find(([type, each]) => type === 2 && !answered.has(each) && !seen.has(each)), (frame) => frame !== undefined)) ?? [];
  answered.add(call);
  charger.send([3, call, { status: 'Accepted' }]);
  expect((await asked).state).toBe('accepted');
}
const answered = new Set<unknown>();

it('C-08 CWE-306, no authentication: nobody is let in without proof, and what is written before the answer reaches nobody', async () => {
  const stop = maskedTextFrame(JSON.stringify([2, 'x', 'StopTransaction', { transactionId, meterStop: 9, timestamp: '2026-11-24T09:01:00Z' }]));
  const withoutProof: Record<string, string>[] = [{}, { Authorization: 'Basic' }, { Authorization: 'Basic Og==' }, { Authorization: 'Bearer x' }, basic('VICTIM', '')];
  for (const headers of withoutProof) {
    const answer = await knock('VICTIM', headers, stop);
    expect(answer.status).toBe(401);
    answer.socket.destroy();
  }
  await chargerIsUntouched();
});

it('C-06 CWE-522, identities that everybody can read: to know one is to know nothing, and no answer tells which exist', async () => {
  const heads = new Set<string>();
  for (const identity of ['NOBODY-1', 'VICTIM', 'NOBODY-2']) for (const guess of [identity, 'VICTIM']) heads.add((await knock(identity, basic(identity, guess))).head.replace(/ 429 [^]*/, ' 429'));
  expect([...heads].every((head) => /^HTTP\/1.1 (401|429)/.test(head))).toBe(true);
  expect(heads.size, 'one answer, and one for those that ask too often').toBeLessThanOrEqual(2);
  // A station of the attacker's own is no way to another one's name, nor to its transaction.
  const own = (await platform.register('MALLORY')).get('MALLORY') ?? '';
  expect((await knock('VICTIM', basic('MALLORY', own))).status).not.toBe(101);
  const mallory = await aRawStation({ port: gateway.port, identity: 'MALLORY', password: own, from: '127.0.0.67' });
  mallory.send([2, 'stop', 'StopTransaction', { transactionId, meterStop: 999, timestamp: '2026-11-24T09:02:00Z' }]);
  expect((await mallory.answer('stop'))[0]).toBe(3);
  mallory.ws.terminate();
  await chargerIsUntouched();
});

it('C-08 CWE-307, no limit on attempts: after a few the attacker has to wait, at every gateway; and it cannot lock the charger out, not even where the charger never was', async () => {
  const statuses: number[] = [];
  let wait = 0;
  for (let n = 0; n < 12; n += 1) {
    const answer = await knock('VICTIM', basic('VICTIM', `guess ${n}`));
    statuses.push(answer.status);
    wait = Number(/Retry-After: (\d+)/.exec(answer.head)?.[1] ?? 0);
  }
  expect(statuses.at(-1)).toBe(429);
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
  expect(wait).toBeGreaterThan(30);
  const other = await platform.startGateway();
  const knockThere = (text: string, from: string) => rawUpgrade({ port: other.port, target: '/ocpp/demo/VICTIM2', from, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic('VICTIM2', text) } });
  const own = (await platform.register('VICTIM2')).get('VICTIM2') ?? '';
  for (const from of [attacker, '127.0.0.1']) for (let n = 0; n < 8; n += 1) (await knockThere(`guess ${n}`, from)).socket.destroy();
  expect((await knockThere('guess', attacker)).status).toBe(429);
  // Also from the very address that failed: only wrong passwords wait.
  for (const from of ['127.0.0.1', '127.0.0.9']) {
    const answer = await knockThere(own, from);
    expect(answer.status).toBe(101);
    answer.socket.destroy();
  }
  const told = () => platform.sql<{ kind: string }>(`SELECT kind FROM security_event WHERE identity = 'VICTIM' AND kind = 'rate-limited'`);
  expect((await eventually(told, (rows) => rows.length > 0)).length).toBe(1);
  expect(await gateway.metrics()).toMatch(/^csms_ocpp_rate_limited_total\{.*scope="identity".*\} [1-9]/m);
  await chargerIsUntouched();
});

it('C-07 CWE-613, several connections of one identity: nobody shadows a session without its password, and the charger comes back to its own', async () => {
  const crowd = await Promise.all(Array.from({ length: 20 }, () => knock('VICTIM', basic('VICTIM', 'stolen?'))));
  expect(crowd.every((answer) => answer.status === 401 || answer.status === 429)).toBe(true);
  await chargerIsUntouched();
  // While they go on knocking, the charger may lose its line and come back, from where it always comes.
  charger.ws.terminate();
  charger = await aRawStation({ port: gateway.port, identity: 'VICTIM', password });
  await chargerIsUntouched();
  charger.send([2, 'end', 'StopTransaction', { transactionId, meterStop: 4_100, timestamp: '2026-11-24T09:30:00Z' }]);
  expect((await charger.answer('end'))[0]).toBe(3);
  expect(await platform.sql('SELECT s.state, s.energy_wh AS energy FROM session s JOIN station st ON st.tenant_id = s.tenant_id AND st.id = s.station_id WHERE st.identity = $1', ['VICTIM'])).toEqual([{ state: 'ended', energy: 4_000 }]);
});
