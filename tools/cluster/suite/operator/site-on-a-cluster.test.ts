import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import {
  at, cronJobKind, deploymentKind, listAt, namespaceKind, networkPolicyKind, numberAt, podDisruptionBudgetKind, serviceAccountKind, serviceKind, serviceMonitorKind, stringAt, type Kind, type KubernetesObject,
} from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { startBooksApi, type BooksApi } from '../../../../operator/test/books-api.ts';
import { applySiteCrd, by, crdKind, openTestCluster, rootDir, siteObject, type TestCluster } from '../test-cluster.ts';
import { anyCrd, describeEveryKind } from './every-kind.ts';
import { openOperatorHome, tenantNamespace, type OperatorHome, type RunningOperator } from './running-operator.ts';

/* The operator's own processes on a real API server with real controllers; nodes and pods only seem to run. One life, in order. */
let cluster: TestCluster;
let books: BooksApi;
let home: OperatorHome;
let operators: RunningOperator[];
let pln: string;

const ingressKind: Kind = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', plural: 'ingresses', namespaced: true };
const configMapKind: Kind = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const owned: [Kind, string][] = [
  [deploymentKind, 'csms-gateway-default'], [deploymentKind, 'csms-dashboard'], [serviceKind, 'csms-gateway-default'], [serviceKind, 'csms-gateway-default-pods'], [serviceKind, 'csms-dashboard'],
  [podDisruptionBudgetKind, 'csms-gateway-default'], [podDisruptionBudgetKind, 'csms-dashboard'], [networkPolicyKind, 'csms-closed'], [networkPolicyKind, 'csms-gateway-default'], [networkPolicyKind, 'csms-dashboard'],
  [networkPolicyKind, 'csms-trainer-daily'], [serviceAccountKind, 'csms-gateway-default'], [configMapKind, 'csms-sites-grafana'], [ingressKind, 'csms-dashboard'], [cronJobKind, 'trainer-bandung-01-daily'],
];

const site = (name: string, namespace = pln): Promise<KubernetesObject | undefined> => cluster.client.get(chargingSiteKind, { namespace, name });
const condition = async (name: string, type: string, namespace = pln): Promise<unknown> => listAt(await site(name, namespace), 'status', 'conditions').find((each) => stringAt(each, 'type') === type);
const reason = async (name: string, type: string, namespace = pln): Promise<string | undefined> => stringAt(await condition(name, type, namespace), 'reason');
/** Waits until the site is Ready; fails with what its conditions say. */
const ready = (name: string): Promise<unknown> =>
  until(`${name} is Ready`, async () => {
    const conditions = listAt((await site(name))?.status, 'conditions');
    if (conditions.some((each) => stringAt(each, 'type') === 'Ready' && stringAt(each, 'status') === 'True')) return true;
    throw new Error(conditions.map((each) => `${stringAt(each, 'type')}=${stringAt(each, 'status')} ${stringAt(each, 'reason')}: ${stringAt(each, 'message')}`).join('; '));
  }, 60_000);
const leader = (): RunningOperator | undefined => operators.find(({ child, lines }) => child.exitCode === null && child.signalCode === null && lines.findLast((line) => line['event'] === 'elected' || line['event'] === 'lease-lost')?.['event'] === 'elected');

beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  books = await startBooksApi();
  home = await openOperatorHome(cluster, books.url);
  pln = await tenantNamespace(cluster, 'pln');
  operators = [home.start(), home.start()];
});
afterAll(async () => {
  await home?.close();
  await books?.close();
  await cluster?.close();
});

