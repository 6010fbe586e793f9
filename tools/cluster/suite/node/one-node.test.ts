import { resolve4 } from 'node:dns/promises';
import { deploymentKind, listAt, numberAt, serviceKind, stringAt, type Kind } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { by, openTestCluster, type TestCluster } from '../test-cluster.ts';

const podKind: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
let cluster: TestCluster;
let namespace: string;
beforeAll(async () => {
  cluster = await openTestCluster();
  namespace = await cluster.namespace('node');
});
afterAll(() => cluster?.close());

it('a restricted pod runs on the real node, in a container of its own, behind a Service whose name resolves', async () => {
  const container = {
    name: 'main', image: 'localhost/pause:1', imagePullPolicy: 'IfNotPresent',
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  await cluster.client.apply(deploymentKind, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'still', namespace },
    spec: {
      replicas: 2, selector: { matchLabels: { app: 'still' } },
      template: { metadata: { labels: { app: 'still' } }, spec: { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }, containers: [container] } },
    },
  }, by);
  await cluster.client.apply(serviceKind, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'still', namespace }, spec: { clusterIP: 'None', selector: { app: 'still' }, ports: [{ port: 80 }] } }, by);
  await until('both replicas are available', async () => numberAt(await cluster.client.get(deploymentKind, { namespace, name: 'still' }), 'status', 'availableReplicas') === 2, 100_000);
  const pods = (await cluster.client.list(podKind, { namespace, labelSelector: 'app=still' })).items;
  expect(pods.map((pod) => listAt(pod, 'status', 'containerStatuses').map((each) => (stringAt(each, 'containerID') ?? '').split(':')[0]))).toEqual([['containerd'], ['containerd']]);
  const addresses = pods.map((pod) => stringAt(pod, 'status', 'podIP')).sort();
  await expect.poll(async () => (await resolve4(`still.${namespace}.svc.cluster.local`).catch(() => [])).sort()).toEqual(addresses);
});

it('a Service of the cluster is reached by its name and port, and a name of the world outside does not exist', async () => {
  expect(await resolve4('kubernetes.default.svc.cluster.local')).toEqual(['10.96.0.1']);
  await expect(cluster.kubectl('--server=https://kubernetes.default.svc.cluster.local:443', 'get', '--raw', '/readyz')).resolves.toBe('ok');
  await expect(resolve4('example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

it('kubectl reads the log and the events of a pod through kubelet', async () => {
  const [pod] = (await cluster.client.list(podKind, { namespace, labelSelector: 'app=still' })).items;
  expect(await cluster.kubectl('-n', namespace, 'logs', pod?.metadata.name ?? '', '--tail=1')).toBe('');
  expect(await cluster.kubectl('-n', namespace, 'get', 'events', `--field-selector=involvedObject.name=${pod?.metadata.name ?? ''},reason=Started`, '-o', 'name')).toContain('event/');
});
