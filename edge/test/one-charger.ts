import { createMemoryStorage, createRandom, createSimulatedHardware, createStation, createSystemClock, type SimulatedHardware, type Station, type StationOptions } from '../src/index.ts';
import { startCsmsPeer, until, type CsmsPeer } from './csms-peer.ts';

const running: Array<() => unknown> = [];
let serial = 0;

/** Stops whatever the helpers below have started; for `afterEach`. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0).reverse()) await stop();
}

/** Something else that ends with the test. */
export function endsWithTest(stop: () => unknown): void {
  running.push(stop);
}

export async function aPeer(options?: Parameters<typeof startCsmsPeer>[0]): Promise<CsmsPeer> {
  const peer = await startCsmsPeer(options);
  running.push(() => peer.close());
  return peer;
}

export interface OneCharger { station: Station; hardware: SimulatedHardware }

/** A 1.6 charger with two connectors of 7.4 kW, not started. */
export function aCharger(url: string, options: Partial<StationOptions> = {}): OneCharger {
  const clock = options.clock ?? createSystemClock();
  const hardware = createSimulatedHardware([{ powerMaxW: 7_400, voltageV: 230 }, { powerMaxW: 7_400, voltageV: 230 }], clock);
  const station = createStation({
    identity: 'CP_TEST', url, dialect: '1.6', connectorCount: 2, about: { vendor: 'Charge-IT', model: 'edge', firmwareVersion: '1.0.0' },
    hardware, storage: createMemoryStorage(), clock, random: createRandom('test'), newId: () => `tx-${++serial}`,
    meterTickMs: 50, backoff: { firstMs: 30, maxMs: 200, jitter: 0.5 }, ...options,
    configuration: { MeterValueSampleInterval: '1', ...options.configuration },
  });
  running.push(() => station.stop());
  return { station, hardware };
}

/** A charger that has booted at a peer of its own. */
export async function aBootedCharger(options: Partial<StationOptions> = {}): Promise<OneCharger & { csms: CsmsPeer }> {
  const csms = await aPeer();
  const charger = aCharger(csms.url, options);
  charger.station.start();
  await until('its statuses', () => charger.station.view().booted && csms.of('StatusNotification').length >= 3);
  return { ...charger, csms };
}
