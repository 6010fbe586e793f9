import { afterEach, describe, expect, it } from 'vitest';
import { createPlainVehicle, type StationBehaviour } from '../src/index.ts';
import { until } from './csms-peer.ts';
import { aBootedCharger, aCharger, aPeer, stopAll } from './one-charger.ts';

afterEach(stopAll);

const car = () => createPlainVehicle({ powerW: 7_000, needWh: 10_000 });

it('DataTransfer reaches the handler of its vendor and message, and tells apart what is not known', async () => {
  const { csms } = await aBootedCharger({
    vendorMessages: { 'com.charge-it': { display: (data) => (data === undefined ? { status: 'Rejected' } : { status: 'Accepted', data: `shown: ${data}` }), '': () => ({ status: 'Accepted' }) } },
  });
  const transfer = (params: object) => csms.command('DataTransfer', params);
  expect(await transfer({ vendorId: 'com.charge-it', messageId: 'display', data: 'hello' })).toEqual({ status: 'Accepted', data: 'shown: hello' });
  expect(await transfer({ vendorId: 'com.charge-it', messageId: 'display' })).toEqual({ status: 'Rejected' });
  expect(await transfer({ vendorId: 'com.charge-it' })).toEqual({ status: 'Accepted' });
  expect(await transfer({ vendorId: 'com.charge-it', messageId: 'toString' })).toEqual({ status: 'UnknownMessageId' });
  expect(await transfer({ vendorId: 'constructor' })).toEqual({ status: 'UnknownVendorId' });
});

it('a charger without a feature profile says that it does not support its actions', async () => {
  const { csms } = await aBootedCharger({ configuration: { SupportedFeatureProfiles: 'Core,RemoteTrigger' } });
  for (const [action, params] of [['GetLocalListVersion', {}], ['ClearChargingProfile', {}], ['CancelReservation', { reservationId: 1 }]] as const) {
    await expect(csms.command(action, params)).rejects.toMatchObject({ rpcErrorCode: 'NotSupported' });
  }
  expect(await csms.command('TriggerMessage', { requestedMessage: 'Heartbeat' })).toEqual({ status: 'Accepted' });
});

