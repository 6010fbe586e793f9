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
    hardware.unplug(1);
    await until('free again', () => station.view().connectors[0]?.status === 'Available');
    await station.drained();

    const [start] = csms.of('StartTransaction');
    const [stop] = csms.of('StopTransaction');
    expect(start?.params).toMatchObject({ connectorId: 1, idTag: 'CARD1', meterStart: 0 });
    expect(stop?.params).toMatchObject({ transactionId: 101, reason: 'Local', idTag: 'CARD1' });
    expect(stop?.params['meterStop']).toBeGreaterThan(0);
    const statuses = csms.of('StatusNotification').filter((call) => call.params['connectorId'] === 1).map((call) => call.params['status']);
    expect(statuses.slice(0, 4)).toEqual(['Available', 'Preparing', 'Charging', 'Finishing']);
    expect(station.truth()).toMatchObject([{ idTag: 'CARD1', transactionId: 101, startAcknowledged: true, stopAcknowledged: true, reason: 'Local' }]);
  });
});
