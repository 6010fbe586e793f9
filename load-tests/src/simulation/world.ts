import type { RandomPort } from '@csms/edge';
import { MemoryBusServer } from '@csms/bus/testing/memory-bus';
import { TwinTables } from '@csms/store/books/testing/twin-tables';
import type { VirtualTime } from './virtual-time.ts';

/** How often the nemesis strikes, each a chance per occasion. */
export interface Weather { crashAtAwait: number; commitFails: number; commitAnswerLost: number; cutAMinute: number; duplicate: number; retransmit: number; reorder: number }

export const usualWeather: Weather = { crashAtAwait: 0.0008, commitFails: 0.01, commitAnswerLost: 0.01, cutAMinute: 0.3, duplicate: 0.1, retransmit: 0.05, reorder: 0.05 };

/** Everything of one run: its chance, its time, its books, its bus, and what is broken now. */
export interface World {
  seed: number;
  random: RandomPort;
  time: VirtualTime;
  tables: TwinTables;
  bus: MemoryBusServer;
  weather: Weather;
  booksAway: boolean;
  /** What went wrong in a way that no weather explains. */
  violations: string[];
  newId(prefix: string): string;
  chance(probability: number): boolean;
  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number;
  sleep(ms: number): Promise<void>;
}

export function createWorld(seed: number, random: RandomPort, time: VirtualTime): World {
  let ids = 0;
  const newId = (prefix: string): string => `${prefix}-${(ids += 1)}`;
  return {
    seed, random, time, newId, weather: { ...usualWeather }, booksAway: false, violations: [],
    tables: new TwinTables(() => newId('row')), bus: new MemoryBusServer(),
    chance: (probability) => random() < probability,
    between: (from, to) => from + Math.floor(random() * (to - from + 1)),
    sleep: (ms) => new Promise((resolve) => { setTimeout(resolve, ms); }),
  };
}

/** For whoever died in the middle of something: it never hears the end. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}
