import { createRandom, createSimulatedHardware, createVirtualClock, type ConnectorStatus, type HardwareEvent } from '@csms/edge';
import { describe, expect, it } from 'vitest';
import { createDriver } from './driver.ts';
import { playPlan, visitOf } from './planned-sessions.ts';
import { batteryPowerW, createBatteryVehicle } from './vehicle.ts';

describe('a battery', () => {
  const spec = { capacityWh: 1_000, powerMaxW: 7_400, socStart: 0.2, socTarget: 1 };

  it('ramps up, takes what both sides can, tapers above 80 % and stops at its target', () => {
    expect(batteryPowerW(spec, 0.3, 0, 50_000)).toBeLessThan(2_000);
    expect(batteryPowerW(spec, 0.3, 60, 50_000)).toBe(7_400);
    expect(batteryPowerW(spec, 0.3, 60, 3_600)).toBe(3_600);
    expect(batteryPowerW(spec, 0.9, 60, 50_000)).toBeCloseTo(7_400 * 0.54, 6);
    expect(batteryPowerW({ ...spec, socTarget: 0.9 }, 0.9, 60, 50_000)).toBe(0);
    expect(batteryPowerW(spec, 0.3, 60, 0)).toBe(0);
  });

  it('is filled by the energy that flows, and no more', () => {
    const vehicle = createBatteryVehicle(spec);
    let wh = 0;
    for (let second = 0; second < 3_600; second += 1) wh += vehicle.advance(1_000, 7_400).powerW / 3_600;
    expect(vehicle.isDone()).toBe(true);
    expect(wh).toBeGreaterThan(795);
    expect(wh).toBeLessThan(803);
  });
});

describe('visitors', () => {
  /** Plays an hour at one connector whose station accepts every card at once. */
  function anHour(seed: string, speed: number): HardwareEvent['kind'][] {
    const clock = createVirtualClock(Date.parse('2026-11-24T08:00:00Z'));
    const hardware = createSimulatedHardware([{ powerMaxW: 7_400, voltageV: 230 }], clock);
    const seen: HardwareEvent['kind'][] = [];
    let status = 'Available' as ConnectorStatus;
    hardware.sense.subscribe((event) => {
      seen.push(event.kind);
      if (event.kind === 'plugged') status = 'Preparing';
      if (event.kind === 'cardTapped') {
        const begins = status === 'Preparing';
        status = begins ? 'Charging' : 'Finishing';
        hardware.relay.set(1, begins);
      }
      if (event.kind === 'faultRaised') status = 'Faulted';
      if (event.kind === 'unplugged') status = 'Available';
    });
    const driver = createDriver({ connectorId: 1, hardware, clock, random: createRandom(seed), cards: { known: ['A', 'B'], blocked: [], inUse: new Set() }, powerMaxW: 7_400, speed, status: () => status });
    driver.start();
    for (let second = 0; second < 3_600; second += 1) {
      clock.advance(1_000);
      const { powerW } = hardware.meter.read(1);
      if (status === 'Charging' && second % 10 === 9 && powerW === 0) status = 'SuspendedEV';
    }
    driver.stop();
    return seen;
  }

  it('come and go under a seed: the same seed plays the same hour, another one another', () => {
    expect(anHour('a', 60)).toEqual(anHour('a', 60));
    expect(anHour('a', 60)).not.toEqual(anHour('b', 60));
  });

  it('plug in before they tap, unplug what they plugged in, and are more at a higher speed', () => {
    const hour = anHour('a', 60);
    const visits = hour.filter((kind) => kind === 'plugged').length;
    expect(visits).toBeGreaterThan(5);
    expect(hour.filter((kind) => kind === 'unplugged').length).toBeGreaterThanOrEqual(visits - 1);
    expect(hour[0]).toBe('plugged');
    expect(anHour('a', 1).filter((kind) => kind === 'plugged').length).toBeLessThan(3);
  });
});

describe('a plan of sessions', () => {
  const session = { identity: 'BOULDER-1', connectorId: 1, startAt: '2026-11-24T10:00:00Z', chargeEndAt: '2026-11-24T11:00:00Z', endAt: '2026-11-24T12:00:00Z', energyWh: 6_000, idTag: 'CARD' };
  const at = (time: string) => Date.parse(`2026-11-24T${time}:00Z`);

  it('spreads the energy evenly, joins a session that runs with what is left of it, and leaves out what is over', () => {
    expect(visitOf(session, at('09:00'), 7_200)).toMatchObject({ plugAtMs: at('10:00'), unplugAtMs: at('12:00'), powerW: 6_000, needWh: 6_000 });
    expect(visitOf(session, at('10:45'), 7_200)).toMatchObject({ plugAtMs: at('10:45'), powerW: 6_000, needWh: 1_500 });
    expect(visitOf(session, at('11:30'), 7_200)).toMatchObject({ needWh: 0 });
    expect(visitOf(session, at('12:00'), 7_200)).toBeUndefined();
  });

  it('is played at its wall times, also days ahead', () => {
    const clock = createVirtualClock(at('09:00') - 3 * 86_400_000);
    const hardware = createSimulatedHardware([{ powerMaxW: 7_200, voltageV: 208 }], clock);
    const seen: Array<[string, string]> = [];
    hardware.sense.subscribe((event) => {
      seen.push([event.kind, new Date(clock.nowMs()).toISOString()]);
      // The first time there is no line, and the card does nothing.
      if (event.kind === 'cardTapped' && seen.length > 2) {
        hardware.relay.set(1, true);
        status = 'Charging';
      }
    });
    let status: ConnectorStatus = 'Preparing';
    playPlan({ sessions: [session], hardware, clock, powerMaxW: 7_200, status: () => status });
    let wh = 0;
    for (let minute = 0; minute < 4 * 1_440; minute += 1) {
      clock.advance(60_000);
      wh += hardware.meter.read(1).powerW / 60;
    }
    expect(seen).toEqual([['plugged', '2026-11-24T10:00:00.000Z'], ['cardTapped', '2026-11-24T10:00:00.000Z'], ['cardTapped', '2026-11-24T10:00:03.000Z'], ['unplugged', '2026-11-24T12:00:00.000Z']]);
    expect(wh).toBeGreaterThan(5_850);
    expect(wh).toBeLessThan(6_150);
  });
});
