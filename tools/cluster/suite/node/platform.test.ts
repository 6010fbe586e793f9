import { SessionPage } from '@csms/contracts/http/index';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestCluster, type TestCluster } from '../test-cluster.ts';
import { chart, dashboardHost, openInstallation, values, type Installation } from './platform/installation.ts';
import { PRICE_PER_KWH_MINOR, connectStation, openTill, siteId } from './platform/site.ts';
import { accessProofs } from './platform/access.ts';
import { dashboardProofs } from './platform/dashboard.ts';
import { fleetProofs } from './platform/fleet.ts';
import { monitoringProofs } from './platform/monitoring.ts';
import { renewalProofs } from './platform/renewal.ts';
import { trainingProofs } from './platform/training.ts';

/** One installation for everything that is proved on it: its parts run in the order of this file. */
let cluster: TestCluster;
let installation: Installation;
const installed = (): Installation => installation;
beforeAll(async () => {
  cluster = await openTestCluster();
  installation = await openInstallation(cluster);
});
afterAll(async () => {
  await installation?.close();
  await cluster?.close();
});

const card = '04A2B6C8D1E211';

it('O-57 helm install, the commands that Helm prints, and a charger charges through the cluster’s own Service: in the books as a person of a real Keycloak reads them, and billed', async () => {
  const beganMs = performance.now();
  const after = (): string => `${((performance.now() - beganMs) / 1000).toFixed(1)} s`;
  await installation.helm('install', 'csms', chart, ...values, '--set', `prometheus.scrapeInterval=5s,sites.dashboardHosts={${dashboardHost}}`);
  const notes = await installation.helm('get', 'notes', 'csms');
  const commands = notes.split('\n').filter((line) => !/^\s*helm test /.test(line));
  const [from, end] = [commands.findIndex((line) => line.includes('rollout status')), commands.findIndex((line) => line.includes('get chargingsites'))];
  const printed = commands.slice(from, end + 1).filter((line) => !/^[A-Z][a-z ]+:$/.test(line)).join('\n');
  expect(printed).toContain('kind: ChargingSite');
  // As they are printed, in that order: they wait for the platform, and for the site to be Ready.
  expect(await installation.shell(installation.kept ? printed.replace(/^kubectl create namespace.*$/m, '') : printed)).toMatch(/bandung-01 .*True/);
  console.log(`the sample site is Ready ${after()} after helm install`);
  expect(performance.now() - beganMs).toBeLessThan(300_000);
  await installation.untilRolledOut();
  console.log(`every part of the platform is rolled out ${after()} after helm install`);

  await openTill(installation, card);
  const { id, identity, charger } = await connectStation(installation, await siteId(installation, 'bandung-01'), 'CP');
  const api = await installation.api();
  const reading = until('the books have the first Wh', async () => (await api.call('GET', `/sessions?stationId=${id}`, SessionPage)).items.some(({ energyWh }) => (energyWh ?? 0) > 0), 60_000);
  const charging = charger.charge(card, 400);
  await reading;
  console.log(`helm install to the first charged Wh: ${after()}`);
  const { energyWh } = await charging;
  await charger.station.stop();
  const session = await until('the session is billed', async () => {
    const { items } = await api.call('GET', `/sessions?stationId=${id}`, SessionPage);
    return items.length === 1 && items[0]?.bill?.state === 'final' && items[0];
  });
  expect(session).toMatchObject({ state: 'ended', energyWh, stationIdentity: identity });
  expect(session.bill?.totalMinor).toBe(Math.round((energyWh * PRICE_PER_KWH_MINOR) / 1000));
}, 480_000);

it('O-58 helm test signs in, asks the API, and lets a charger boot, answer, charge once over wss and be billed; its site is gone afterwards', async () => {
  const printed = await installation.helm('test', 'csms', '--logs', '--timeout', '4m');
  expect(printed).toContain('the issuer and the API answer');
  expect(printed).toMatch(/charged \d+ Wh over wss:.*in the books, billed \d+/);
  expect(await installation.shell(`kubectl --namespace ${installation.namespace} exec csms-postgres-0 -- psql -U postgres -d csms -tAc "SELECT count(*) FROM site WHERE tenant_id = 'self-test' AND state = 'active'"`)).toBe('0\n');
}, 300_000);

fleetProofs(installed);
dashboardProofs(installed);
trainingProofs(installed);
monitoringProofs(installed);
accessProofs(installed);
renewalProofs(installed, card);
