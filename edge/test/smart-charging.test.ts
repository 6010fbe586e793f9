import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage, createPlainVehicle } from '../src/index.ts';
import { until, type CsmsPeer } from './csms-peer.ts';
import { aBootedCharger, aCharger, stopAll } from './one-charger.ts';

afterEach(stopAll);

const car = () => createPlainVehicle({ powerW: 7_000, needWh: 10_000 });
let nextId = 0;
const profile = (purpose: string, limit: number, more: object = {}, schedule: object = {}) => ({
  chargingProfileId: ++nextId, stackLevel: 0, chargingProfilePurpose: purpose, chargingProfileKind: 'Absolute', ...more,
  chargingSchedule: { chargingRateUnit: 'W', startSchedule: new Date(Date.now() - 60_000).toISOString(), chargingSchedulePeriod: [{ startPeriod: 0, limit }], ...schedule },
});
const set = async (csms: CsmsPeer, connectorId: number, csChargingProfiles: object) => (await csms.command('SetChargingProfile', { connectorId, csChargingProfiles }))['status'];
const composite = (csms: CsmsPeer, connectorId: number, duration: number, unit?: string) =>
  csms.command('GetCompositeSchedule', { connectorId, duration, ...(unit && { chargingRateUnit: unit }) });

it('holds the vehicle to the limit of now, the station as a whole to its own, and suspends where there is nothing', async () => {
  const { csms, station, hardware } = await aBootedCharger();
  const power = (id: number) => station.view().connectors[id - 1]?.powerW;
  hardware.plug(1, car());
  hardware.tap(1, 'CARD1');
  hardware.plug(2, car());
  hardware.tap(2, 'CARD2');
  await until('full power', () => power(1) === 7_000 && power(2) === 7_000 && station.truth().every((truth) => truth.startAcknowledged));
  expect(await set(csms, 0, profile('ChargePointMaxProfile', 10_000))).toBe('Accepted');
  await until('half each', () => power(1) === 5_000 && power(2) === 5_000);
  const transactionId = station.truth()[0]?.transactionId;
  expect(await set(csms, 1, profile('TxProfile', 2_000, { transactionId }))).toBe('Accepted');
  await until('what the other leaves', () => power(1) === 2_000 && power(2) === 7_000);
  expect(await set(csms, 2, profile('TxDefaultProfile', 0))).toBe('Accepted');
  await until('suspended', () => station.view().connectors[1]?.status === 'SuspendedEVSE' && power(2) === 0);
  expect(await csms.command('ClearChargingProfile', { connectorId: 2 })).toEqual({ status: 'Accepted' });
  await until('resumed', () => station.view().connectors[1]?.status === 'Charging' && power(2) === 7_000);
  // A limit below what the vehicle can use at all is none.
  expect(await set(csms, 2, profile('TxDefaultProfile', 1_000, {}, { minChargingRate: 1_380 }))).toBe('Accepted');
  await until('suspended', () => station.view().connectors[1]?.status === 'SuspendedEVSE');
  expect(await csms.command('ClearChargingProfile', {})).toEqual({ status: 'Accepted' });
  await until('full power again', () => power(1) === 7_000 && power(2) === 7_000);
  expect(await csms.command('ClearChargingProfile', {})).toEqual({ status: 'Unknown' });
});

