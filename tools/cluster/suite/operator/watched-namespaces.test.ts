import { chargingSiteKind, TENANT_LABEL } from '@csms/contracts/charging-site/index';
import { deploymentKind, listAt, namespaceKind, serviceKind, stringAt } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBooksApi, type BooksApi } from '@csms/operator/testing/books-api';
import { applySiteCrd, by, openTestCluster, siteObject, type TestCluster } from '../test-cluster.ts';
import { openOperatorHome, tenantNamespace, type OperatorHome, type RunningOperator } from './running-operator.ts';

/* An operator that may do nothing in the cluster as a whole: Roles in the namespaces that it watches and in its own, and none besides. */
let cluster: TestCluster;
let books: BooksApi;
let home: OperatorHome;
let operator: RunningOperator;
let watched: string[];
let other: string;

beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  books = await startBooksApi();
  watched = [await tenantNamespace(cluster, 'pln'), await tenantNamespace(cluster, 'acme')];
  other = await tenantNamespace(cluster, 'other');
  home = await openOperatorHome(cluster, books.url, { watchNamespaces: watched });
  operator = home.start();
});
afterAll(async () => {
  await home?.close();
  await books?.close();
  await cluster?.close();
});

const condition = async (namespace: string, type: string): Promise<unknown> => listAt((await cluster.client.get(chargingSiteKind, { namespace, name: 'solo' }))?.status, 'conditions').find((each) => stringAt(each, 'type') === type);
const ready = (namespace: string): Promise<unknown> => until(`${namespace}/solo is Ready`, async () => stringAt(await condition(namespace, 'Ready'), 'status') === 'True', 100_000);

it('O-40 it looks after the sites of those namespaces, finds their tenant, and repairs; of another one it makes nothing', async () => {
  for (const namespace of [...watched, other]) await cluster.client.apply(chargingSiteKind, siteObject(namespace, 'solo', { dashboard: { host: `${namespace}.example.com` } }), by);
  for (const namespace of watched) await ready(namespace);
  expect([...books.sites].map(([key, { tenant }]) => [key, tenant]).sort()).toEqual([[`${watched[1]}/solo`, 'acme'], [`${watched[0]}/solo`, 'pln']]);
  await cluster.client.delete(serviceKind, { namespace: watched[0]!, name: 'csms-dashboard' });
  await until('the Service is back', async () => (await cluster.client.get(serviceKind, { namespace: watched[0]!, name: 'csms-dashboard' })) !== undefined);
  await cluster.client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: watched[1]!, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', [TENANT_LABEL]: 'acme-two' } } }, by);
  await until('the tenant’s new name', () => books.sites.get(`${watched[1]}/solo`)?.tenant === 'acme-two', 30_000);
  expect((await cluster.client.list(deploymentKind, { namespace: other })).items).toEqual([]);
  expect((await cluster.client.get(chargingSiteKind, { namespace: other, name: 'solo' }))?.status).toBeUndefined();
});

it('O-40 the account may do nothing elsewhere', async () => {
  const may = (verb: string, what: string, namespace: string): Promise<string> =>
    cluster.kubectl('auth', 'can-i', verb, what, '-n', namespace, '--as', `system:serviceaccount:${home.namespace}:csms-operator`).then((said) => said.trim(), (error: unknown) => String((error as { stdout?: string }).stdout).trim());
  for (const [verb, what] of [['list', 'chargingsites'], ['get', 'deployments'], ['create', 'services'], ['get', 'secrets/csms-database'], ['get', 'namespaces']] as const) {
    expect([verb, what, await may(verb, what, other)]).toEqual([verb, what, 'no']);
    expect([verb, what, await may(verb, what, 'kube-system')]).toEqual([verb, what, 'no']);
  }
  expect(await may('list', 'chargingsites', watched[0]!)).toBe('yes');
});

it('O-40 sites go with all that was made of them, a namespace without sites ends, and nothing that was asked for was denied', async () => {
  for (const namespace of watched) await cluster.client.delete(chargingSiteKind, { namespace, name: 'solo' });
  for (const namespace of watched) await until(`the last object of ${namespace} is gone`, async () => (await cluster.client.list(deploymentKind, { namespace })).items.length === 0, 90_000);
  expect([...books.removed].sort()).toEqual(watched.map((namespace) => `${namespace}/solo`).sort());
  expect(operator.lines.filter((line) => /cannot \w+ resource/.test(String(line['reason'] ?? '')))).toEqual([]);
  await cluster.client.delete(namespaceKind, { name: watched[1]! });
  await until('the namespace ends', async () => (await cluster.client.get(namespaceKind, { name: watched[1]! })) === undefined, 60_000);
  expect(await cluster.kubectl('get', 'clusterrolebindings', '-o', 'json')).not.toContain(home.namespace);
});
