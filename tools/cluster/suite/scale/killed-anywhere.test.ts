import { join } from 'node:path';
import { TENANT_LABEL, chargingSiteKind } from '@csms/contracts/charging-site/index';
import { leaseKind, namespaceKind, numberAt } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { startBooksApi, type BooksApi } from '@csms/operator/testing/books-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openOperatorHome, type OperatorHome } from '../operator/running-operator.ts';
import { applySiteCrd, by, openTestCluster, siteObject, type TestCluster } from '../test-cluster.ts';
import { AuditLog, describeEntry, isWrite } from './audit-log.ts';
import { comparable, differences } from './comparable.ts';
import { isReady } from './many-sites.ts';
import { isIdle } from './operator-metrics.ts';

/*
 * O-15: an operator that is killed at any of many writes, and started again, ends in the same objects as one that was never killed. Each of its
 * lives begins a namespace with three sites, ends what the life before left, edits one site of that namespace and deletes another, and is killed at a write of its own.
 */
const kills = Number(process.env['CSMS_TEST_KILLS'] ?? 12);
/** A life has some seventy writes; by the last of these most of a namespace is there. */
const lastWrite = 48;
let cluster: TestCluster;
let books: BooksApi;
let home: OperatorHome;

beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  books = await startBooksApi();
  home = await openOperatorHome(cluster, books.url);
});
afterAll(async () => {
  await home?.close();
  await books?.close();
  await cluster?.close();
});

const site = (namespace: string, name: string, spec = {}) => cluster.client.apply(chargingSiteKind, siteObject(namespace, name, { dashboard: { host: `${name}.${namespace}.example.com` }, ...spec }), by);

async function begin(prefix: string): Promise<string> {
  const namespace = await cluster.namespace(prefix);
  await cluster.client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', [TENANT_LABEL]: namespace } } }, by);
  for (const name of ['a', 'b', 'c']) await site(namespace, name);
  return namespace;
}

async function goOn(namespace: string): Promise<void> {
  await site(namespace, 'a', { training: { schedule: '30 4 * * *' } });
  await cluster.client.delete(chargingSiteKind, { namespace, name: 'c' });
}

const settled = (namespace: string): Promise<unknown> => until(`${namespace} is as it should be`, async () => {
  const { items } = await cluster.client.list(chargingSiteKind, { namespace });
  const done = items.length === 2 && items.every((each) => isReady(each) && numberAt(each, 'status', 'observedGeneration') === each.metadata.generation);
  if (!done) throw new Error(items.map((each) => `${each.metadata.name} ${JSON.stringify(each.status)}`).join('; '));
  return true;
}, 120_000);

/** A killed leader is believed for 15 s: its lease is taken away, as a person would who does not want to wait. */
const forgetLeader = (): Promise<boolean> => cluster.client.delete(leaseKind, { namespace: home.namespace, name: 'csms-operator' });

it(`O-15 killed at ${kills} writes, before or after each, it ends in the objects of an operator that was never killed`, { timeout: 600_000 }, async () => {
  const first = home.start();
  const reference = await begin('whole');
  await until('all three are Ready', async () => (await cluster.client.list(chargingSiteKind, { namespace: reference })).items.filter(isReady).length === 3, 60_000);
  await goOn(reference);
  await settled(reference);
  await first.end('SIGTERM');

  const namespaces: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const before = namespaces.at(-1);
    if (before !== undefined) await goOn(before);
    namespaces.push(await begin('cut'));
    const write = 1 + Math.floor((kill * lastWrite) / kills);
    const moment = kill % 2 === 0 ? 'after' : 'before';
    const operator = home.start({ nodeFlags: ['--import', join(import.meta.dirname, 'die-at-write.ts')], env: { CSMS_TEST_DIE_AT: `${write} ${moment}` } });
    await until(`it is killed ${moment} its write ${write}`, () => operator.child.signalCode === 'SIGKILL', 60_000);
    await forgetLeader();
  }
  await goOn(namespaces.at(-1) ?? '');

  const last = home.start();
  for (const namespace of namespaces) await settled(namespace);
  const whole = await comparable(cluster, reference);
  expect(whole.length).toBeGreaterThan(20);
  for (const [kill, namespace] of namespaces.entries()) await expect.poll(async () => differences(whole, await comparable(cluster, namespace)), { message: `the namespace of kill ${kill}` }).toEqual([]);
  for (const namespace of [reference, ...namespaces]) expect([...books.sites.keys()].filter((key) => key.startsWith(`${namespace}/`)).sort()).toEqual([`${namespace}/a`, `${namespace}/b`]);

  // And it is quiet: whatever the last one found was right already.
  await until('nothing is left to do', () => isIdle(last));
  await last.end('SIGTERM');
  const audit = AuditLog.of({ namespace: home.namespace, name: 'csms-operator' });
  await audit?.since();
  const again = home.start();
  await until('it has looked at everything', () => isIdle(again), 60_000);
  expect((await audit?.since() ?? []).filter(isWrite).map(describeEntry)).toEqual([]);
});