it('tells the composite schedule in either unit, and a profile of a transaction ends with it', async () => {
  const { csms, station, hardware } = await aBootedCharger();
  hardware.plug(1, car());
  const withProfile = { connectorId: 1, idTag: 'APP', chargingProfile: profile('TxProfile', 10, { chargingProfileKind: 'Relative' }, { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }, { startPeriod: 3_600, limit: 6.3 }], startSchedule: undefined }) };
  expect(await csms.command('RemoteStartTransaction', { ...withProfile, chargingProfile: { ...withProfile.chargingProfile, chargingProfilePurpose: 'TxDefaultProfile' } })).toEqual({ status: 'Rejected' });
  expect(await csms.command('RemoteStartTransaction', withProfile)).toEqual({ status: 'Accepted' });
  await until('its start, at 10 A', () => station.truth()[0]?.startAcknowledged && station.view().connectors[0]?.powerW === 2_300);
  const schedule = await composite(csms, 1, 7_200, 'A');
  expect(schedule).toMatchObject({ status: 'Accepted', connectorId: 1, chargingSchedule: { duration: 7_200, chargingRateUnit: 'A' } });
  const { chargingSchedulePeriod: periods } = schedule['chargingSchedule'] as { chargingSchedulePeriod: { startPeriod: number; limit: number }[] };
  expect(periods.map(({ limit }) => limit)).toEqual([10, 6.3]);
  expect(periods[1]?.startPeriod).toBeGreaterThan(3_500);
  // Its schedule begins at a whole second, up to one before the transaction did.
  expect(periods[1]?.startPeriod).toBeLessThanOrEqual(3_601);
  expect(await composite(csms, 1, 60, 'W')).toMatchObject({ chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 2_300 }] } });
  expect(await composite(csms, 0, 60, 'W')).toMatchObject({ chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 14_800 }] } });
  expect(await composite(csms, 9, 60)).toEqual({ status: 'Rejected' });
  hardware.unplug(1);
  await until('its end', () => station.truth()[0]?.stopAcknowledged);
  expect(await composite(csms, 1, 60, 'W')).toMatchObject({ chargingSchedule: { chargingSchedulePeriod: [{ startPeriod: 0, limit: 7_400 }] } });
  expect(await csms.command('ClearChargingProfile', {})).toEqual({ status: 'Unknown' });
});

it('refuses what it cannot hold, and keeps the rest over a power loss', async () => {
  const storage = createMemoryStorage();
  const configuration = { ChargeProfileMaxStackLevel: '3', ChargingScheduleMaxPeriods: '2', MaxChargingProfilesInstalled: '2', ChargingScheduleAllowedChargingRateUnit: 'Power' };
  const { csms, station } = await aBootedCharger({ storage, configuration });
  const refused = [
    [1, profile('ChargePointMaxProfile', 1)], [9, profile('TxDefaultProfile', 1)], [1, profile('TxProfile', 1)], [0, profile('TxProfile', 1)], [1, profile('TxDefaultProfile', 1, { stackLevel: 4 })],
    [1, profile('TxDefaultProfile', 1, {}, { chargingRateUnit: 'A' })], [1, profile('TxDefaultProfile', 1, { chargingProfileKind: 'Recurring' })], [1, profile('TxDefaultProfile', 1, {}, { chargingSchedulePeriod: [{ startPeriod: 5, limit: 1 }] })],
  ] as const;
  for (const [connectorId, asked] of refused) expect([asked, await set(csms, connectorId, asked)]).toEqual([asked, 'Rejected']);
  const kept = profile('TxDefaultProfile', 3_000);
  expect(await set(csms, 1, kept)).toBe('Accepted');
  expect(await set(csms, 1, { ...profile('TxDefaultProfile', 3_100), stackLevel: 1 })).toBe('Accepted');
  expect(await set(csms, 2, profile('TxDefaultProfile', 1))).toBe('Rejected');
  // The same id, or the same level, is no third one.
  expect(await set(csms, 1, { ...profile('TxDefaultProfile', 3_200), stackLevel: 1 })).toBe('Accepted');
  await station.stop();
  const again = aCharger(csms.url, { storage, configuration });
  again.station.start();
  await until('its second boot', () => again.station.view().booted && csms.of('BootNotification').length === 2);
  expect(await composite(csms, 1, 60)).toMatchObject({ chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ limit: 3_200 }] } });
  expect(await csms.command('ClearChargingProfile', { id: kept.chargingProfileId })).toEqual({ status: 'Accepted' });
});
