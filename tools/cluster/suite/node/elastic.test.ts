import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import { horizontalPodAutoscalerKind, listAt, numberAt, stringAt } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { by, openTestCluster, siteObject, type TestCluster } from '../test-cluster.ts';
import { openFleet, type Fleet } from './elastic/fleet.ts';
import { gatewayPods, gatewaysOf, killProcessesOf } from './elastic/gateways.ts';
import { install, type Installation } from './elastic/installation.ts';
import { ownedBy, sameOverReconciles } from './elastic/owned-objects.ts';

/*
 * Three hundred chargers charge all the while over wss through the Service of a site's gateways, and one thing after the other is done to the gateways. The chargers keep
 * their own truth, which is laid beside the books at the end.
 */
const site = 'bandung-01';
const HALF = 150;
const BACK_WITHIN_MS = 60_000;

let cluster: TestCluster;
let installation: Installation;
let gateways: ReturnType<typeof gatewaysOf>;
let fleet: Fleet;
beforeAll(async () => {
  cluster = await openTestCluster();
  installation = await install(cluster);
  gateways = gatewaysOf(cluster, installation.siteNamespace);
  await applySite();
  fleet = await openFleet(installation, site, [HALF, HALF]);
}, 420_000);
afterAll(async () => {
  await fleet?.close();
  await installation?.close();
  await cluster?.close();
}, 420_000);

/** Full with 240 stations, and with 300 it takes no more. */
const applySite = () => cluster.client.apply(chargingSiteKind, siteObject(installation.siteNamespace, site, { gateway: { replicas: { min: 1, max: 4 }, connectionsPerReplica: 300, drainSeconds: 30 } }), by);
const kubectl = (...args: string[]): Promise<string> => cluster.kubectl('-n', installation.siteNamespace, ...args);
const settled = (count: number): Promise<true> => until(`${count} gateways, all of the template as it is now`, () => gateways.settledAt(count), 240_000);
const autoscaler = () => cluster.client.get(horizontalPodAutoscalerKind, { namespace: installation.siteNamespace, name: 'csms-gateway-default' });
const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((total, each) => total + each, 0);
/** The share of sockets that were closed with a word: 1012, Service Restart, or 1000 where the station's site is gone; a charger on a busy machine may have given one up by itself. */
const told = ({ closeCodes }: { closeCodes: Record<string, number> }): number => ((closeCodes['1012'] ?? 0) + (closeCodes['1000'] ?? 0)) / sum(closeCodes);
const moved = async (what: string, sinceMs: number) => {
  const moves = await fleet.moves(sinceMs);
  console.log(`${what}: ${moves.reconnects} sockets moved (${Object.values(moves.byGateway).join(', ')} to each gateway), none was away for longer than ${moves.awayMsMax} ms, ${(moves.crowdShareMax * 100).toFixed(1)} % at one gateway within a second, closed with ${JSON.stringify(moves.closeCodes)}`);
  expect(moves.awayMsMax).toBeLessThanOrEqual(BACK_WITHIN_MS);
  return moves;
};

it('I-12 the same site makes the same objects: ten reconciles change none', async () => {
  await settled(1);
  await sameOverReconciles(cluster, installation.siteNamespace, site, installation.namespace);
});

it('O-52 the number of gateways follows that of stations: up, as the API server is told by the operator', async () => {
  await fleet.live(0);
  expect(await until('the autoscaler is told of every socket', async () => sum(await gateways.connections()) === HALF && gateways.connections(), 180_000)).toEqual({ [(await gateways.standing())[0]!]: HALF });
  const behavior = (await autoscaler())?.spec;
  expect([numberAt(behavior, 'behavior', 'scaleDown', 'stabilizationWindowSeconds'), numberAt(behavior, 'behavior', 'scaleUp', 'stabilizationWindowSeconds')]).toEqual([5, 0]);
  await fleet.live(1);
  await settled(2);
  await fleet.waitConnected(2 * HALF);
  expect(numberAt(await autoscaler(), 'status', 'desiredReplicas')).toBe(2);
  expect(await kubectl('get', 'events', '--field-selector=reason=SuccessfulRescale', '-o', 'jsonpath={.items[*].message}')).toContain('ocpp_connections');
}, 420_000);

