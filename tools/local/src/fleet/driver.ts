import type { Cancel, ClockPort, ConnectorStatus, RandomPort, SimulatedHardware } from '@csms/edge';
import { createBatteryVehicle, drawBattery } from './vehicle.ts';

export interface Cards {
  known: string[];
  blocked: string[];
  /** Cards of visitors that are at some connector of the fleet: one card charges one car at a time, the CSMS refuses a second. */
  inUse: Set<string>;
}

export interface DriverOptions {
  connectorId: number;
  hardware: SimulatedHardware;
  status: () => ConnectorStatus;
  clock: ClockPort;
  random: RandomPort;
  cards: Cards;
  powerMaxW: number;
  /** Shrinks batteries and stays. */
  speed: number;
}

/** The people who come to one connector, one after the other. */
export interface Driver {
  start(): void;
  stop(): void;
  /** Somebody at the lab page took over: nothing happens by itself for so long. */
  pause(forMs: number): void;
}

type Scene = 'nobody' | 'plugged' | 'waiting' | 'charging' | 'idle' | 'leaving' | 'broken';

const minuteMs = 60_000;

/**
 * Plays one visit after another: somebody drives up, plugs in, holds a card to the reader, charges until the battery has
 * what it needs, forgets the car for a while, comes back and leaves; now and then a card is refused or something breaks.
 */
export function createDriver(options: DriverOptions): Driver {
  const { clock, random, hardware, connectorId, speed } = options;
  let scene: Scene = 'nobody';
  let card = '';
  let idleUntilMs = 0;
  let willBreak = false;
  let hasTriedAgain = false;
  let cancel: Cancel = () => undefined;
  let running = false;

  /** An exponential time without its long tail, which would leave a connector empty for a whole demonstration. */
  const stayMs = (meanMinutes: number) => Math.max(2_000, (Math.min(2.5, -Math.log(1 - random())) * meanMinutes * minuteMs) / speed);

  function next(delayMs: number, to: Scene): void {
    cancel();
    scene = to;
    if (running) cancel = clock.schedule(delayMs, play);
  }

  function play(): void {
    const status = options.status();
    switch (scene) {
      case 'nobody': {
        // Whoever was unplugged by hand meanwhile has left with the card.
        options.cards.inUse.delete(card);
        const isBlocked = options.cards.blocked.length > 0 && random() < 0.04;
        const deck = isBlocked ? options.cards.blocked : options.cards.known.filter((one) => !options.cards.inUse.has(one));
        if (deck.length === 0) return next(5_000, 'nobody');
        // A station that is out of order, or reserved, is driven past.
        if (status !== 'Available') return next(5_000, hardware.isPlugged(connectorId) ? 'charging' : 'nobody');
        card = deck[Math.floor(random() * deck.length)] ?? '';
        options.cards.inUse.add(card);
        const vehicle = createBatteryVehicle(drawBattery(random, options.powerMaxW >= 40_000, speed));
        hardware.plug(connectorId, vehicle);
        return next(1_500 + random() * 3_000, 'plugged');
      }
      case 'plugged': {
        willBreak = random() < 0.06;
        hasTriedAgain = false;
        if (status === 'Preparing' && card) hardware.tap(connectorId, card);
        return next(8_000, 'waiting');
      }
      case 'waiting':
        if (status === 'Preparing') {
          // Refused, or nobody answered: try once more, then drive on.
          if (hasTriedAgain || !card) return leave();
          hasTriedAgain = true;
          hardware.tap(connectorId, card);
          return next(8_000, 'waiting');
        }
        return next(2_000, 'charging');
      case 'charging':
        if (status === 'Charging') {
          if (willBreak && random() < 0.05) {
            willBreak = false;
            hardware.raiseFault(connectorId, random() < 0.5 ? 'OverCurrentFailure' : 'OtherError');
            return next(Math.max(15_000, stayMs(20)), 'broken');
          }
          return next(2_000, 'charging');
        }
        if (status === 'SuspendedEV') {
          idleUntilMs = clock.monotonicMs() + stayMs(random() < 0.3 ? 40 : 8);
          return next(2_000, 'idle');
        }
        if (status === 'Faulted') return next(stayMs(20), 'broken');
        return status === 'SuspendedEVSE' ? next(5_000, 'charging') : leave();
      case 'idle':
        if (status === 'SuspendedEV' && clock.monotonicMs() < idleUntilMs) return next(2_000, 'idle');
        // Most hold the card again, some pull the plug.
        if (status === 'SuspendedEV' && random() < 0.7 && card) hardware.tap(connectorId, card);
        return next(2_000, 'leaving');
      case 'leaving':
        return leave();
      case 'broken':
        hardware.clearFault(connectorId);
        return leave();
    }
  }

  function leave(): void {
    hardware.unplug(connectorId);
    options.cards.inUse.delete(card);
    card = '';
    next(stayMs(options.powerMaxW >= 40_000 ? 25 : 60), 'nobody');
  }

  return {
    start() {
      running = true;
      // The first visitor comes soon, so that a fresh start shows a car charging at once.
      next(1_000 + random() * 8_000, 'nobody');
    },
    stop() {
      running = false;
      cancel();
    },
    pause(forMs) {
      // Afterwards the visit goes on from what is found: a plugged car is taken to be charging.
      next(forMs, hardware.isPlugged(connectorId) ? 'charging' : 'nobody');
    },
  };
}
