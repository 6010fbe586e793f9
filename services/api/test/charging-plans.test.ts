import { ChargingPlanCleared, ChargingPlanPage, ChargingPlanRead, Composite } from '@csms/contracts/http/charging-plans';
import { Problem } from '@csms/contracts/http/common';
import { SessionPage } from '@csms/contracts/http/sessions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestPlatform, type ChargerAtGateway, type TestPlatform } from './with-charger.ts';

/* Charging plans over the whole way: API, ledger, gateway process, and a charger that keeps them, composes them by code of its own and holds to them. */
let platform: TestPlatform;
let charger: ChargerAtGateway;
beforeAll(async () => {
  platform = await startTestPlatform();
  await platform.api.call('POST', '/tokens', platform.admin, { uid: 'CARD-A' });
  charger = await platform.aCharger('PLAN-1', { MaxChargingProfilesInstalled: '4', ChargeProfileMaxStackLevel: '5', ChargingScheduleMaxPeriods: '5' });
});
afterAll(async () => { await platform?.close(); });

const after = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
const path = (more = '') => `/stations/${charger.stationId}/charging-plans${more}`;
const set = async (body: object) => ChargingPlanRead.parse(await platform.ask('POST', path(), body, 201));
const refusal = async (body: object) => Problem.parse(await platform.ask('POST', path(), body, 400)).errors?.map((error) => error.path);
const installed = async () => ChargingPlanPage.parse(await platform.ask('GET', path('?installed=true'))).items.map((plan) => plan.id).sort();
const composite = async (more: object = {}) => Composite.parse(await platform.ask('POST', path('/composite'), { evseId: 1, durationS: 3_600, unit: 'W', ...more }));
const step = (startS: number, limit: number) => ({ startS, limit });
const tariffHours = { evseId: 0, purpose: 'session-default', kind: 'Recurring', recurrency: 'Daily', unit: 'W', startsAt: '2026-01-01T00:00:00Z', periods: [step(0, 5_000)] };

it('what is set, stacked and replaced composes at the station as it does here, second by second', async () => {
  const daily = await set(tariffHours);
  expect(daily).toMatchObject({ state: 'accepted', stackLevel: 0, periods: [{ startS: 0, limit: 5_000, numberPhases: null }] });
  const peak = await set({ evseId: 1, purpose: 'session-default', stackLevel: 3, kind: 'Absolute', unit: 'W', startsAt: after(600), durationS: 1_200, periods: [step(0, 3_000), step(600, 2_000)] });
  const cap = await set({ evseId: 0, purpose: 'station-max', kind: 'Absolute', unit: 'W', startsAt: after(-60), periods: [step(0, 6_000), step(2_400, 4_000)] });
  const schedule = await composite();
  expect(schedule.ours.map((period) => period.limit)).toEqual([5_000, 3_000, 2_000, 5_000, 4_000]);
  expect(schedule.station?.periods.map((period) => period.limit)).toEqual([5_000, 3_000, 2_000, 5_000, 4_000]);
  expect(schedule.differences).toEqual([]);

  const cheaper = await set({ ...tariffHours, periods: [step(0, 4_500)] });
  expect(await installed()).toEqual([cap.id, cheaper.id, peak.id].sort());
  expect((await platform.api.admin.query('SELECT state FROM charging_plan WHERE id = $1', [daily.id])).rows).toEqual([{ state: 'replaced' }]);
  expect(await composite()).toMatchObject({ ours: [{ limit: 4_500 }, { limit: 3_000 }, { limit: 2_000 }, { limit: 4_500 }, { limit: 4_000 }], differences: [] });
});

