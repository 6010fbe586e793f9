import type { RandomPort } from './ports.ts';

/**
 * A small seeded generator (mulberry32): the same seed gives the same numbers on every machine.
 * @param seed any text; its 32-bit FNV-1a hash is the start
 * @returns a function that gives numbers in [0, 1)
 */
export function createRandom(seed: string): RandomPort {
  let state = 0x811c9dc5;
  for (let i = 0; i < seed.length; i += 1) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
