import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createSystemClock } from '../clock.ts';
import { createPlainVehicle, createSimulatedHardware, type SimulatedHardware } from '../hardware/simulated.ts';
import { createStation, type Station } from '../station/station.ts';
import { createMemoryStorage } from '../storage/memory-storage.ts';

export interface ChargerOptions {
  /** Address without the identity: wss://HOST/ocpp/TENANT */
  url: string;
  identity: string;
  password: string;
  /** PEM of whom to trust; without it the authorities of the runtime. */
  trustAnchors?: string[];
  say: (line: string) => void;
}

/** What the charger itself knows of its session. */
export interface Charged { energyWh: number; localId: string }

export interface TestCharger {
  station: Station;
  /** Its one connector. */
  hardware: SimulatedHardware;
  /** Plugs in a vehicle that takes what it is given. */
  plug(): void;
  /** Plugs a vehicle in, taps the card, charges until `energyWh` are counted, ends by the card and waits for every answer. */
  charge(idTag: string, energyWh: number): Promise<Charged>;
}

const connectorPowerW = 360_000;
const LIMIT_MS = 60_000;

/** A charger of one fast connector without hardware, which boots and stays connected until its station is stopped. */
export async function startTestCharger(options: ChargerOptions): Promise<TestCharger> {
  const clock = createSystemClock();
  const hardware = createSimulatedHardware([{ powerMaxW: connectorPowerW, voltageV: 400 }], clock);
  const station = createStation({
    identity: options.identity, url: options.url, password: options.password, securityProfile: 2, dialect: '1.6', connectorCount: 1,
    ...(options.trustAnchors && { tls: { trustAnchors: options.trustAnchors } }),
    about: { vendor: 'Charge-IT', model: 'self-test' }, hardware, storage: createMemoryStorage(), clock, random: Math.random, newId: randomUUID,
    backoff: { firstMs: 500, maxMs: 3_000, jitter: 0.5 }, configuration: { MeterValueSampleInterval: '1' }, meterTickMs: 250,
    onEvent(event) {
      if (event.kind === 'retrying') options.say(`no connection yet: ${event.reason}`);
      if (event.kind === 'booted') options.say(`BootNotification is ${event.status}, a heartbeat each ${event.intervalSeconds} s`);
      if (event.kind === 'cardholder') options.say(`the card is ${event.message}${event.detail === undefined ? '' : `: ${event.detail}`}`);
    },
  });
  station.start();
  try {
    await until('the charger is accepted', () => station.view().booted);
  } catch (error) {
    await station.stop();
    throw error;
  }
  const connector = () => station.view().connectors[0];
  const plug = (): void => hardware.plug(1, createPlainVehicle({ powerW: connectorPowerW, needWh: Infinity }));
  return {
    station, hardware, plug,
    async charge(idTag, energyWh) {
      plug();
      hardware.tap(1, idTag);
      await until('the transaction begins', () => connector()?.transaction !== null);
      const begun = connector()?.transaction;
      if (!begun) throw new Error('the transaction ended at once');
      await until(`${energyWh} Wh are charged`, () => (connector()?.registerWh ?? 0) - begun.meterStartWh >= energyWh);
      hardware.tap(1, idTag);
      await until('the transaction ends', () => connector()?.transaction === null);
      hardware.unplug(1);
      await until('every message is answered', () => station.view().waiting === 0);
      const truth = station.truth().find(({ localId }) => localId === begun.localId);
      if (truth?.meterStopWh === undefined || truth.abandoned !== undefined) throw new Error('the end of the transaction was not taken');
      return { energyWh: truth.meterStopWh - truth.meterStartWh, localId: begun.localId };
    },
  };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${LIMIT_MS / 1000} s`);
    await pause(50);
  }
}
