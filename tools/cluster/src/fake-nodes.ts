import type { HttpClusterClient, Kind } from '@csms/kube';
import type { Level } from './place.ts';

export const nodeKind: Kind = { apiVersion: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };

/** Applies `count` nodes that kwok keeps ready. Beside a real node they are tainted, so that what must run does not land on them. */
export async function addFakeNodes(client: HttpClusterClient, count: number, level: Level): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const name = `fake-${String(index).padStart(3, '0')}`;
    await client.apply(nodeKind, {
      apiVersion: 'v1', kind: 'Node',
      metadata: { name, annotations: { 'kwok.x-k8s.io/node': 'fake' }, labels: { type: 'kwok', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': `zone-${index % 3}` } },
      spec: level === 'node' ? { taints: [{ key: 'kwok.x-k8s.io/node', value: 'fake', effect: 'NoSchedule' }] } : {},
    }, { fieldManager: 'csms-cluster', force: true });
  }
}
