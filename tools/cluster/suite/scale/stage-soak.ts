import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import { by, siteObject } from '../test-cluster.ts';
import { specOf } from './many-sites.ts';
import { pause, pidOf, type Stage } from './measured.ts';
import { factsOf } from './process-facts.ts';

const sampleEveryS = 30;
/** A slope needs many samples: a shorter soak is shown and not judged. */
const judgedFromS = 1800;
/** What is still being filled (caches of code, events of the last hour) is no slope: the first third is not counted. */
const warmUp = 1 / 3;

/** Sites are edited, deleted and made again all the time: what the process holds more an hour, and its open files (O-38). */
export const soak = (seconds: number): Stage => async (measured) => {
  const { cluster, many, operator } = measured;
  const samples: { hours: number; mb: number; files: number }[] = [];
  const startedMs = performance.now();
  for (let round = 0; performance.now() - startedMs < seconds * 1000; round += 1) {
    const ref = many.sites[(round * 53) % many.sites.length] ?? { namespace: '', name: '' };
    if (round % 10 === 9) await cluster.client.delete(chargingSiteKind, ref);
    else await cluster.client.apply(chargingSiteKind, siteObject(ref.namespace, ref.name, { ...specOf(ref), training: { schedule: `${round % 60} 2 * * *` } }), by);
    await pause(1_000);
    const hours = (performance.now() - startedMs) / 3_600_000;
    const last = samples.at(-1);
    if (last !== undefined && (hours - last.hours) * 3600 < sampleEveryS) continue;
    const { residentMb, files } = await factsOf(pidOf(operator));
    samples.push({ hours, mb: residentMb, files });
  }
  const judged = (atMost: number) => (seconds < judgedFromS ? {} : { limit: { atMost } });
  const counted = samples.filter(({ hours }) => hours >= (warmUp * seconds) / 3600);
  const files = counted.map((sample) => sample.files);
  return [
    { what: `${(seconds / 60).toFixed(0)} minutes of edits and deletions: memory an hour`, value: slope(counted.map(({ hours, mb }) => [hours, mb])), unit: 'MB', ...judged(1), detail: `after a warm-up of a third; ${counted.length} samples, ${Math.min(...counted.map(({ mb }) => mb)).toFixed(0)} to ${Math.max(...counted.map(({ mb }) => mb)).toFixed(0)} MB` },
    { what: `${(seconds / 60).toFixed(0)} minutes of edits and deletions: open files more`, value: Math.max(...files) - Math.min(...files), unit: '', ...judged(4), detail: `${Math.min(...files)} to ${Math.max(...files)}` },
  ];
};

/** Of a line through points by least squares. */
function slope(points: [x: number, y: number][]): number {
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  return points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0) / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}
