import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChargingSiteError, chargingSiteKind, parseChargingSite } from '@csms/contracts/charging-site/index';
import { at, cronJobKind, deploymentKind, listAt, numberAt, secretKind, stringAt, watchFolder } from '@csms/kube';
import type { KubernetesObject } from '@csms/kube';
import { startLocalCluster } from '@csms/kube/local-cluster/index';
import type { LocalCluster, LocalPod } from '@csms/kube/local-cluster/index';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBooksApi } from './books-api.ts';
import type { BooksApi } from './books-api.ts';

/*
 * The operator's own process against a local cluster whose images are small real programs, and a small real books API.
 * The tests follow one life of the platform from its start to the deletion of a site, in order.
 */
const root = join(import.meta.dirname, '..', '..');
const image = (name: string): { command: string[] } => ({ command: [process.execPath, join(root, 'packages/kube/test/images', name)] });
const opaque = (name: string, stringData: Record<string, string>): KubernetesObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'csms-system' }, stringData });

let cluster: LocalCluster;
let books: BooksApi;
let folder: string;
let operator: ChildProcess;
let stopWatching: () => void;
const faults: string[] = [];
const operatorLines: string[] = [];

const edit = async (file: string, change: (text: string) => string): Promise<void> => {
  const path = join(folder, file);
  await writeFile(path, change(await readFile(path, 'utf8')));
};
const gateways = (): LocalPod[] => cluster.pods().filter((pod) => pod.deployment === 'demo/csms-gateway-default' && !pod.stopping);
const site = (name: string): KubernetesObject | undefined => cluster.get(chargingSiteKind, { namespace: 'demo', name });
const condition = (name: string, type: string): unknown => listAt(site(name), 'status', 'conditions').find((each) => stringAt(each, 'type') === type);
const envOf = async (pod: LocalPod): Promise<unknown> => (await fetch(`http://127.0.0.1:${pod.adminPort}/env`)).json();

/** What the operator that runs now serves on its admin port. */
const metrics = async (): Promise<string> => {
  const port = operatorLines.map((line) => numberAt(JSON.parse(line), 'adminPort')).findLast((each) => each !== undefined);
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
};

function startOperator(): ChildProcess {
  const platform = {
    mode: 'lab',
    namespace: 'csms-system',
    defaultTenant: 'demo',
    images: { gateway: 'csms/ocpp-gateway:test', dashboard: 'csms/dashboard:test', trainer: 'csms/ml-trainer:test' },
    apiUrl: books.url,
    oidc: { issuer: books.url },
    ocpp: { port: 9220, endpoint: 'ws://127.0.0.1:9220/ocpp' },
    dashboard: { port: 3500, url: 'http://127.0.0.1:3500', replicas: 1, onlyNamespace: 'demo' },
  };
  const child = spawn(process.execPath, [join(root, 'operator/src/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      CSMS_CLUSTER_URL: cluster.url,
      CSMS_API_URL: books.url,
      OIDC_ISSUER: books.url,
      OIDC_CLIENT_ID: 'csms-operator',
      OIDC_CLIENT_SECRET: 'secret',
      CSMS_PLATFORM: JSON.stringify(platform),
      CSMS_MODE: 'lab',
      ADMIN_PORT: '0',
    },
  });
  child.stdout?.on('data', (chunk: Buffer) => operatorLines.push(...chunk.toString('utf8').split('\n').filter((line) => line !== '')));
  return child;
}

beforeAll(async () => {
  books = await startBooksApi();
  cluster = await startLocalCluster({
    kinds: [chargingSiteKind],
    images: { 'csms/ocpp-gateway': image('serve.ts'), 'csms/dashboard': image('serve.ts'), 'csms/ml-trainer': image('once.ts') },
    env: { PATH: process.env['PATH'] ?? '' },
  });
  cluster.applyObjects([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'csms-system' } },
    opaque('csms-database', { DATABASE_URL: 'postgres://csms_app@127.0.0.1/csms' }),
    opaque('csms-bus', { BUS_DATABASE_URL: 'postgres://csms_bus@127.0.0.1/csms' }),
    opaque('csms-gateway', { CSMS_CREDENTIAL_PEPPER: 'pepper' }),
    opaque('csms-dashboard', { OIDC_CLIENT_ID: 'csms-dashboard', OIDC_CLIENT_SECRET: 'secret', CSMS_COOKIE_SECRET: 'cookie' }),
  ]);
  operator = startOperator();
  folder = await mkdtemp(join(tmpdir(), 'csms-sites-'));
  await cp(join(root, 'examples'), folder, { recursive: true, filter: (path) => !/\.\w+$/.test(path) || path.endsWith('.yaml') });
  stopWatching = await watchFolder({
    folder,
    apply: (object) => cluster.applyObjects([object]),
    remove: (object) => (object.kind === 'ChargingSite' ? cluster.deleteObject(chargingSiteKind, object.metadata) : undefined),
    check: (object) => {
      if (object.kind !== 'ChargingSite') return undefined;
      try {
        parseChargingSite(object);
        return undefined;
      } catch (error) {
        if (error instanceof ChargingSiteError) return error;
        throw error;
      }
    },
    onFault: (error) => faults.push(error.message),
  });
});