it('O-03 kubectl scale sets how many gateways always run, and more than the site’s maximum is refused in a sentence', async () => {
  await expect(kubectl('scale', 'chargingsite', site, '--replicas=5')).rejects.toThrow('must have min no larger than max');
  await kubectl('scale', 'chargingsite', site, '--replicas=3');
  await settled(3);
  await until('the site says so', async () => {
    const scale = (await cluster.ask('GET', `/apis/csms.charge-it.io/v1alpha1/namespaces/${installation.siteNamespace}/chargingsites/${site}/scale`)).body;
    return numberAt(scale, 'spec', 'replicas') === 3 && numberAt(scale, 'status', 'replicas') === 3 && stringAt(scale, 'status', 'selector') === 'app.kubernetes.io/component=ocpp-gateway,csms.charge-it.io/owner=pool.default';
  }, 180_000);
}, 420_000);

it('O-51 an upgrade of the chart replaces every gateway under load, one more before one less; everyone is back within a minute', async () => {
  const before = await gateways.standing();
  const sinceMs = Date.now();
  await installation.upgrade('logLevel=warn');
  await until('the new template is there', async () => (await kubectl('get', 'deployment', 'csms-gateway-default', '-o', 'jsonpath={.spec.template.spec.containers[0].env[?(@.name=="LOG_LEVEL")].value}')) === 'warn', 60_000);
  await settled(3);
  expect((await gateways.standing()).filter((name) => before.includes(name))).toEqual([]);
  await fleet.waitConnected(2 * HALF);
  const moves = await moved('upgrade', sinceMs);
  expect(moves.reconnects).toBeGreaterThanOrEqual(2 * HALF);
  expect(told(moves)).toBeGreaterThan(0.8);
}, 420_000);

it('O-50 O-52 from three gateways to two: the one with the fewest stations goes, its stations come to the others little by little, and nothing of what they say is lost', async () => {
  await fleet.goesOn(100);
  const { counts, costs } = await until('the gateways are marked by their stations', async () => {
    const [told, pods] = [await gateways.connections(), await gateways.pods()];
    const marks = Object.fromEntries(pods.map((pod) => [pod.metadata.name, gateways.costOf(pod)]));
    return Object.entries(marks).every(([name, cost]) => Math.abs(cost - (told[name] ?? 0)) <= Math.max(5, 0.2 * cost)) && { counts: told, costs: marks };
  }, 180_000);
  const before = await gateways.standing();
  const sinceMs = Date.now();
  await kubectl('scale', 'chargingsite', site, '--replicas=2');
  await settled(2);
  const after = await gateways.standing();
  const [gone = '', ...others] = before.filter((name) => !after.includes(name));
  expect([others, costs[gone]]).toEqual([[], Math.min(...Object.values(costs))]);
  expect(counts[gone]).toBeGreaterThan(10);
  await fleet.waitConnected(2 * HALF);
  const moves = await moved('from three to two', sinceMs);
  expect(moves.reconnects).toBeGreaterThanOrEqual(counts[gone] ?? Infinity);
  expect(told(moves)).toBeGreaterThan(0.8);
  expect(Object.keys(moves.byGateway)).toHaveLength(2);
  expect(moves.crowdShareMax).toBeLessThanOrEqual(0.2);
}, 420_000);

