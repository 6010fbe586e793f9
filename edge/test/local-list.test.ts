import { afterEach, expect, it } from 'vitest';
import { createMemoryStorage, createPlainVehicle } from '../src/index.ts';
import { until, type CsmsPeer } from './csms-peer.ts';
import { aBootedCharger, aCharger, stopAll, type OneCharger } from './one-charger.ts';

afterEach(stopAll);

const accepted = (idTag: string, more: object = {}) => ({ idTag, idTagInfo: { status: 'Accepted', ...more } });
const send = (csms: CsmsPeer, listVersion: number, updateType: 'Full' | 'Differential', localAuthorizationList?: object[]) =>
  csms.command('SendLocalList', { listVersion, updateType, ...(localAuthorizationList && { localAuthorizationList }) });
const version = async (csms: CsmsPeer) => (await csms.command('GetLocalListVersion', {}))['listVersion'];

/** Whether a card begins a transaction at connector 1; whatever began is ended again. */
async function mayCharge({ station, hardware }: OneCharger, told: string[], card: string): Promise<boolean> {
  const before = told.length;
  hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
  hardware.tap(1, card);
  await until('an answer to the holder', () => told.length > before);
  hardware.unplug(1);
  await until('free', () => station.view().connectors[0]?.status === 'Available');
  return told.at(-1) === 'accepted';
}

it('keeps the list in full and by differences, all of an update or nothing of it, over a power loss', async () => {
  const storage = createMemoryStorage();
  const configuration = { LocalAuthListMaxLength: '3', SendLocalListMaxLength: '2' };
  const { csms, station } = await aBootedCharger({ storage, configuration });
  expect(await version(csms)).toBe(0);
  expect(await send(csms, 5, 'Full', [accepted('A'), accepted('B')])).toEqual({ status: 'Accepted' });
  expect(await send(csms, 5, 'Differential', [accepted('C')])).toEqual({ status: 'VersionMismatch' });
  expect(await send(csms, 6, 'Differential', [accepted('C'), { idTag: 'A' }])).toEqual({ status: 'Accepted' });
  expect(await send(csms, 7, 'Differential', [accepted('D'), accepted('E')])).toEqual({ status: 'Failed' });
  expect(await send(csms, 7, 'Differential', [accepted('D'), accepted('E'), accepted('F')])).toEqual({ status: 'Failed' });
  expect(await send(csms, 7, 'Differential', [accepted('D'), accepted('D')])).toEqual({ status: 'Failed' });
  expect(await send(csms, 7, 'Full', [{ idTag: 'A' }])).toEqual({ status: 'Failed' });
  expect(await send(csms, 0, 'Full', [])).toEqual({ status: 'Failed' });
  expect(await version(csms)).toBe(6);
  await station.stop();

  const again = aCharger(csms.url, { storage, configuration });
  again.station.start();
  await until('its second boot', () => again.station.view().booted && csms.of('BootNotification').length === 2);
  expect(await version(csms)).toBe(6);
  expect(await csms.command('ChangeConfiguration', { key: 'LocalAuthListEnabled', value: 'false' })).toEqual({ status: 'Accepted' });
  expect(await version(csms)).toBe(-1);
  expect(await send(csms, 9, 'Full', [])).toEqual({ status: 'NotSupported' });
});

it('lets the list decide without a line, before the cache, and tells when the CSMS thinks otherwise', async () => {
  const told: string[] = [];
  const one = await aBootedCharger({ configuration: { AllowOfflineTxForUnknownId: 'true' }, onEvent: (event) => { if (event.kind === 'cardholder') told.push(event.message); } });
  const { csms, station } = one;
  // In the cache as accepted; the list then says otherwise.
  expect(await mayCharge(one, told, 'ONCE_GOOD')).toBe(true);
  await send(csms, 1, 'Full', [
    accepted('GOOD'), accepted('OLD', { expiryDate: '2020-01-01T00:00:00Z' }), { idTag: 'ONCE_GOOD', idTagInfo: { status: 'Blocked' } },
  ]);
  csms.answer('Authorize', () => ({ idTagInfo: { status: 'Blocked' } }));
  expect(await mayCharge(one, told, 'GOOD')).toBe(false);
  await until('the conflict', () => csms.of('StatusNotification').some((call) => call.params['errorCode'] === 'LocalListConflict'));
  station.cut();
  for (const [card, may] of [['GOOD', true], ['good', true], ['OLD', false], ['ONCE_GOOD', false], ['NEVER_SEEN', true]] as const) {
    expect([card, await mayCharge(one, told, card)]).toEqual([card, may]);
  }
  station.restore();
  await until('the line', () => station.view().connected);
  await csms.command('ChangeConfiguration', { key: 'LocalPreAuthorize', value: 'true' });
  const asked = csms.of('Authorize').length;
  expect(await mayCharge(one, told, 'GOOD')).toBe(true);
  expect(csms.of('Authorize')).toHaveLength(asked);
});
