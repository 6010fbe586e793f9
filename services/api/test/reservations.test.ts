import { Problem } from '@csms/contracts/http/common';
import { Reservation, ReservationPage } from '@csms/contracts/http/reservations';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testCards } from './harness.ts';
import { startTestPlatform, type ChargerAtGateway, type TestPlatform } from './with-charger.ts';

/* Reservations over the whole way: API, ledger, gateway process, and a charger that keeps them. */
let platform: TestPlatform;
let charger: ChargerAtGateway;
beforeAll(async () => {
  platform = await startTestPlatform();
  for (const uid of ['CARD-A', 'CARD-B', 'BLOCKED']) await platform.api.call('POST', '/tokens', platform.admin, { uid, parentUid: 'FAMILY' });
  await platform.api.admin.query(`UPDATE token SET status = 'blocked' WHERE uid = $1`, [testCards.reference('demo', 'BLOCKED')]);
  charger = await platform.aCharger('KEPT-1');
});
afterAll(async () => { await platform?.close(); });

const soon = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
const reserve = async (more: object = {}) => Reservation.parse(await platform.ask('POST', '/reservations', { stationId: charger.stationId, evseId: 1, tokenUid: 'CARD-A', expiresAt: soon(20), ...more }, 201));
const read = async (id: string) => Reservation.parse(await platform.ask('GET', `/reservations/${id}`));
const statusOf = (connectorId: number) => charger.station.view().connectors[connectorId - 1]!.status;
const codeOf = async (body: object) => Problem.parse((await platform.api.call('POST', '/reservations', platform.operator, { stationId: charger.stationId, tokenUid: 'CARD-A', expiresAt: soon(20), ...body })).body).code;

it('is kept by the station, taken by a card of the family, and tells its session', async () => {
  const made = await reserve();
  expect(made).toMatchObject({ state: 'active', evseId: 1, stationIdentity: 'KEPT-1', uidMasked: '••••-A' });
  await expect.poll(() => statusOf(1)).toBe('Reserved');
  charger.plug(1);
  charger.hardware.tap(1, 'CARD-B');
  await expect.poll(async () => (await read(made.id)).state).toBe('taken');
  const { rows } = await platform.api.admin.query(`SELECT s.token_uid FROM reservation r JOIN session s ON s.id = r.session_id WHERE r.id = $1`, [made.id]);
  expect(rows).toEqual([{ token_uid: testCards.reference('demo', 'CARD-B') }]);
  expect(await reserve()).toMatchObject({ state: 'refused', detail: 'Occupied' });
  charger.hardware.unplug(1);
  await expect.poll(() => statusOf(1)).toBe('Available');
});

it('is cancelled by us, and by the station when its connector faults', async () => {
  const ours = await reserve();
  await expect.poll(() => statusOf(1)).toBe('Reserved');
  expect(Reservation.parse(await platform.ask('DELETE', `/reservations/${ours.id}`))).toMatchObject({ state: 'cancelled', detail: 'cancelled by us' });
  await expect.poll(() => statusOf(1)).toBe('Available');
  expect(Problem.parse(await platform.ask('DELETE', `/reservations/${ours.id}`, undefined, 409)).code).toBe('reservation-not-open');

  const theirs = await reserve();
  await expect.poll(() => statusOf(1)).toBe('Reserved');
  charger.hardware.raiseFault(1, 'GroundFailure');
  await expect.poll(async () => await read(theirs.id)).toMatchObject({ state: 'cancelled', detail: 'cancelled by the station: EVSE 1 is Faulted' });
  expect(await reserve()).toMatchObject({ state: 'refused', detail: 'Faulted' });
  charger.hardware.clearFault(1);
});

it('under one key is one reservation and one frame, and another request under it is refused', async () => {
  const body = { stationId: charger.stationId, evseId: 2, tokenUid: 'CARD-A', expiresAt: soon(20) };
  const ask = (more: object = {}) => platform.api.call('POST', '/reservations', platform.operator, { ...body, ...more }, { 'idempotency-key': 'once' });
  const answers = await Promise.all([ask(), ask()]);
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 201]);
  const [one, two] = answers.map((answer) => Reservation.parse(answer.body));
  expect([one!.id, one!.state]).toEqual([two!.id, 'active']);
  const { rows } = await platform.api.admin.query(`SELECT count(*)::int AS n FROM command WHERE action = 'reserve-now' AND payload ->> 'reservationId' = $1`, [String(one!.number)]);
  expect(rows).toEqual([{ n: 1 }]);
  expect(Problem.parse((await ask({ evseId: 1 })).body).code).toBe('idempotency-key-reused');
  const { items } = ReservationPage.parse(await platform.ask('GET', `/reservations?open=true&stationId=${charger.stationId}`));
  expect(items.map((item) => item.id)).toEqual([one!.id]);
});

it('is not made for a card that may not charge, for a time that is over, or beyond a month', async () => {
  expect(await codeOf({ tokenUid: 'NOBODY' })).toBe('card-not-accepted');
  expect(await codeOf({ tokenUid: 'BLOCKED' })).toBe('card-not-accepted');
  for (const expiresAt of [soon(-1), soon(60 * 24 * 32)]) expect(await codeOf({ expiresAt })).toBe('invalid-request');
});

it('of a station that is away is refused, and one that is kept cannot be taken back until it is there', async () => {
  const away = await platform.aCharger('KEPT-2');
  const kept = await reserve({ stationId: away.stationId });
  expect(kept.state).toBe('active');
  away.station.cut();
  await expect.poll(async () => (await platform.api.admin.query('SELECT online FROM station WHERE id = $1', [away.stationId])).rows[0]).toEqual({ online: false });
  expect(Reservation.parse(await platform.ask('DELETE', `/reservations/${kept.id}`))).toMatchObject({ state: 'active', detail: expect.stringContaining('could not be cancelled: not-connected') });
  expect(await reserve({ stationId: away.stationId, evseId: 2 })).toMatchObject({ state: 'refused', detail: expect.stringContaining('no gateway holds') });
});
