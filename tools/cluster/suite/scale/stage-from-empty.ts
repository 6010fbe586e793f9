import { until } from '@csms/kube/testing/until';
import { isWrite } from './audit-log.ts';
import { isReady, makeSites, sitesNow } from './many-sites.ts';
import { metricsOf, pidOf, untilStill, writesByResource, type Row, type Stage } from './measured.ts';
import { quantiles, sumOf } from './operator-metrics.ts';
import { connectionsTo, factsOf } from './process-facts.ts';

const apiPort = 6443;

/** All sites at once, from empty to Ready: how long, what a run of a reconciler takes, what the process holds afterwards (O-33, O-30, O-36). */
export const fromEmpty: Stage = async (measured) => {
  const { cluster, many, audit } = measured;
  await until('the operator leads', async () => sumOf(await metricsOf(measured.operator), 'leader_election_master_status') === 1, 60_000);
  const operator = measured.operator;
  const empty = await factsOf(pidOf(operator));
  const before = await metricsOf(operator);
  await audit.since();
  let connections = 0;
  const startedMs = Date.now();
  await makeSites(cluster, many);
  const appliedMs = Date.now() - startedMs;
  await until(`${many.sites.length} sites are Ready`, async () => {
    connections = Math.max(connections, await connectionsTo(pidOf(operator), apiPort));
    const ready = (await sitesNow(cluster, many)).filter(isReady).length;
    if (ready < many.sites.length) throw new Error(`${ready} are`);
    return true;
  }, 900_000);
  const tookMs = Date.now() - startedMs;
  const { entries } = await untilStill(measured, 5_000, 120_000);
  const after = await metricsOf(operator);
  const facts = await factsOf(pidOf(operator));
  const rows: Row[] = [
    { what: `${many.sites.length} sites from empty to Ready`, value: tookMs / 1000, unit: 's', limit: { atMost: 180 }, detail: `${(appliedMs / 1000).toFixed(0)} s of it to write the sites; ${entries.length} requests, of which ${entries.filter(isWrite).length} writes (${writesByResource(entries)}); CPU of the operator ${(facts.cpuSeconds - empty.cpuSeconds).toFixed(1)} s` },
    ...['chargingsite', 'pool', 'namespace', 'books'].map((controller): Row => {
      const filtered = new Map([...after].filter(([line]) => line.includes(`controller="${controller}"`)));
      const { count, seconds } = quantiles(before, filtered, 'controller_runtime_reconcile_time_seconds', [0.5, 0.95, 0.99]);
      const [p50 = 0, p95 = 0, p99 = 0] = seconds;
      return { what: `a run of ${controller}, from empty: p95`, value: p95 * 1000, unit: 'ms', detail: `${count} runs; p50 ${(p50 * 1000).toFixed(1)}, p99 ${(p99 * 1000).toFixed(0)} ms` };
    }),
    { what: 'connections to the API server, most', value: connections, unit: '', limit: { atMost: 8 }, detail: '' },
    { what: `memory of the operator at ${many.sites.length} sites`, value: facts.residentMb, unit: 'MB', limit: { atMost: 350 }, detail: `most ${facts.residentMaxMb.toFixed(0)}, without a site ${empty.residentMb.toFixed(0)} MB` },
  ];
  return rows;
};