it('every message that can be triggered comes once more', async () => {
  const { csms } = await aBootedCharger({ configuration: { CpoName: 'Charge-IT' } });
  const counted = (action: string) => csms.of(action).length;
  const told = { BootNotification: 'BootNotification', Heartbeat: 'Heartbeat', StatusNotification: 'StatusNotification', MeterValues: 'MeterValues', FirmwareStatusNotification: 'FirmwareStatusNotification' };
  const asked = [
    ...Object.entries({ ...told, DiagnosticsStatusNotification: 'DiagnosticsStatusNotification' }).map(([message, action]) => ['TriggerMessage', message, action] as const),
    ...Object.entries({ ...told, FirmwareStatusNotification: 'SignedFirmwareStatusNotification', LogStatusNotification: 'LogStatusNotification', SignChargePointCertificate: 'SignCertificate' })
      .map(([message, action]) => ['ExtendedTriggerMessage', message, action] as const),
  ];
  for (const [command, requestedMessage, action] of asked) {
    const before = counted(action);
    expect([requestedMessage, await csms.command(command, { requestedMessage })]).toEqual([requestedMessage, { status: 'Accepted' }]);
    await until(`${action} by ${command}`, () => counted(action) > before);
  }
  const before = csms.of('StatusNotification').length;
  expect(await csms.command('TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 2 })).toEqual({ status: 'Accepted' });
  await until('one status', () => csms.of('StatusNotification').length > before);
  expect(csms.of('StatusNotification').slice(before).map((call) => call.params['connectorId'])).toEqual([2]);
  expect(await csms.command('TriggerMessage', { requestedMessage: 'StatusNotification', connectorId: 3 })).toEqual({ status: 'Rejected' });
});

describe('a charger that misbehaves', () => {
  /** One short transaction at a lenient peer; gives what it was told. */
  async function played(behaviour: StationBehaviour) {
    const csms = await aPeer({ strict: false });
    const { station, hardware } = aCharger(csms.url, { behaviour });
    station.start();
    await until('boot', () => station.view().booted);
    hardware.plug(1, car());
    hardware.tap(1, 'CARD1');
    await until('a reading', () => csms.of('MeterValues').length >= 1);
    hardware.unplug(1);
    await until('its stop', () => csms.of('StopTransaction').length >= 1);
    await station.drained();
    return csms;
  }

  it('writes lowercase enums, times without a zone, extra properties and fractions', async () => {
    const csms = await played({ lowercaseEnums: true, missingZone: true, extraProperties: true, floatRegisters: true });
    expect(csms.of('StatusNotification').map((call) => call.params['status'])).toContain('charging');
    expect(csms.of('StopTransaction')[0]?.params).toMatchObject({ reason: 'evdisconnected', timestamp: expect.stringMatching(/^\d{4}-.*\d$/), vendorSpecific: 'x' });
    expect(Number(csms.of('StartTransaction')[0]?.params['meterStart']) % 1).toBe(0.5);
    expect(JSON.stringify(csms.of('MeterValues')[0]?.params)).not.toMatch(/\dZ"/);
  });

  it('counts kWh and calls them Wh, has a wrong clock, and says everything twice', async () => {
    const csms = await played({ wrongUnit: true, clockSkewMs: -3_600_000, repeats: 1 });
    const [reading] = csms.of('MeterValues');
    expect(JSON.stringify(reading?.params)).toMatch(/"value":"0(\.\d+)?","context":"[^"]+","measurand":"Energy.Active.Import.Register","unit":"Wh"/);
    const [start, again] = csms.of('StartTransaction');
    expect(again?.params).toEqual(start?.params);
    expect(again?.messageId).not.toBe(start?.messageId);
    expect(Math.abs(Date.parse(String(start?.params['timestamp'])) - Date.now() + 3_600_000)).toBeLessThan(600_000);
    expect(csms.of('StopTransaction')).toHaveLength(2);
  });

  it('does not wait for an answer before it says the next thing', async () => {
    const csms = await aPeer();
    let answerAll: () => void = () => undefined;
    const heard = new Promise<void>((resolve) => { answerAll = resolve; });
    csms.answer('StatusNotification', async () => {
      await heard;
      return {};
    });
    aCharger(csms.url, { behaviour: { callsInFlightMax: 3 } }).station.start();
    await until('three unanswered calls', () => csms.of('StatusNotification').length === 3);
    answerAll();
  });

  it('never pongs, so that a CSMS that pings lets it go', async () => {
    const csms = await aPeer({ pingIntervalMs: 50 });
    const reasons: string[] = [];
    aCharger(csms.url, { behaviour: { neverPong: true }, onEvent: (event) => { if (event.kind === 'disconnected') reasons.push(event.reason); } }).station.start();
    await until('let go', () => reasons.length >= 1);
    const well = await aPeer({ pingIntervalMs: 50 });
    const { station } = aCharger(well.url);
    station.start();
    await until('boot', () => station.view().booted);
    await until('let go a second time', () => reasons.length >= 2);
    expect(well.connections).toBe(1);
  });
});

it('comes back after a service restart within the spread of its backoff', async () => {
  const delays: number[] = [];
  const { csms, station } = await aBootedCharger({ backoff: { firstMs: 40, maxMs: 200, jitter: 0.5 }, onEvent: (event) => { if (event.kind === 'retrying') delays.push(event.delayMs); } });
  csms.closeAll(1012);
  await until('back', () => csms.connections === 2 && station.view().connected);
  expect(delays).toHaveLength(1);
  expect(delays[0]).toBeGreaterThanOrEqual(20);
  expect(delays[0]).toBeLessThanOrEqual(60);
});
