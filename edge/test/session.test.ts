import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStorage, createPlainVehicle, createRandom, createSimulatedHardware, createStation, createSystemClock, type StationOptions } from '../src/index.ts';
import { startCsmsPeer, until, type CsmsPeer } from './csms-peer.ts';

const running: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const stop of running.splice(0).reverse()) await stop();
});

async function peer(options?: { port?: number; password?: string }): Promise<CsmsPeer> {
  const started = await startCsmsPeer(options);
  running.push(() => started.close());
  return started;
}

let serial = 0;

function charger(url: string, options: Partial<StationOptions> = {}) {
  const clock = createSystemClock();
  const hardware = createSimulatedHardware([{ powerMaxW: 7_400, voltageV: 230 }, { powerMaxW: 7_400, voltageV: 230 }], clock);
  const station = createStation({
    identity: 'CP_TEST', url, dialect: '1.6', connectorCount: 2, about: { vendor: 'Charge-IT', model: 'edge' },
    hardware, storage: createMemoryStorage(), clock, random: createRandom('test'), newId: () => `tx-${++serial}`,
    configuration: { MeterValueSampleInterval: '1' }, meterTickMs: 100,
    backoff: { firstMs: 30, maxMs: 200, jitter: 0.5 }, ...options,
  });
  running.push(() => station.stop());
  return { station, hardware };
}

