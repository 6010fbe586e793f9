import { createServer, type Server } from 'node:net';
import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import { deploymentKind, leaseKind, listAt, numberAt, podKind, serviceKind, stringAt, type KubernetesObject } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { startBooksApi, type BooksApi } from '@csms/operator/testing/books-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySiteCrd, by, openTestCluster, siteObject, type TestCluster } from '../test-cluster.ts';
import { openOperatorHome, tenantNamespace, type OperatorHome, type RunningOperator } from './running-operator.ts';

/* What somebody sees who runs the operator: health, metrics, logs, its end, its upgrade. One life, in order. */
let cluster: TestCluster;
let books: BooksApi;
let home: OperatorHome;
let operators: RunningOperator[];
let namespaces: string[];
const all: RunningOperator[] = [];

const images = (version: string): object => ({ gateway: `localhost/gateway:${version}`, dashboard: `localhost/dashboard:${version}`, trainer: `localhost/trainer:${version}` });
const release = (version: string, more: object = {}) => ({ platform: { version, images: images(version), versions: { '1.0.0': images('1.0.0') }, ...more } });
const start = (...args: Parameters<OperatorHome['start']>): RunningOperator => {
  const operator = home.start(...args);
  all.push(operator);
  return operator;
};
const alive = ({ child }: RunningOperator): boolean => child.exitCode === null && child.signalCode === null;
const leader = (): RunningOperator | undefined => operators.find((each) => alive(each) && each.lines.findLast((line) => line['event'] === 'elected' || line['event'] === 'lease-lost')?.['event'] === 'elected');
const page = async (operator: RunningOperator | undefined, path: string): Promise<string> => {
  const port = operator?.lines.map((line) => numberAt(line, 'adminPort')).find((each) => each !== undefined);
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${answer.status} ${await answer.text()}`;
};
const site = (namespace: string): Promise<KubernetesObject | undefined> => cluster.client.get(chargingSiteKind, { namespace, name: 'solo' });
const reason = async (namespace: string, type: string): Promise<string | undefined> => stringAt(listAt(await site(namespace), 'status', 'conditions').find((each) => stringAt(each, 'type') === type), 'reason');
const comes = (namespace: string, type: string, wanted: string): Promise<unknown> => until(`${type} ${wanted}`, async () => {
  const found = await reason(namespace, type);
  if (found === wanted) return true;
  throw new Error(String(found));
}, 90_000);
const gateways = async (): Promise<string[]> => {
  const of = await Promise.all(namespaces.map(async (namespace) => {
    const { items } = await cluster.client.list(podKind, { namespace, labelSelector: 'app.kubernetes.io/component=ocpp-gateway' });
    return items.map(({ metadata }) => metadata.uid ?? '');
  }));
  return of.flat().sort();
};

beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  books = await startBooksApi();
  home = await openOperatorHome(cluster, books.url);
  namespaces = [await tenantNamespace(cluster, 'pln'), await tenantNamespace(cluster, 'acme')];
  operators = [start(release('1.1.0')), start(release('1.1.0'))];
  for (const namespace of namespaces) await cluster.client.apply(chargingSiteKind, siteObject(namespace, 'solo', { gateway: { replicas: { min: 1 } } }), by);
  for (const namespace of namespaces) await comes(namespace, 'Ready', 'AllComponentsReady');
});
afterAll(async () => {
  await home?.close();
  await books?.close();
  await cluster?.close();
});

describe('an operator at work', () => {
  it('O-45 is ready and healthy, also where it only stands by', async () => {
    await until('both are ready', async () => (await Promise.all(operators.map((each) => page(each, '/readyz')))).every((each) => each === '200 ok\n'));
    expect(await Promise.all(operators.map((each) => page(each, '/healthz')))).toEqual(['200 ok\n', '200 ok\n']);
    expect(operators.filter((each) => each === leader())).toHaveLength(1);
  });

  it('O-44 has metrics under the names of controller-runtime, with what they count', async () => {
    const lines = (await page(leader(), '/metrics')).split('\n');
    const value = (start: string): number => Number(lines.find((line) => line.startsWith(start))?.split(' ').at(-1));
    for (const name of [
      'workqueue_depth{', 'workqueue_adds_total{', 'workqueue_queue_duration_seconds_count{', 'workqueue_work_duration_seconds_count{', 'workqueue_unfinished_work_seconds{', 'workqueue_longest_running_processor_seconds{', '# TYPE workqueue_retries_total counter',
      'controller_runtime_reconcile_total{', '# TYPE controller_runtime_reconcile_errors_total counter', 'controller_runtime_reconcile_time_seconds_count{', 'controller_runtime_active_workers{', 'leader_election_master_status{', 'rest_client_requests_total{',
      'csms_site_ready{', 'csms_site_paused{', 'csms_operator_watches_opened_total{',
    ]) expect([name, lines.some((line) => line.startsWith(name))]).toEqual([name, true]);
    expect([value('workqueue_adds_total{name="pool"'), value('csms_operator_watches_opened_total{kind="Deployment"')].map((each) => each > 0)).toEqual([true, true]);
    for (const namespace of namespaces) expect([value(`csms_site_ready{namespace="${namespace}",site="solo"`), value(`csms_site_paused{namespace="${namespace}",site="solo"`)]).toEqual([1, 0]);
  });

  it('O-47 wrote one line a reconcile, with the site, its generation and an id of its own', () => {
    const runs = operators.flatMap(({ lines }) => lines).filter((line) => line['event'] === 'reconcile');
    expect(new Set(runs.map((line) => line['reconcileId'])).size).toBe(runs.length);
    expect(runs).toContainEqual(expect.objectContaining({ level: 'info', controller: 'chargingsite', namespace: namespaces[0], site: 'solo', generation: 1, result: 'success', ms: expect.any(Number) }));
    expect(runs).toContainEqual(expect.objectContaining({ controller: 'pool', namespace: namespaces[0], pool: 'default' }));
  });

  it('O-49 does not take a site back, nor to what nobody offers, and says so where people look', async () => {
    const [namespace = ''] = namespaces;
    expect((await site(namespace))?.status).toMatchObject({ versions: { gateway: '1.1.0', dashboard: '1.1.0', trainer: '1.1.0' } });
    const before = await gateways();
    for (const [version, wanted] of [['1.0.0', 'DowngradeRefused'], ['9.9.9', 'VersionNotOffered']] as const) {
      await cluster.client.apply(chargingSiteKind, siteObject(namespace, 'solo', { gateway: { replicas: { min: 1 } }, version }), by);
      await comes(namespace, 'UpToDate', wanted);
    }
    expect(await gateways()).toEqual(before);
    expect(await cluster.kubectl('describe', 'chargingsite', 'solo', '-n', namespace)).toMatch(/Warning +DowngradeRefused +.*csms-operator.*do not go back to 1\.0\.0/);
    await cluster.client.apply(chargingSiteKind, siteObject(namespace, 'solo', { gateway: { replicas: { min: 1 } } }), by);
    await comes(namespace, 'UpToDate', 'VersionRunning');
  });

  it('O-48 a new operator replaces no gateway where the template is the same', async () => {
    const before = await gateways();
    await Promise.all(operators.map((each) => each.end('SIGTERM')));
    operators = [start(release('1.1.0', { service: { annotations: { 'example.com/new': 'yes' } }, monitoring: { labels: { release: 'next' } } }))];
    for (const namespace of namespaces) await until('the new operator was there', async () => (await cluster.client.get(serviceKind, { namespace, name: 'csms-gateway-default' }))?.metadata.annotations?.['example.com/new'] === 'yes', 60_000);
    expect(await gateways()).toEqual(before);
  });

  it('O-48 a new version goes through one pool after the other', async () => {
    await Promise.all(operators.map((each) => each.end('SIGTERM')));
    const rolling = new Map<string, boolean>();
    const together: string[] = [];
    const looks = new AbortController();
    const looking = (async () => {
      for await (const event of cluster.client.watch(deploymentKind, { labelSelector: 'app.kubernetes.io/component=ocpp-gateway', timeoutSeconds: 300, signal: looks.signal })) {
        if (event.type === 'BOOKMARK' || !namespaces.includes(event.object.metadata.namespace ?? '')) continue;
        const { metadata, spec, status } = event.object;
        const count = (field: string): number => numberAt(status, field) ?? 0;
        // A new annotation is a new generation too, and replaces no pod.
        rolling.set(metadata.namespace ?? '', count('updatedReplicas') < (numberAt(spec, 'replicas') ?? 1) || count('replicas') > count('updatedReplicas'));
        if ([...rolling.values()].filter(Boolean).length > 1) together.push(JSON.stringify([metadata.namespace, metadata.generation, metadata.annotations, numberAt(spec, 'replicas'), status]));
      }
    })();
    operators = [start(release('1.2.0'))];
    for (const namespace of namespaces) await until(`${namespace} runs it`, async () => stringAt(await site(namespace), 'status', 'versions', 'gateway') === '1.2.0' && (await reason(namespace, 'UpToDate')) === 'VersionRunning' && (await reason(namespace, 'GatewayAvailable')) === 'GatewaysReady', 90_000);
    looks.abort();
    await looking;
    expect(together).toEqual([]);
    expect(rolling.size).toBe(2);
    const waited = await Promise.all(namespaces.map((namespace) => cluster.kubectl('get', 'events', '-n', namespace, '--field-selector', 'reason=RolloutWaiting', '-o', 'name')));
    expect(waited.filter((each) => each !== '')).not.toEqual([]);
  });

  it('O-29 ends in an orderly way although the API does not answer, and gives the lease back', async () => {
    const { port } = books;
    await books.close();
    const silent: Server = createServer(() => undefined).listen(port, '127.0.0.1');
    const operator = await until('one leads', leader, 40_000);
    await cluster.client.apply(chargingSiteKind, siteObject(namespaces[0] ?? '', 'solo', { displayName: 'Changed', gateway: { replicas: { min: 1 } } }), by);
    await until('the change was seen', async () => numberAt(await site(namespaces[0] ?? ''), 'status', 'observedGeneration') === (await site(namespaces[0] ?? ''))?.metadata.generation);
    expect(await operator.end('SIGTERM')).toBe(0);
    expect(stringAt(await cluster.client.get(leaseKind, { namespace: home.namespace, name: 'csms-operator' }), 'spec', 'holderIdentity') ?? '').toBe('');
    silent.close();
    books = await startBooksApi(port);
    operators = [start(release('1.2.0'))];
    await until('the next one leads', leader, 40_000);
  });

  it('O-06 no value of a Secret is seen in objects, events, metrics or logs', async () => {
    const said = [JSON.stringify(all.map(({ lines }) => lines)), await page(leader(), '/metrics')];
    for (const namespace of [...namespaces, home.namespace])
      said.push(await cluster.kubectl('get', 'chargingsites,events,deployments,replicasets,pods,cronjobs,services,configmaps,ingresses,networkpolicies,serviceaccounts,leases', '-n', namespace, '-o', 'yaml'));
    const text = said.join('\n');
    expect(text.length).toBeGreaterThan(50_000);
    const forms = home.hidden.flatMap((value) => [value, Buffer.from(value).toString('base64').slice(0, -4)]);
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
    const copied = await cluster.kubectl('get', 'secrets', '-n', namespaces[0] ?? '', '-o', 'yaml');
    expect(copied).toContain(Buffer.from(home.hidden[2] ?? '').toString('base64'));
  });
});
