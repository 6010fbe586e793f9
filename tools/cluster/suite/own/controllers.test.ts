import { at, deploymentKind, listAt, namespaceKind, numberAt, type Kind } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { by, openTestCluster, type TestCluster } from '../test-cluster.ts';

const podKind: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const jobKind: Kind = { apiVersion: 'batch/v1', kind: 'Job', plural: 'jobs', namespaced: true };
let cluster: TestCluster;
let namespace: string;
beforeAll(async () => {
  cluster = await openTestCluster();
  namespace = await cluster.namespace('controllers');
});
afterAll(() => cluster?.close());

const restricted = { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } };
const template = (app: string, more: object = {}) => ({
  metadata: { labels: { app } },
  spec: {
    securityContext: restricted, tolerations: [{ key: 'kwok.x-k8s.io/node', operator: 'Exists' }], nodeSelector: { type: 'kwok' },
    containers: [{ name: 'main', image: 'localhost/nothing:1', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }], ...more,
  },
});

it('the real controllers roll a Deployment out on nodes of kwok, and take its pods away with it', async () => {
  await cluster.client.apply(deploymentKind, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template: template('web') } }, by);
  await until('three replicas are available', async () => numberAt(await cluster.client.get(deploymentKind, { namespace, name: 'web' }), 'status', 'availableReplicas') === 3, 60_000);
  const nodes = (await cluster.client.list(podKind, { namespace, labelSelector: 'app=web' })).items.map((pod) => at(pod, 'spec', 'nodeName'));
  expect(new Set(nodes).size).toBeGreaterThan(1);
  await cluster.client.delete(deploymentKind, { namespace, name: 'web' });
  await until('its pods are gone', async () => (await cluster.client.list(podKind, { namespace, labelSelector: 'app=web' })).items.length === 0, 60_000);
});

it('a Job of theirs completes', async () => {
  await cluster.client.apply(jobKind, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once', namespace }, spec: { template: template('once', { restartPolicy: 'Never' }) } }, by);
  await until('the Job is complete', async () => listAt(await cluster.client.get(jobKind, { namespace, name: 'once' }), 'status', 'conditions').some((each) => at(each, 'type') === 'Complete' && at(each, 'status') === 'True'), 60_000);
});

it('a pod that does not keep to the restricted standard is refused by the server', async () => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root', namespace }, spec: { containers: [{ name: 'main', image: 'localhost/nothing:1' }] } };
  await expect(cluster.client.apply(podKind, pod, by)).rejects.toMatchObject({ status: 403, message: expect.stringContaining('violates PodSecurity "restricted:latest"') });
});

it('a namespace goes with all that is in it', async () => {
  const name = await cluster.namespace('goes');
  await cluster.client.apply(deploymentKind, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: name }, spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template: template('web') } }, by);
  await cluster.client.delete(namespaceKind, { name });
  await until('the namespace is gone', async () => (await cluster.client.get(namespaceKind, { name })) === undefined, 60_000);
});
