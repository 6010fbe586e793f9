import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deploymentKind, listAt, numberAt, podKind, stringAt, type KubernetesObject } from '@csms/kube';
import { z } from 'zod';
import type { TestCluster } from '../../test-cluster.ts';

const name = 'csms-gateway-default';
export const gatewayPods = 'app.kubernetes.io/component=ocpp-gateway';
const MetricValues = z.object({ items: z.array(z.object({ describedObject: z.object({ name: z.string() }), value: z.string() })) });

/** The gateways of the pool `default` of a namespace. */
export function gatewaysOf(cluster: TestCluster, namespace: string) {
  const pods = async (): Promise<KubernetesObject[]> => (await cluster.client.list(podKind, { namespace, labelSelector: gatewayPods })).items;
  const deployment = async (): Promise<KubernetesObject | undefined> => cluster.client.get(deploymentKind, { namespace, name });
  return {
    pods, deployment,
    /** Those that are not about to end. */
    standing: async (): Promise<string[]> => (await pods()).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name).sort(),
    /** Whether so many are available, none is too much, and all are of the template as it is now. */
    settledAt: async (count: number): Promise<boolean> => {
      const object = await deployment();
      const of = (field: string): number => numberAt(object, 'status', field) ?? 0;
      const seen = of('observedGeneration') >= (object?.metadata.generation ?? Infinity);
      return seen && of('availableReplicas') === count && of('updatedReplicas') === count && of('replicas') === count && (await pods()).length === count;
    },
    /** What autoscalers are told, by pod: asked through the API server, as they ask. */
    connections: async (): Promise<Record<string, number>> => {
      const text = await cluster.kubectl('get', '--raw', `/apis/custom.metrics.k8s.io/v1beta2/namespaces/${namespace}/pods/*/ocpp_connections`);
      return Object.fromEntries(MetricValues.parse(JSON.parse(text)).items.map(({ describedObject, value }) => [describedObject.name, Number(value)]));
    },
    costOf: (pod: KubernetesObject): number => Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0),
  };
}

/** Ends a pod's processes as a crash would: no signal that they could answer. Returns how many there were. */
export async function killProcessesOf(pod: KubernetesObject): Promise<number> {
  const uid = pod.metadata.uid ?? '';
  const containers = listAt(pod, 'status', 'containerStatuses').map((each) => (stringAt(each, 'containerID') ?? '').replace(/^containerd:\/\//, ''));
  const hierarchies = (await readdir('/sys/fs/cgroup', { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => join('/sys/fs/cgroup', entry.name));
  const pids = new Set<number>();
  for (const root of ['/sys/fs/cgroup', ...hierarchies]) {
    for (const folder of (await readdir(root).catch(() => [])).filter((each) => each.startsWith('csms-'))) {
      for (const file of await readdir(join(root, folder), { recursive: true }).catch(() => []))
        if (file.endsWith('cgroup.procs') && file.includes(`pod${uid}/`) && containers.some((id) => id !== '' && file.includes(id)))
          for (const line of (await readFile(join(root, folder, file), 'utf8').catch(() => '')).split('\n')) if (line !== '') pids.add(Number(line));
    }
  }
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  return pids.size;
}
