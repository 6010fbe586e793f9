import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import { cronJobKind, numberAt, stringAt, type Kind, type KubernetesObject } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { by, siteObject } from '../test-cluster.ts';
import { describeEntry, isWrite, type AuditEntry } from './audit-log.ts';
import { specOf } from './many-sites.ts';
import { metricsOf, percentile, pidOf, requestsOf, untilStill, type Measured, type Stage } from './measured.ts';
import { quantiles } from './operator-metrics.ts';
import { factsOf } from './process-facts.ts';

const editsOfOneSite = 100;

/** One edit after the other: how long until what follows from it is in the cluster and the status has seen it (O-34); and changes that mean nothing (O-35). */
export const edits: Stage = async (measured) => {
  const { cluster, many, audit } = measured;
  await untilStill(measured, 3_000, 120_000);
  const took: number[] = [];
  for (let edit = 0; edit < editsOfOneSite; edit += 1) {
    const ref = many.sites[(edit * 37) % many.sites.length] ?? { namespace: '', name: '' };
    const schedule = `${edit % 60} ${4 + (edit % 3)} * * *`;
    const jobs = following(measured, cronJobKind, ref.namespace, (job) => job.metadata.name === `trainer-${ref.name}-daily` && stringAt(job, 'spec', 'schedule') === schedule);
    await jobs.listens;
    const startedMs = performance.now();
    const edited = await cluster.client.apply(chargingSiteKind, siteObject(ref.namespace, ref.name, { ...specOf(ref), training: { schedule } }), by);
    const seen = following(measured, chargingSiteKind, ref.namespace, (site) => site.metadata.name === ref.name && (numberAt(site, 'status', 'observedGeneration') ?? 0) >= (edited.metadata.generation ?? 0));
    await Promise.all([jobs.came, seen.came]);
    took.push(performance.now() - startedMs);
  }
  await untilStill(measured, 3_000, 60_000);

  const cpuBefore = (await factsOf(pidOf(measured.operator))).cpuSeconds;
  const before = await metricsOf(measured.operator);
  await audit.since();
  for (let touch = 0; touch < editsOfOneSite; touch += 1) {
    const ref = many.sites[(touch * 41) % many.sites.length] ?? { namespace: '', name: '' };
    const touched: KubernetesObject = { apiVersion: chargingSiteKind.apiVersion, kind: chargingSiteKind.kind, metadata: { ...ref, annotations: { 'team.example.com/touched': String(touch) } } };
    await cluster.client.apply(chargingSiteKind, touched, { fieldManager: 'csms-suite-touch', force: true });
  }
  const { entries } = await untilStill(measured, 2_000, 60_000);
  const after = await metricsOf(measured.operator);
  const cpuSeconds = (await factsOf(pidOf(measured.operator))).cpuSeconds - cpuBefore;
  const asked = entries.filter(({ verb, objectRef }) => !(verb === 'watch' || objectRef?.resource === 'leases' || objectRef === undefined));
  const [aboutSecrets, others] = [asked.filter(isSecretRead), asked.filter((each) => !isSecretRead(each))];
  // What is read from the books is a request over the network by its nature.
  const noOp = quantiles(before, new Map([...after].filter(([line]) => /controller="(chargingsite|pool|namespace)"/.test(line))), 'controller_runtime_reconcile_time_seconds', [0.5, 0.95, 0.99]);
  const [p50 = 0, p95 = 0, p99 = 0] = noOp.seconds.map((each) => each * 1000);
  const s = (share: number): number => percentile(took, share) / 1000;
  return [
    { what: `an edit at ${many.sites.length} sites to its last apply: p95`, value: s(0.95), unit: 's', limit: { atMost: 1 }, detail: `${editsOfOneSite} edits, one after the other; p50 ${s(0.5).toFixed(3)}, most ${s(1).toFixed(3)} s` },
    { what: `an edit at ${many.sites.length} sites to its last apply: p99`, value: s(0.99), unit: 's', limit: { atMost: 2 }, detail: '' },
    { what: 'a run that changes nothing: p95', value: p95, unit: 'ms', limit: { atMost: 20 }, detail: `${noOp.count} runs after ${editsOfOneSite} changed annotations; p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)} ms; CPU of the process meanwhile ${((cpuSeconds * 1000) / noOp.count).toFixed(1)} ms a run` },
    { what: 'requests of these runs to the API server', value: others.length, unit: '', limit: { atMost: 0 }, detail: `${others.filter(isWrite).length} writes${others.length > 0 ? `: ${others.slice(0, 5).map(describeEntry).join('; ')}` : ''}; beside them ${aboutSecrets.length} reads of Secrets, whose copies are looked at every five minutes; ${requestsOf(after) - requestsOf(before)} requests in all, with the lease, discovery and watches that began anew` },
  ];
};

const isSecretRead = ({ verb, objectRef }: AuditEntry): boolean => verb === 'get' && objectRef?.resource === 'secrets';

/** Follows a kind in a namespace until an object is as asked; `listens` once the stream is open. */
function following({ cluster }: Measured, kind: Kind, namespace: string, fits: (object: KubernetesObject) => boolean): { listens: Promise<void>; came: Promise<void> } {
  const open = cluster.client.list(kind, { namespace });
  const came = (async () => {
    const { items, resourceVersion } = await open;
    if (items.some(fits)) return;
    const end = new AbortController();
    for await (const event of cluster.client.watch(kind, { namespace, resourceVersion, timeoutSeconds: 60, signal: end.signal }))
      if (event.type !== 'BOOKMARK' && fits(event.object)) return end.abort();
    await until('the edit', () => { throw new Error('The watch ended before what follows from the edit came.'); }, 0);
  })();
  return { listens: open.then(() => undefined), came };
}