afterAll(async () => {
  stopWatching?.();
  operator?.kill('SIGTERM');
  await cluster?.stop();
  await books?.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a charging site on the local cluster', () => {
  it('becomes two gateways for both sites, a dashboard and four runs, and says Ready', async () => {
    await until('both sites are Ready', () => ['bandung-01', 'boulder'].every((name) => stringAt(condition(name, 'Ready'), 'status') === 'True'));
    expect(gateways()).toHaveLength(2);
    expect(cluster.list(cronJobKind, 'demo').map((job) => [job.metadata.name, at(job, 'spec', 'timeZone')])).toEqual([
      ['trainer-bandung-01-daily', 'Asia/Jakarta'],
      ['trainer-bandung-01-deep', 'Asia/Jakarta'],
      ['trainer-boulder-daily', 'America/Denver'],
      ['trainer-boulder-deep', 'America/Denver'],
    ]);
    const env = await envOf(gateways()[0]!);
    expect(env).toMatchObject({ CSMS_OCPP_PORT: '9220', CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: 'pepper', DATABASE_URL: 'postgres://csms_app@127.0.0.1/csms' });
    expect(books.sites.get('demo/bandung-01')).toMatchObject({ tenant: 'demo', gridMaxPowerW: 150_000, timeZone: 'Asia/Jakarta' });
  });

  it('O-08 every condition names the generation that it speaks of, and kinds that are not offered are Skipped and not part of Ready', () => {
    const status = site('bandung-01')?.status;
    const generation = site('bandung-01')?.metadata.generation;
    expect(numberAt(status, 'observedGeneration')).toBe(generation);
    const conditions = listAt(status, 'conditions');
    expect(conditions.map((each) => numberAt(each, 'observedGeneration'))).toEqual(conditions.map(() => generation));
    expect(Object.fromEntries(conditions.map((each) => [stringAt(each, 'type'), stringAt(each, 'reason')]))).toEqual({
      Ready: 'AllComponentsReady',
      BooksReady: 'BooksWritten',
      GatewayAvailable: 'GatewaysReady',
      DashboardAvailable: 'DashboardReady',
      TrainerScheduled: 'TrainersScheduled',
      IngressReady: 'Skipped',
      IdentityReady: 'Skipped',
      MonitoringReady: 'Skipped',
      NetworkPolicyReady: 'Skipped',
      BackupReady: 'Skipped',
      UpToDate: 'NotManaged',
    });
    expect(at(status, 'training')).toEqual({ lastSuccess: '2026-01-01T00:00:00Z', status: 'ok', model: { kind: 'blend', rmse: 4.2, skill: 0.31 } });
    expect(at(status, 'gateway', 'endpoint')).toBe('ws://127.0.0.1:9220/ocpp/demo');
  });

  it('follows an edit: a third gateway, and a new grid limit in the books, without touching the first two', async () => {
    const before = gateways().map((pod) => pod.pid);
    await edit('bandung-01.yaml', (text) => text.replace('min: 2', 'min: 3').replace('maxPowerKw: 150', 'maxPowerKw: 180'));
    await until('a third gateway', () => gateways().length === 3 && gateways().every((pod) => pod.ready));
    await until('the books have the new limit', () => books.sites.get('demo/bandung-01')?.gridMaxPowerW === 180_000);
    expect(gateways().map((pod) => pod.pid)).toEqual(expect.arrayContaining(before));
  });

  it('keeps the old site when an edit is broken, and says where', async () => {
    const generation = site('boulder')?.metadata.generation;
    await edit('boulder.yaml', (text) => text.replace('latitude: 40.015', 'latitude: 400.15'));
    await until('the fault', () => faults.length > 0);
    expect(faults.at(-1)).toMatch(/boulder\.yaml, line 17: spec\.location\.latitude must be at most 90, but is 400\.15\.$/);
    expect(site('boulder')?.metadata.generation).toBe(generation);
    await edit('boulder.yaml', (text) => text.replace('latitude: 400.15', 'latitude: 40.015'));
  });

  it('disturbs no process when it is killed, and repairs what was changed meanwhile', async () => {
    const before = gateways().map((pod) => pod.pid);
    const ended = new Promise((resolve) => operator.on('exit', resolve));
    operator.kill('SIGKILL');
    await ended;
    const deployment = cluster.list(deploymentKind, 'demo').find((each) => each.metadata.name === 'csms-gateway-default');
    expect(gateways().map((pod) => pod.pid)).toEqual(before);
    cluster.applyObjects([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'csms-gateway-default', namespace: 'demo' }, spec: { replicas: 4 } }]);
    await until('four gateways by hand', () => gateways().length === 4);
    operator = startOperator();
    await until('three gateways again', () => gateways().length === 3);
    expect(deployment?.metadata.uid).toBe(cluster.get(deploymentKind, { namespace: 'demo', name: 'csms-gateway-default' })?.metadata.uid);
  });

  it('goes on without the API: the books condition says so, gateways follow all the same, and it heals by itself', async () => {
    const port = books.port;
    const stations = books.stations;
    await books.close();
    await edit('bandung-01.yaml', (text) => text.replace('min: 3', 'min: 2').replace('maxPowerKw: 180', 'maxPowerKw: 190'));
    await until('two gateways', () => gateways().length === 2);
    await until('BooksUnreachable', () => stringAt(condition('bandung-01', 'BooksReady'), 'reason') === 'BooksUnreachable');
    expect(stringAt(condition('bandung-01', 'GatewayAvailable'), 'status')).toBe('True');
    books = await startBooksApi(port);
    for (const [key, count] of stations) books.stations.set(key, count);
    books.stations.set('demo/boulder', 41);
    await until('BooksReady again', () => stringAt(condition('bandung-01', 'BooksReady'), 'status') === 'True', 60_000);
    expect(books.sites.get('demo/bandung-01')?.gridMaxPowerW).toBe(190_000);
    await until('connected stations in the status', () => numberAt(site('boulder'), 'status', 'gateway', 'connectedStations') === 41, 60_000);
  });

  it('O-14 a spec that breaks a rule is said in the status, waits for its next change, and cuts nobody off', async () => {
    const before = gateways().map((pod) => pod.pid);
    const runs = async (): Promise<string[]> => (await metrics()).split('\n').filter((line) => line.startsWith('controller_runtime_reconcile_total') && line.includes('result="terminal"'));
    const broken = { apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'broken', namespace: 'demo' }, spec: { displayName: 'Broken', location: { latitude: 1, longitude: 2, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 0 } } };
    cluster.applyObjects([broken]);
    await until('InvalidSpec', () => stringAt(condition('broken', 'Ready'), 'reason') === 'InvalidSpec');
    expect(stringAt(condition('broken', 'Ready'), 'message')).toBe('spec.grid.maxPowerKw must be more than 0 kW.');
    expect((await runs()).some((line) => line.includes('controller="chargingsite"'))).toBe(true);
    expect(gateways().map((pod) => pod.pid)).toEqual(before);
    cluster.applyObjects([{ ...broken, spec: { ...broken.spec, grid: { maxPowerKw: 22 } } }]);
    await until('it is Ready', () => stringAt(condition('broken', 'Ready'), 'status') === 'True');
    cluster.deleteObject(chargingSiteKind, { namespace: 'demo', name: 'broken' });
    await until('it is gone', () => site('broken') === undefined);
  });

  it('O-19 runs that failed are counted under names that known dashboards read', async () => {
    const counted = (await metrics()).split('\n').find((line) => line.startsWith('controller_runtime_reconcile_errors_total') && line.includes('controller="books"'));
    expect(Number(counted?.split(' ').at(-1))).toBeGreaterThan(0);
  });

  it('takes a deleted site away: its runs, its entry in the API, and with the last site the processes and copied secrets', async () => {
    await rm(join(folder, 'boulder.yaml'));
    await until('boulder is gone', () => site('boulder') === undefined);
    expect(books.removed).toContain('demo/boulder');
    await until('its runs are gone', () => cluster.list(cronJobKind, 'demo').length === 2);
    expect(gateways()).toHaveLength(2);
    await rm(join(folder, 'bandung-01.yaml'));
    await until('all processes are gone', () => cluster.pods().length === 0);
    expect(site('bandung-01')).toBeUndefined();
    await until('no object is left', () => cluster.list(deploymentKind).length + cluster.list(cronJobKind).length + cluster.list(secretKind, 'demo').length === 0);
  });

  it('ends in an orderly way at SIGTERM', async () => {
    const code = new Promise((resolve) => operator.on('exit', resolve));
    operator.kill('SIGTERM');
    expect(await code).toBe(0);
    // A small cluster that lacks kinds is no failure, and nothing that anybody wants to read of.
    expect(operatorLines.filter((line) => /does not offer|NotOffered|does not say what it serves/.test(line))).toEqual([]);
  });
});