it('a plan of a session names its transaction, holds the vehicle to it, and is over with the session', async () => {
  charger.plug(1);
  charger.hardware.tap(1, 'CARD-A');
  const session = await expect.poll(async () => SessionPage.parse(await platform.ask('GET', `/sessions?state=active&stationId=${charger.stationId}`)).items[0]).toBeDefined()
    .then(async () => SessionPage.parse(await platform.ask('GET', `/sessions?state=active&stationId=${charger.stationId}`)).items[0]!);
  expect(await refusal({ evseId: 2, purpose: 'session', sessionId: session.id, kind: 'Relative', unit: 'W', periods: [step(0, 1_500)] })).toEqual(['body.evseId']);
  const own = await set({ evseId: 1, purpose: 'session', sessionId: session.id, kind: 'Relative', unit: 'W', periods: [step(0, 1_500)] });
  expect(own.state).toBe('accepted');
  expect((await platform.api.admin.query(`SELECT payload -> 'plan' ->> 'transactionRef' AS ref FROM command WHERE idempotency_key = $1`, [`charging-plan/${own.id}`])).rows).toEqual([{ ref: session.transactionRef }]);
  await expect.poll(() => charger.station.view().connectors[0]!.powerW).toBe(1_500);
  expect(await composite({ durationS: 300 })).toMatchObject({ ours: [{ startS: 0, limit: 1_500 }], differences: [] });
  charger.hardware.unplug(1);
  await expect.poll(async () => (await installed()).includes(own.id)).toBe(false);
  expect(ChargingPlanPage.parse(await platform.ask('GET', path())).items.find((plan) => plan.id === own.id)).toMatchObject({ state: 'over', endedAt: expect.any(String) });
  expect(Problem.parse(await platform.ask('POST', path(), { evseId: 1, purpose: 'session', sessionId: session.id, kind: 'Relative', unit: 'W', periods: [step(0, 1)] }, 409)).code).toBe('session-not-active');
});

it('what the station cannot take is refused here, with its own limits as the reason', async () => {
  expect(await refusal({ ...tariffHours, stackLevel: 6 })).toEqual(['body.stackLevel']);
  expect(await refusal({ ...tariffHours, stackLevel: 1, periods: Array.from({ length: 6 }, (_, n) => step(n * 60, 1_000)) })).toEqual(['body.periods']);
  expect((await set({ ...tariffHours, stackLevel: 1 })).state).toBe('accepted');
  expect(await refusal({ ...tariffHours, stackLevel: 2 }), 'the fifth').toEqual(['body.purpose']);
  expect((await set({ ...tariffHours, stackLevel: 1 })).state, 'in place of another').toBe('accepted');
  expect(await refusal({ ...tariffHours, stackLevel: 1, evseId: 0, purpose: 'session-default', kind: 'Relative' })).toEqual(['body.recurrency', 'body.startsAt']);
});

it('a difference between the station\'s schedule and ours is shown', async () => {
  // As after somebody at the station set another limit: our books say 1 kW, it keeps to what it was told.
  await platform.api.admin.query(`UPDATE charging_plan SET plan = jsonb_set(plan, '{periods,0,limit}', '1000') WHERE state = 'accepted' AND purpose = 'station-max'`);
  expect(await composite({ durationS: 300 })).toMatchObject({ differences: [{ fromS: 0, untilS: 300, ours: 1_000, station: 5_000 }] });
});

it('plans are cleared by name, by what they are, and all', async () => {
  const clear = async (body: object) => ChargingPlanCleared.parse(await platform.ask('POST', path('/clear'), body));
  const [first] = await installed();
  expect(await clear({ planId: first })).toMatchObject({ commandState: 'accepted', cleared: 1 });
  expect(await clear({ stackLevel: 9 })).toMatchObject({ commandState: 'rejected', cleared: 0, detail: 'Unknown' });
  expect((await clear({})).cleared).toBe(3);
  expect(await installed()).toEqual([]);
  expect(await composite()).toMatchObject({ ours: [{ startS: 0, limit: null }], differences: [] });
  charger.station.cut();
  await expect.poll(async () => (await set(tariffHours)).state).toBe('refused');
});
