import type { CompositePeriod } from './composite.ts';

/** A time in which the station's schedule and ours say different limits. Seconds from the beginning of ours; null: no limit is stated. */
export interface ScheduleDifference { fromS: number; untilS: number; ours: number | null; station: number | null }

/** Limits closer than this share are the same one, rounded on the way. */
const tolerance = 0.01;

/**
 * Where a composite schedule that a station answered differs from ours. `shiftS`: how much later than ours it begins by its own word. Where ours sets no
 * limit, whatever the station's cable or fuse allows is right.
 */
export function compareSchedules(ours: readonly CompositePeriod[], station: readonly CompositePeriod[], over: { durationS: number; shiftS: number }): ScheduleDifference[] {
  const theirs = station.map((period) => ({ ...period, startS: period.startS + over.shiftS }));
  const beginS = Math.max(0, over.shiftS);
  const edges = [...new Set([beginS, ...ours.map((each) => each.startS), ...theirs.map((each) => each.startS)])].filter((s) => s >= beginS && s < over.durationS).sort((a, b) => a - b);
  const differences: ScheduleDifference[] = [];
  for (const [index, fromS] of edges.entries()) {
    const untilS = edges[index + 1] ?? over.durationS;
    const [own, said] = [limitAt(ours, fromS), limitAt(theirs, fromS)];
    if (own === null || (said !== null && Math.abs(own - said) <= Math.max(0.1, tolerance * Math.max(own, said)))) continue;
    const before = differences.at(-1);
    if (before?.untilS === fromS && before.ours === own && before.station === said) before.untilS = untilS;
    else differences.push({ fromS, untilS, ours: own, station: said });
  }
  return differences.filter(({ fromS, untilS }) => untilS - fromS > 1);
}

function limitAt(periods: readonly CompositePeriod[], atS: number): number | null {
  return periods.findLast((period) => period.startS <= atS)?.limit ?? null;
}
