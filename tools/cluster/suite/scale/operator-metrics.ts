import { stringAt } from '@csms/kube';
import type { RunningOperator } from '../operator/running-operator.ts';

/** One line of a scrape: name with labels as they stand, and the value. */
export type Scrape = Map<string, number>;

/** What an operator serves at its admin port; undefined while it has none. */
export async function scrape(operator: RunningOperator): Promise<Scrape | undefined> {
  const port = operator.lines.find((line) => line['event'] === 'started')?.['adminPort'];
  if (typeof port !== 'number') return undefined;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return new Map(text.split('\n').flatMap((line) => {
    const [, name, value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, Number(value)] as const];
  }));
}

/** The sum of all lines of a metric whose labels say what is asked. */
export const sumOf = (lines: Scrape, name: string, labels: Record<string, string> = {}): number =>
  [...lines].filter(([line]) => line.replace(/\{.*/, '') === name && Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))).reduce((sum, [, value]) => sum + value, 0);

/** Quantiles of what a histogram counted between two scrapes, in seconds, within a bucket by its share as Prometheus does. */
export function quantiles(before: Scrape | undefined, after: Scrape, name: string, wanted: readonly number[]): { count: number; seconds: number[] } {
  const buckets = new Map<number, number>();
  for (const [line, value] of after) {
    if (!line.startsWith(`${name}_bucket{`)) continue;
    const le = /le="([^"]+)"/.exec(line)?.[1];
    const edge = le === '+Inf' ? Infinity : Number(le);
    buckets.set(edge, (buckets.get(edge) ?? 0) + value - (before?.get(line) ?? 0));
  }
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  const count = sorted.at(-1)?.[1] ?? 0;
  const seconds = wanted.map((share) => {
    const rank = share * count;
    const index = sorted.findIndex(([, upTo]) => upTo >= rank);
    const [edge = 0, upTo = 0] = sorted[index] ?? [];
    const [low, below] = sorted[index - 1] ?? [0, 0];
    return edge === Infinity ? low : low + (edge - low) * (upTo === below ? 1 : (rank - below) / (upTo - below));
  });
  return { count, seconds };
}

/** What is read from the books goes on for ever: a still operator is one whose other queues are empty. */
const changing = ['namespace', 'pool', 'chargingsite'];

/** Whether an operator leads and has nothing to change in its queues and in work. */
export async function isIdle(operator: RunningOperator): Promise<boolean> {
  const lines = await scrape(operator);
  if (lines === undefined || sumOf(lines, 'leader_election_master_status') !== 1) return false;
  return changing.every((controller) =>
    sumOf(lines, 'workqueue_depth', { name: controller }) === 0 && sumOf(lines, 'controller_runtime_active_workers', { controller }) === 0 && sumOf(lines, 'controller_runtime_reconcile_total', { controller }) > 0);
}

/** The names of what the operator's last lines complained of. */
export const complaints = ({ lines }: RunningOperator): string[] => lines.filter((line) => line['event'] === 'reconcile-failed').map((line) => `${stringAt(line, 'what')}: ${stringAt(line, 'reason')}`);
