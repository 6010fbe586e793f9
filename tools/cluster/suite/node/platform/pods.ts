import { stringAt, type Kind } from '@csms/kube';
import type { TestCluster } from '../../test-cluster.ts';

export const podKind: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

export interface RunningPod { name: string; address: string }

/** Pods of a component that run and are not about to end. */
export async function runningPods(cluster: TestCluster, namespace: string, component: string): Promise<RunningPod[]> {
  const { items } = await cluster.client.list(podKind, { namespace, labelSelector: `app.kubernetes.io/component=${component}` });
  const running = items.filter((pod) => stringAt(pod, 'status', 'phase') === 'Running' && pod.metadata.deletionTimestamp === undefined);
  return running.map((pod) => ({ name: pod.metadata.name, address: stringAt(pod, 'status', 'podIP') ?? '' }));
}

/** The sum of a metric’s series that carry the given labels, as a process of ours shows them on its admin port. */
export async function metricOf(pod: RunningPod, name: string, labels = ''): Promise<number> {
  const answer = await fetch(`http://${pod.address}:9464/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}
