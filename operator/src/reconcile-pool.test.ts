import { chargingSiteKind, parseChargingSite } from '@csms/contracts/charging-site/index';
import { EventRecorder, HttpClusterClient, deploymentKind, horizontalPodAutoscalerKind, podDisruptionBudgetKind, stringAt, systemClock, urlTransport } from '@csms/kube';
import { startLocalCluster } from '@csms/kube/local-cluster/index';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { observe } from './observe.ts';
import { poolReconciler } from './reconcile-pool.ts';
import { Platform } from './site/platform.ts';
import { createWorld } from './world.ts';
import type { World } from './world.ts';

const platform = Platform.parse({
  images: { gateway: 'g', dashboard: 'd', trainer: 't' }, apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' }, autoscaling: { metricsApi: true },
  ocpp: { port: 9220, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { port: 3500, url: 'https://csms.example.com' },
});
const site = parseChargingSite({
  apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'bandung-01', namespace: 'pln' },
  spec: { displayName: 'Bandung', location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 150 }, gateway: { replicas: { min: 3, max: 8 } } },
});
const gateway = { namespace: 'pln', name: 'csms-gateway-default' };
const optionalKinds = [horizontalPodAutoscalerKind, podDisruptionBudgetKind];

let cluster: LocalCluster;
let http: HttpClusterClient;
let world: World;
/** The kinds that the cluster's admission refuses now. */
const refused = new Set<string>();

beforeEach(async () => {
  refused.clear();
  cluster = await startLocalCluster({ kinds: [chargingSiteKind, ...optionalKinds], images: {}, env: {}, admit: ({ kind }) => (refused.has(kind) ? `a policy of the cluster denies ${kind}` : undefined) });
  http = new HttpClusterClient(urlTransport(cluster.url));
  cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pln' } }, { ...site }]);
  const events = new EventRecorder({ client: http, clock: systemClock, component: 'csms-operator', instance: 'test' });
  world = createWorld({ client: http, platform, clock: systemClock, events, onChange: () => undefined, onFailure: () => undefined });
  for (const kind of optionalKinds) world.copies.set(kind.kind, world.copyOf(kind));
  const copies = [world.sites, world.namespaces, ...[deploymentKind, ...optionalKinds].flatMap(({ kind }) => world.copies.get(kind) ?? [])];
  for (const copy of copies) copy.start();
  await Promise.all(copies.map((copy) => copy.synced));
});
afterEach(async () => {
  await Promise.all([world.sites, world.namespaces, ...world.copies.values()].map((copy) => copy.stop()));
  await http.close();
  await cluster.stop();
});

const reconcile = (): Promise<unknown> => poolReconciler(world, () => undefined)('pln/default');
const countedBy = (): string | undefined => stringAt(cluster.get(deploymentKind, gateway), 'metadata', 'annotations', 'csms.charge-it.io/replicas-by');

it('a refused object of a pool is reported and holds up neither the number of gateways nor their autoscaler', async () => {
  refused.add('PodDisruptionBudget');
  await expect(reconcile()).rejects.toThrow('a policy of the cluster denies PodDisruptionBudget');
  expect(world.failures.get('pool/pln/default')).toMatchObject([{ kind: 'PodDisruptionBudget', reason: 'ApplyFailed' }]);
  expect(countedBy()).toBe('autoscaler');
  expect(cluster.get(deploymentKind, gateway)).toMatchObject({ spec: { replicas: 3 } });
  expect(cluster.get(horizontalPodAutoscalerKind, gateway)).toMatchObject({ spec: { minReplicas: 3, maxReplicas: 8 } });
});

it('no number is held and no autoscaler made for gateways that the cluster refuses', async () => {
  refused.add('Deployment');
  await expect(reconcile()).rejects.toThrow('a policy of the cluster denies Deployment');
  expect([cluster.get(deploymentKind, gateway), cluster.get(horizontalPodAutoscalerKind, gateway)]).toEqual([undefined, undefined]);
  expect(world.failures.get('pool/pln/default')).toMatchObject([{ kind: 'Deployment' }]);
  refused.clear();
  await reconcile();
  expect([countedBy(), world.failures.has('pool/pln/default')]).toEqual(['autoscaler', false]);
});

it('what the cluster says against more gateways is seen until it says no more', async () => {
  await reconcile();
  const { apiVersion, kind } = deploymentKind;
  const says = (status: string): Promise<unknown> =>
    http.applyStatus(deploymentKind, { apiVersion, kind, metadata: gateway, status: { conditions: [{ type: 'ReplicaFailure', status, reason: 'FailedCreate', message: 'exceeded quota: small' }] } }, { fieldManager: 'test', force: true });
  const seen = (): unknown => observe(world, site).gateways;
  await says('True');
  await expect.poll(seen).toMatchObject({ desired: 3, refused: 'exceeded quota: small' });
  await says('False');
  await expect.poll(seen).not.toHaveProperty('refused');
});
