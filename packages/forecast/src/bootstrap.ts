import type { ScoredDay } from './scores.ts';

/** A stream of numbers in [0, 1) from a seed (mulberry32): the same seed, the same stream, on any machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ROUNDS = 2000;

/**
 * How sure it is that `challenger` has the smaller squared error, on the same days: the share of 2000 resamples of whole days, drawn with
 * replacement, in which it does (a tie counts half). Days are the blocks because the errors of one day hang together.
 */
export function probabilityBetter(challenger: readonly ScoredDay[], champion: readonly ScoredDay[], seed: number): number {
  if (challenger.length !== champion.length) throw new RangeError('both must be judged on the same days');
  if (challenger.length === 0) return 0.5;
  const difference = challenger.map((day, i) => squaredError(day) - squaredError(champion[i]!));
  const random = randomFrom(seed);
  let better = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    let sum = 0;
    for (let draw = 0; draw < difference.length; draw += 1) sum += difference[Math.floor(random() * difference.length)]!;
    better += sum < 0 ? 1 : sum === 0 ? 0.5 : 0;
  }
  return better / ROUNDS;
}

function squaredError(day: ScoredDay): number {
  let sum = 0;
  for (let i = 0; i < day.actualWh.length; i += 1) sum += (day.meanWh[i]! - day.actualWh[i]!) ** 2;
  return sum;
}