it('O-51 a node that is emptied gives up one gateway at a time: the budget refuses the next eviction until another one is ready', async () => {
  const nodes = (await cluster.kubectl('get', 'pods', '-n', installation.siteNamespace, '-l', gatewayPods, '-o', 'jsonpath={.items[*].spec.nodeName}')).split(' ');
  const sinceMs = Date.now();
  try {
    const drain = cluster.kubectl('drain', nodes[0]!, `--pod-selector=${gatewayPods}`, '--delete-emptydir-data', '--force', '--timeout=40s');
    await expect(drain).rejects.toThrow(/violate the pod's disruption budget[\s\S]*global timeout reached/);
    expect(await gateways.standing()).toHaveLength(2);
    expect(numberAt(await gateways.deployment(), 'status', 'availableReplicas')).toBe(1);
  } finally {
    await cluster.kubectl('uncordon', nodes[0]!);
  }
  await settled(2);
  await fleet.waitConnected(2 * HALF);
  expect((await moved('drained node', sinceMs)).reconnects).toBeGreaterThan(0);
}, 420_000);

it('a gateway whose processes are killed as it is deleted: its stations are back within a minute', async () => {
  await kubectl('scale', 'chargingsite', site, '--replicas=3');
  await settled(3);
  const counts = await until('every socket is counted', async () => sum(await gateways.connections()) === 2 * HALF && gateways.connections(), 180_000);
  const victim = (await gateways.pods()).reduce((a, b) => ((counts[a.metadata.name] ?? 0) >= (counts[b.metadata.name] ?? 0) ? a : b));
  const sinceMs = Date.now();
  expect(await killProcessesOf(victim)).toBeGreaterThan(0);
  await kubectl('delete', 'pod', victim.metadata.name, '--grace-period=0', '--force');
  await settled(3);
  await fleet.waitConnected(2 * HALF);
  expect((await moved('killed', sinceMs)).closeCodes['1006']).toBeGreaterThan(0);
}, 420_000);

it('O-52 down again, when half of the stations have left', async () => {
  await kubectl('scale', 'chargingsite', site, '--replicas=1');
  await fleet.leave(1);
  await settled(1);
  await fleet.waitConnected(HALF);
  expect(numberAt(await autoscaler(), 'status', 'desiredReplicas')).toBe(1);
}, 420_000);

it('I-12 a site that is deleted lets its stations go with a word before its gateways end, and a stop that comes meanwhile is stored; created again, it is as before', async () => {
  const objects = await ownedBy(cluster, installation.siteNamespace);
  const [gateway] = await gateways.pods();
  const sinceMs = Date.now();
  await kubectl('delete', 'chargingsite', site, '--wait=false');
  await until('the gateway is told to end', async () => (await gateways.pods())[0]?.metadata.deletionTimestamp !== undefined, 60_000);
  const { open } = await fleet.state();
  expect(open).toBeGreaterThan(0);
  // Some end what they are at while it drains; what may reach the books is open until it has ended.
  await fleet.goesOn(20);
  expect((await gateways.pods()).map(({ metadata }) => metadata.uid)).toEqual([gateway?.metadata.uid]);
  expect((await ownedBy(cluster, installation.siteNamespace)).map(({ kind, name }) => `${kind} ${name}`)).toContain('NetworkPolicy csms-gateway-default');
  await until('nothing is left', async () => (await gateways.pods()).length === 0 && (await ownedBy(cluster, installation.siteNamespace)).length === 0, 100_000);
  expect((await fleet.state()).connected).toBe(0);
  await applySite();
  await settled(1);
  await fleet.waitConnected(HALF);
  expect(await ownedBy(cluster, installation.siteNamespace)).toEqual(objects);
  expect(told(await fleet.moves(sinceMs))).toBeGreaterThan(0.8);
}, 420_000);

it('O-50 O-51 I-12 of all that three hundred chargers said while this was done to their gateways nothing is lost and nothing is twice', async () => {
  const { violations, ...counts } = await fleet.check();
  console.log(`${counts.transactions} transactions, ${counts.acknowledged} messages acknowledged, ${counts.checked} facts of ${counts.statements} statements checked`);
  expect(violations).toEqual([]);
  expect(counts.transactions).toBeGreaterThan(2 * HALF);
  expect(listAt(await autoscaler(), 'status', 'conditions').find((each) => stringAt(each, 'type') === 'ScalingActive')).toMatchObject({ status: 'True' });
}, 420_000);