describe('a 1.6 charger against ocpp-rpc in strict mode', () => {
  it('charges a car: plug, card, readings, the same card again, unplug', async () => {
    const csms = await peer({ password: 'a-password-of-sixteen' });
    const { station, hardware } = charger(csms.url, { password: 'a-password-of-sixteen' });
    station.start();
    await until('all connectors reported', () => csms.of('StatusNotification').length >= 3);

    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    hardware.tap(1, 'CARD1');
    await until('two readings', () => csms.of('MeterValues').length >= 2);
    hardware.tap(1, 'CARD1');
    await until('the stop', () => csms.of('StopTransaction').length === 1);
    await until('waiting for the cable', () => station.view().connectors[0]?.status === 'Finishing');
    hardware.unplug(1);
    await until('free again', () => station.view().connectors[0]?.status === 'Available');
    await station.drained();

    const [start] = csms.of('StartTransaction');
    const [stop] = csms.of('StopTransaction');
    expect(start?.params).toMatchObject({ connectorId: 1, idTag: 'CARD1', meterStart: 0 });
    expect(stop?.params).toMatchObject({ transactionId: 101, reason: 'Local', idTag: 'CARD1' });
    expect(stop?.params['meterStop']).toBeGreaterThan(0);
    const statuses = () => csms.of('StatusNotification').filter((call) => call.params['connectorId'] === 1).map((call) => call.params['status']);
    await until('all statuses told', () => statuses().length >= 5);
    expect(statuses().slice(0, 4)).toEqual(['Available', 'Preparing', 'Charging', 'Finishing']);
    expect(station.truth()).toMatchObject([{ idTag: 'CARD1', transactionId: 101, startAcknowledged: true, stopAcknowledged: true, reason: 'Local' }]);
  });

  it('goes on charging without a line, and tells everything in order under new message ids when it is back', async () => {
    const csms = await peer();
    const { station, hardware } = charger(csms.url, { configuration: { MeterValueSampleInterval: '1', AllowOfflineTxForUnknownId: 'true' } });
    station.start();
    await until('boot', () => station.view().booted);
    station.cut();
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    hardware.tap(1, 'CARD1');
    await until('charging offline', () => station.view().connectors[0]?.status === 'Charging');
    await until('queued readings', () => station.view().waiting >= 3);
    hardware.tap(1, 'CARD1');
    const waiting = station.view().waiting;
    expect(waiting).toBeGreaterThanOrEqual(4);
    expect(csms.of('StartTransaction')).toHaveLength(0);

    // The first answer to the start is lost with its connection, so it has to be said again.
    csms.answer('StartTransaction', () => {
      csms.dropAll();
      csms.answer('StartTransaction', () => ({ transactionId: 555, idTagInfo: { status: 'Accepted' } }));
      return { transactionId: 555, idTagInfo: { status: 'Accepted' } };
    });
    station.restore();
    await station.drained();
    const starts = csms.of('StartTransaction');
    expect(starts).toHaveLength(2);
    expect(starts[0]?.params).toEqual(starts[1]?.params);
    expect(starts[0]?.messageId).not.toBe(starts[1]?.messageId);
    const told = csms.received.filter((call) => ['StartTransaction', 'MeterValues', 'StopTransaction'].includes(call.action)).slice(2);
    expect(told).toHaveLength(waiting - 1);
    expect(told.every((call) => call.params['transactionId'] === 555)).toBe(true);
    const times = told.map((call) => call.action === 'MeterValues' ? JSON.stringify(call.params['meterValue']).slice(0, 45) : 'stop');
    expect(times.slice(0, -1)).toEqual([...times.slice(0, -1)].sort());
    expect(told.at(-1)?.action).toBe('StopTransaction');
    expect(new Set(csms.received.map((call) => call.messageId)).size).toBe(csms.received.length);
  });

  it('waits with everything else until the boot is accepted, at the interval that the CSMS gives', async () => {
    const csms = await peer();
    let boots = 0;
    csms.answer('BootNotification', () => ({ status: ++boots < 3 ? 'Pending' : 'Accepted', interval: boots < 3 ? 1 : 300, currentTime: new Date().toISOString() }));
    const { station } = charger(csms.url);
    station.start();
    await until('the status of a connector', () => csms.of('StatusNotification').length > 0);
    expect(csms.received.slice(0, 4).map((call) => call.action)).toEqual(['BootNotification', 'BootNotification', 'BootNotification', 'StatusNotification']);
  });

  it('does as it is told: configuration, remote start and stop, availability, unlock, trigger, cache, reset', async () => {
    const csms = await peer();
    const { station, hardware } = charger(csms.url);
    station.start();
    await until('boot', () => station.view().booted);
    expect(await csms.command('GetConfiguration', { key: ['MeterValueSampleInterval', 'AuthorizationKey', 'Nonsense'] })).toEqual({
      configurationKey: [{ key: 'MeterValueSampleInterval', readonly: false, value: '1' }, { key: 'AuthorizationKey', readonly: false }], unknownKey: ['Nonsense'],
    });
    expect(await csms.command('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: 'often' })).toEqual({ status: 'Rejected' });
    expect(await csms.command('ChangeConfiguration', { key: 'NumberOfConnectors', value: '9' })).toEqual({ status: 'Rejected' });
    expect(await csms.command('ChangeConfiguration', { key: 'Nonsense', value: '9' })).toEqual({ status: 'NotSupported' });
    expect(await csms.command('ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '2' })).toEqual({ status: 'Accepted' });

    hardware.plug(2, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    expect(await csms.command('RemoteStartTransaction', { idTag: 'APP', connectorId: 2 })).toEqual({ status: 'Accepted' });
    await until('its start', () => station.truth()[0]?.startAcknowledged);
    expect(await csms.command('RemoteStartTransaction', { idTag: 'APP', connectorId: 2 })).toEqual({ status: 'Rejected' });
    expect(await csms.command('ChangeAvailability', { connectorId: 2, type: 'Inoperative' })).toEqual({ status: 'Scheduled' });
    expect(await csms.command('RemoteStopTransaction', { transactionId: 9_999 })).toEqual({ status: 'Rejected' });
    expect(await csms.command('RemoteStopTransaction', { transactionId: 101 })).toEqual({ status: 'Accepted' });
    await until('its stop', () => csms.of('StopTransaction')[0]?.params['reason'] === 'Remote');
    hardware.unplug(2);
    await until('out of service', () => station.view().connectors[1]?.status === 'Unavailable');
    expect(await csms.command('ChangeAvailability', { connectorId: 2, type: 'Operative' })).toEqual({ status: 'Accepted' });
    expect(await csms.command('UnlockConnector', { connectorId: 1 })).toEqual({ status: 'Unlocked' });
    expect(await csms.command('ClearCache', {})).toEqual({ status: 'Accepted' });
    expect(await csms.command('DataTransfer', { vendorId: 'nobody' })).toEqual({ status: 'UnknownVendorId' });
    expect(await station.sendDataTransfer('Charge-IT', 'hello', 'x')).toEqual({ status: 'Accepted' });
    const before = csms.of('Heartbeat').length;
    expect(await csms.command('TriggerMessage', { requestedMessage: 'Heartbeat' })).toEqual({ status: 'Accepted' });
    await until('a heartbeat', () => csms.of('Heartbeat').length === before + 1);
    expect(await csms.command('Reset', { type: 'Soft' })).toEqual({ status: 'Accepted' });
    await until('a second boot', () => csms.of('BootNotification').length === 2);
  });

  it('reads what it is asked to read, and says the readings again with the stop', async () => {
    const csms = await peer();
    const { station, hardware } = charger(csms.url);
    station.start();
    await until('boot', () => station.view().booted);
    expect(await csms.command('ChangeConfiguration', { key: 'MeterValuesSampledData', value: 'Energy.Active.Import.Register,Temperature' })).toEqual({ status: 'Rejected' });
    expect(await csms.command('ChangeConfiguration', { key: 'MeterValuesSampledData', value: 'Energy.Active.Import.Register,Voltage' })).toEqual({ status: 'Accepted' });
    expect(await csms.command('ChangeConfiguration', { key: 'StopTxnSampledData', value: 'Energy.Active.Import.Register' })).toEqual({ status: 'Accepted' });
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    hardware.tap(1, 'CARD1');
    await until('a reading', () => csms.of('MeterValues').length >= 1);
    hardware.unplug(1);
    const stop = await until('the stop', () => csms.of('StopTransaction')[0]);
    expect(JSON.stringify(csms.of('MeterValues')[0]?.params).match(/"measurand":"[^"]+"/g)).toEqual(['"measurand":"Energy.Active.Import.Register"', '"measurand":"Voltage"']);
    expect(stop.params['transactionData']).toMatchObject([{ sampledValue: [{ context: 'Transaction.Begin', value: '0' }] }, { sampledValue: [{ context: 'Transaction.End', value: String(stop.params['meterStop']) }] }]);
  });

  it('stops a transaction that the CSMS does not want to know', async () => {
    const csms = await peer();
    csms.answer('StartTransaction', () => ({ transactionId: 7, idTagInfo: { status: 'Blocked' } }));
    const { station, hardware } = charger(csms.url);
    station.start();
    await until('boot', () => station.view().booted);
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    hardware.tap(1, 'CARD1');
    await until('the stop', () => csms.of('StopTransaction')[0]?.params['reason'] === 'DeAuthorized');
  });

  it('a charger whose password is wrong is not let in, and keeps trying', async () => {
    const csms = await peer({ password: 'right' });
    const retries: string[] = [];
    const { station } = charger(csms.url, { password: 'wrong', onEvent: (event) => { if (event.kind === 'retrying') retries.push(event.reason); } });
    station.start();
    await until('some retries', () => retries.length >= 3);
    expect(csms.connections).toBe(0);
    expect(retries).toEqual(retries.map(() => 'Unauthorized'));
  });
});

describe('a 2.0.1 charger against ocpp-rpc in strict mode', () => {
  it('numbers its events from Started to Ended, names evse and card once, and marks what happened offline', async () => {
    const csms = await peer();
    const { station, hardware } = charger(csms.url, { dialect: '2.0.1' });
    station.start();
    await until('boot', () => station.view().booted);
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    expect(await csms.command('RequestStartTransaction', { idToken: { idToken: 'APP', type: 'Central' }, remoteStartId: 77, evseId: 1 })).toEqual({ status: 'Accepted' });
    await until('an update', () => csms.of('TransactionEvent').length >= 2);
    station.cut();
    await until('an update offline', () => station.view().waiting >= 1);
    station.restore();
    await until('delivered', () => station.view().connected && station.view().waiting === 0);
    const transactionId = station.view().connectors[0]?.transaction?.localId;
    expect(await csms.command('RequestStopTransaction', { transactionId })).toEqual({ status: 'Accepted' });
    await until('Ended', () => csms.of('TransactionEvent').at(-1)?.params['eventType'] === 'Ended');
    const events = csms.of('TransactionEvent').map((call) => call.params);
    expect(events.map((event) => event['seqNo'])).toEqual(events.map((_event, index) => index));
    expect(events[0]).toMatchObject({ eventType: 'Started', triggerReason: 'RemoteStart', evse: { id: 1 }, idToken: { idToken: 'APP', type: 'Central' }, transactionInfo: { transactionId, remoteStartId: 77 }, offline: false });
    expect(events.slice(1).every((event) => event['evse'] === undefined)).toBe(true);
    expect(events.some((event) => event['offline'] === true)).toBe(true);
    expect(events.at(-1)).toMatchObject({ triggerReason: 'RemoteStop', transactionInfo: { stoppedReason: 'Remote' } });
    expect(await csms.command('GetVariables', { getVariableData: [{ component: { name: 'SampledDataCtrlr' }, variable: { name: 'TxUpdatedInterval' } }] }))
      .toMatchObject({ getVariableResult: [{ attributeStatus: 'Accepted', attributeValue: '1' }] });
  });
});
