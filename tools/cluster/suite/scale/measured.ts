import type { BooksApi } from '@csms/operator/testing/books-api';
import { until } from '@csms/kube/testing/until';
import type { OperatorHome, RunningOperator } from '../operator/running-operator.ts';
import type { TestCluster } from '../test-cluster.ts';
import { isWrite, type AuditEntry, type AuditLog } from './audit-log.ts';
import type { ManySites } from './many-sites.ts';
import { isIdle, scrape, sumOf, type Scrape } from './operator-metrics.ts';

/** What the stages of a measurement share. A stage may replace the operator. */
export interface Measured {
  cluster: TestCluster;
  books: BooksApi;
  home: OperatorHome;
  /** Says nothing in a cluster that somebody else made. */
  audit: Pick<AuditLog, 'since'>;
  many: ManySites;
  operator: RunningOperator;
}

/** A figure beside what is asked of it (`npm run bench` prints it). */
export interface Row {
  what: string;
  value: number;
  unit: string;
  limit?: { atMost: number };
  detail: string;
}
export type Stage = (measured: Measured) => Promise<Row[]>;

/** As the image starts it (images/Dockerfile), with the seconds between two looks for optional kinds that it has by default. */
export const asInstalled = { nodeFlags: ['--max-semi-space-size=8'], env: { CSMS_DISCOVERY_SECONDS: '30' } };

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
export const pidOf = ({ child }: RunningOperator): number => {
  if (child.pid === undefined) throw new Error('The operator did not start.');
  return child.pid;
};

export async function metricsOf(operator: RunningOperator): Promise<Scrape> {
  return until('the operator serves its metrics', () => scrape(operator), 30_000);
}

/** Waits until nothing was written and nothing was to do for `stillMs`; returns what was asked meanwhile. */
export async function untilStill({ operator, audit }: Pick<Measured, 'operator' | 'audit'>, stillMs: number, limitMs: number): Promise<{ entries: AuditEntry[]; sinceMs: number }> {
  const entries: AuditEntry[] = [];
  const endMs = Date.now() + limitMs;
  let sinceMs = Date.now();
  for (;;) {
    const fresh = await audit.since();
    entries.push(...fresh);
    if (fresh.some(isWrite) || !(await isIdle(operator).catch(() => false))) sinceMs = Date.now();
    if (Date.now() - sinceMs >= stillMs) return { entries, sinceMs };
    if (Date.now() > endMs) throw new Error(`The operator is not still after ${limitMs / 1000} s; it wrote last: ${entries.filter(isWrite).slice(-5).map((each) => each.requestURI).join(', ')}`);
    await pause(250);
  }
}

/** Requests of a kind that an operator counted itself. */
export const requestsOf = (lines: Scrape): number => sumOf(lines, 'rest_client_requests_total');

/** The value below which the share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Writes by what they were about, most first. */
export function writesByResource(entries: readonly AuditEntry[]): string {
  const counts = new Map<string, number>();
  for (const { objectRef } of entries.filter(isWrite)) {
    const name = [objectRef?.resource, objectRef?.subresource].filter(Boolean).join('/');
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${count} ${name}`).join(', ');
}