describe('a charging site on a real cluster', () => {
  it('what follows from a site is accepted by the server as it is, field by field', async () => {
    const folder = join(rootDir, 'operator/testdata');
    const served = new Map<string, string[]>();
    const refused: string[] = [];
    let accepted = 0;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.objects.yaml')))
      for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
        const object = document.toJS() as KubernetesObject;
        const { apiVersion, kind, metadata } = object;
        if (!served.has(apiVersion)) served.set(apiVersion, await cluster.client.resources(apiVersion));
        const plural = served.get(apiVersion)?.find((each) => each === kind.toLowerCase() + 's' || each === kind.toLowerCase().replace(/(y|ss)$/, (end) => (end === 'y' ? 'ies' : 'sses')));
        if (plural === undefined) continue;
        const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
        const answer = await cluster.ask('PATCH', `${group}/namespaces/${pln}/${plural}/${metadata.name}?dryRun=All&fieldManager=suite&force=true&fieldValidation=Strict`, { body: { ...object, metadata: { ...metadata, namespace: pln } } });
        if (answer.status >= 300) refused.push(`${file} ${kind} ${metadata.name}: ${stringAt(answer.body, 'message')}`);
        else accepted += 1;
      }
    expect(refused).toEqual([]);
    expect(accepted).toBeGreaterThan(60);
  });

  it('becomes Ready under the operator’s own rights, and says what the cluster does not offer', async () => {
    await cluster.client.apply(chargingSiteKind, siteObject(pln, 'bandung-01', { dashboard: { host: 'bandung.example.com' } }), by);
    await ready('bandung-01');
    const conditions = Object.fromEntries(listAt((await site('bandung-01'))?.status, 'conditions').map((each) => [stringAt(each, 'type'), stringAt(each, 'reason')]));
    expect(conditions).toMatchObject({ GatewayAvailable: 'GatewaysReady', DashboardAvailable: 'DashboardReady', NetworkPolicyReady: 'Applied', IngressReady: 'RoutesReady', MonitoringReady: 'Skipped', IdentityReady: 'Skipped' });
    expect(books.sites.get(`${pln}/bandung-01`)?.tenant).toBe('pln');
    for (const [kind, name] of owned) expect([kind.kind, name, await cluster.client.get(kind, { namespace: pln, name })]).not.toContain(undefined);
  });

  it('O-20 in the steady state nothing is written, and what others add stays', async () => {
    await cluster.kubectl('annotate', 'deployment', 'csms-gateway-default', '-n', pln, 'team.example.com/note=kept');
    await cluster.kubectl('label', 'service', 'csms-gateway-default', '-n', pln, 'theirs=yes');
    const versions = async (): Promise<string[]> => Promise.all(owned.map(async ([kind, name]) => {
      const managers = listAt(await cluster.client.get(kind, { namespace: pln, name }), 'metadata', 'managedFields').filter((each) => stringAt(each, 'manager') === 'csms-operator');
      return `${kind.kind}/${name} ${managers.map((each) => stringAt(each, 'time')).join()}`;
    }));
    const before = await versions();
    for (let edit = 0; edit < 10; edit += 1) await cluster.kubectl('annotate', 'chargingsite', 'bandung-01', '-n', pln, `edit=${edit}`, '--overwrite');
    await until('the last edit was seen', async () => stringAt(await site('bandung-01'), 'metadata', 'annotations', 'edit') === '9');
    await cluster.client.apply(chargingSiteKind, siteObject(pln, 'bandung-02'), by);
    await ready('bandung-02');
    expect((await versions()).filter((each) => !each.startsWith('Deployment/csms-gateway'))).toEqual(before.filter((each) => !each.startsWith('Deployment/csms-gateway')));
    expect(stringAt(await cluster.client.get(deploymentKind, { namespace: pln, name: 'csms-gateway-default' }), 'metadata', 'annotations', 'team.example.com/note')).toBe('kept');
    expect(stringAt(await cluster.client.get(serviceKind, { namespace: pln, name: 'csms-gateway-default' }), 'metadata', 'labels', 'theirs')).toBe('yes');
  });

  it('O-21 every object that is deleted comes back', async () => {
    for (const [kind, name] of owned) {
      const before = await cluster.client.get(kind, { namespace: pln, name });
      await cluster.client.delete(kind, { namespace: pln, name });
      await until(`${kind.kind} ${name} is back`, async () => {
        const now = await cluster.client.get(kind, { namespace: pln, name });
        return now !== undefined && now.metadata.deletionTimestamp === undefined && now.metadata.uid !== before?.metadata.uid;
      });
    }
  });

  it('O-21 what is edited is repaired, also where our labels were taken away', async () => {
    const edits: [Kind, string, string][] = [
      [deploymentKind, 'csms-gateway-default', '{"spec":{"replicas":7}}'], [serviceKind, 'csms-gateway-default', '{"spec":{"selector":{"app.kubernetes.io/component":"evil"}}}'],
      [networkPolicyKind, 'csms-gateway-default', '{"spec":{"ingress":[{}]}}'], [podDisruptionBudgetKind, 'csms-gateway-default', '{"spec":{"maxUnavailable":9}}'],
      [cronJobKind, 'trainer-bandung-01-daily', '{"spec":{"timeZone":"Etc/UTC"}}'], [serviceAccountKind, 'csms-gateway-default', '{"automountServiceAccountToken":true}'],
      [configMapKind, 'csms-sites-grafana', '{"metadata":{"labels":{"app.kubernetes.io/managed-by":null}}}'],
    ];
    for (const [kind, name, patch] of edits) {
      const spec = async (): Promise<string> => JSON.stringify([await cluster.client.get(kind, { namespace: pln, name })].map((each) => [each?.spec, each?.metadata.labels, at(each, 'automountServiceAccountToken')]));
      const before = await spec();
      await cluster.kubectl('patch', kind.plural, name, '-n', pln, '--type', 'merge', '-p', patch, '--field-manager', 'a-person');
      await until(`${kind.kind} ${name} is repaired`, async () => (await spec()) === before);
    }
  });

  it('O-25 an object of that name that is another’s is left alone, and the condition says so', async () => {
    const foreign = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'csms-gateway-fast', namespace: pln, labels: { 'app.kubernetes.io/managed-by': 'csms-operator' } }, spec: { ports: [{ name: 'http', port: 80 }] } };
    await cluster.client.apply(serviceKind, foreign, by);
    await cluster.client.apply(chargingSiteKind, siteObject(pln, 'fast-01', { gateway: { pool: 'fast' } }), by);
    await until('NameConflict', async () => (await reason('fast-01', 'GatewayAvailable')) === 'NameConflict');
    expect(numberAt(listAt(await cluster.client.get(serviceKind, { namespace: pln, name: 'csms-gateway-fast' }), 'spec', 'ports')[0], 'port')).toBe(80);
    expect(await cluster.client.get(deploymentKind, { namespace: pln, name: 'csms-gateway-fast' })).toBeDefined();
    expect(await cluster.kubectl('get', 'events', '-n', pln, '--field-selector', 'reason=NameConflict')).toContain('is left alone');
    await cluster.client.delete(chargingSiteKind, { namespace: pln, name: 'fast-01' });
    await until('its pool is gone', async () => (await cluster.client.get(deploymentKind, { namespace: pln, name: 'csms-gateway-fast' })) === undefined, 60_000);
    expect(await cluster.client.get(serviceKind, { namespace: pln, name: 'csms-gateway-fast' })).toBeDefined();
  });

  it('O-26 a paused site is not touched, and goes on when it is released', async () => {
    await cluster.kubectl('annotate', 'chargingsite', 'bandung-01', '-n', pln, 'csms.charge-it.io/paused=true');
    await until('Paused', async () => (await reason('bandung-01', 'Ready')) === 'Paused');
    await cluster.client.delete(podDisruptionBudgetKind, { namespace: pln, name: 'csms-gateway-default' });
    await cluster.client.apply(chargingSiteKind, siteObject(pln, 'bandung-02', { displayName: 'Changed' }), by);
    await until('the books have the other site’s change', () => books.sites.get(`${pln}/bandung-02`)?.displayName === 'Changed');
    expect(await cluster.client.get(podDisruptionBudgetKind, { namespace: pln, name: 'csms-gateway-default' })).toBeUndefined();
    await cluster.kubectl('annotate', 'chargingsite', 'bandung-01', '-n', pln, 'csms.charge-it.io/paused-');
    await until('it is back', async () => (await cluster.client.get(podDisruptionBudgetKind, { namespace: pln, name: 'csms-gateway-default' })) !== undefined);
    await ready('bandung-01');
  });

  it('O-32 of two sites of different namespaces that name one host the older has it, and the younger when that is gone', async () => {
    const acme = await tenantNamespace(cluster, 'acme');
    await cluster.client.apply(chargingSiteKind, siteObject(acme, 'rival', { dashboard: { host: 'bandung.example.com' } }), by);
    await until('HostConflict', async () => (await reason('rival', 'IngressReady', acme)) === 'HostConflict');
    expect(await cluster.client.get(ingressKind, { namespace: acme, name: 'csms-dashboard' })).toBeUndefined();
    expect(await reason('bandung-01', 'IngressReady')).toBe('RoutesReady');
    await cluster.client.apply(chargingSiteKind, siteObject(pln, 'bandung-01', { dashboard: { host: 'bandung-new.example.com' } }), by);
    await until('the younger one has it', async () => (await reason('rival', 'IngressReady', acme)) === 'RoutesReady');
    await cluster.client.delete(namespaceKind, { name: acme });
    await until('the namespace ends cleanly', async () => (await cluster.client.get(namespaceKind, { name: acme })) === undefined, 60_000);
    expect(books.removed).toContain(`${acme}/rival`);
  });

  it('O-31 an optional kind is picked up when its CRD appears, and given up when it goes', async () => {
    const crd = anyCrd('monitoring.coreos.com', 'v1', 'ServiceMonitor');
    expect(await reason('bandung-01', 'MonitoringReady')).toBe('Skipped');
    await cluster.client.apply(crdKind, crd, by);
    await until('MonitoringReady', async () => (await reason('bandung-01', 'MonitoringReady')) === 'Applied', 60_000);
    expect(await cluster.client.get(serviceMonitorKind, { namespace: pln, name: 'csms-sites' })).toBeDefined();
    await cluster.client.delete(crdKind, { name: crd.metadata.name });
    await until('Skipped again', async () => (await reason('bandung-01', 'MonitoringReady')) === 'Skipped', 60_000);
    expect(operators.every(({ child }) => child.exitCode === null)).toBe(true);
  });

  it('O-20 the number of gateways is left to an autoscaler when there is one, without a moment at another number, and taken back when it goes', async () => {
    const gateway = { namespace: pln, name: 'csms-gateway-default' };
    const scaledObject: Kind = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', plural: 'scaledobjects', namespaced: true };
    const replicas = async (): Promise<number | undefined> => numberAt(await cluster.client.get(deploymentKind, gateway), 'spec', 'replicas');
    const uid = (await cluster.client.get(deploymentKind, gateway))?.metadata.uid;
    const seen = new Set<number | undefined>();
    let looks = true;
    const looking = (async () => {
      for await (const event of cluster.client.watch(deploymentKind, { namespace: pln, timeoutSeconds: 60 })) {
        if (!looks) return;
        if (event.type !== 'BOOKMARK' && event.object.metadata.name === gateway.name) seen.add(numberAt(event.object, 'spec', 'replicas'));
      }
    })();
    const crd = anyCrd('keda.sh', 'v1alpha1', 'ScaledObject');
    await cluster.client.apply(crdKind, crd, by);
    await until('the autoscaler of the pool', async () => (await cluster.client.get(scaledObject, gateway)) !== undefined);
    await until('the number is nobody’s of ours', async () => stringAt(await cluster.client.get(deploymentKind, gateway), 'metadata', 'annotations', 'csms.charge-it.io/replicas-by') === 'autoscaler');
    await cluster.kubectl('scale', 'deployment', gateway.name, '-n', pln, '--replicas=5');
    await cluster.kubectl('label', 'service', gateway.name, '-n', pln, 'app.kubernetes.io/name=wrong', '--overwrite');
    await until('the pool was looked at again', async () => stringAt(await cluster.client.get(serviceKind, gateway), 'metadata', 'labels', 'app.kubernetes.io/name') === 'csms');
    expect(await replicas()).toBe(5);
    await cluster.client.delete(crdKind, { name: crd.metadata.name });
    await until('the operator counts again', async () => (await replicas()) === 2, 60_000);
    looks = false;
    await cluster.kubectl('label', 'deployment', gateway.name, '-n', pln, 'looked=yes');
    await looking;
    expect([...seen].filter((each) => each !== 2 && each !== 5)).toEqual([]);
    expect((await cluster.client.get(deploymentKind, gateway))?.metadata.uid).toBe(uid);
  });

  it('kubectl csms status shows it on one screen', async () => {
    await ready('bandung-01');
    const { stdout } = await promisify(execFile)(process.execPath, [join(rootDir, 'cli/src/kubectl/main.ts'), 'status', 'bandung-01', '-n', pln, '--kubeconfig', cluster.kubeconfig]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(stdout).toMatch(/ready +yes, AllComponentsReady/);
    expect(stdout).toMatch(/gateways +2 of 2 ready, pool default/);
    expect(stdout).toMatch(/NetworkPolicyReady +True +Applied/);
  });

  it('O-28 one leads, another takes over when it is killed, and again when it ends in an orderly way', async () => {
    const first = await until('one leads', leader);
    const standby = operators.find((each) => each !== first);
    await first.end('SIGKILL');
    await until('the other one leads', () => leader() === standby, 40_000);
    operators.push(home.start());
    await until('a third stands by', () => operators[2]?.lines.some((line) => line['event'] === 'started'));
    const askedMs = Date.now();
    expect(await standby?.end('SIGTERM')).toBe(0);
    await until('the third leads', () => leader() === operators[2], 40_000);
    // A killed leader is believed for 15 s; one that gave its lease back is not.
    expect(Date.now() - askedMs).toBeLessThan(15_000);
    await cluster.client.delete(serviceKind, { namespace: pln, name: 'csms-dashboard' });
    await until('the new leader repairs', async () => (await cluster.client.get(serviceKind, { namespace: pln, name: 'csms-dashboard' })) !== undefined);
  });

  it('O-39 nothing that it asked for was denied, and with the last site everything goes', async () => {
    for (const name of ['bandung-01', 'bandung-02']) await cluster.client.delete(chargingSiteKind, { namespace: pln, name });
    await until('all objects are gone', async () => {
      const left = await Promise.all(owned.map(([kind, name]) => cluster.client.get(kind, { namespace: pln, name })));
      return left.every((each) => each === undefined);
    }, 90_000);
    expect(books.removed).toEqual(expect.arrayContaining([`${pln}/bandung-01`, `${pln}/bandung-02`]));
    expect(operators.flatMap(({ lines }) => lines).filter((line) => /cannot \w+ resource|attempting to grant/.test(String(line['reason'] ?? '')))).toEqual([]);
  });
});

// Two operators with different settings would undo each other's work.
describeEveryKind(() => ({ cluster, books, others: operators }));
