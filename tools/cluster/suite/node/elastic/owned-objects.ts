import { isRecord, podKind, stringAt, type Kind, type KubernetesObject } from '@csms/kube';
import { configMapKind, cronJobKind, deploymentKind, horizontalPodAutoscalerKind, ingressKind, networkPolicyKind, podDisruptionBudgetKind, serviceAccountKind, serviceKind } from '@csms/kube/kind';
import { until } from '@csms/kube/testing/until';
import { expect } from 'vitest';
import type { TestCluster } from '../../test-cluster.ts';

const kinds: Kind[] = [deploymentKind, cronJobKind, serviceKind, serviceAccountKind, horizontalPodAutoscalerKind, podDisruptionBudgetKind, networkPolicyKind, configMapKind, ingressKind];
const managed = 'app.kubernetes.io/managed-by=csms-operator';

/** What the operator made in a namespace, as it was meant: without what a cluster writes into it. */
export interface OwnedObject { kind: string; name: string; labels: unknown; intent: unknown }

export async function ownedBy(cluster: TestCluster, namespace: string): Promise<OwnedObject[]> {
  const objects = await listed(cluster, namespace);
  return objects.map(({ kind, metadata, ...rest }) => ({ kind, name: metadata.name, labels: metadata.labels, intent: intentOf(rest) }));
}

/** Address, ports and numbers of gateways are given by the cluster and by autoscalers. */
function intentOf(rest: object): unknown {
  const spec: unknown = 'spec' in rest ? rest.spec : undefined;
  const chosen = ['clusterIP', 'clusterIPs', 'replicas'];
  const given = isRecord(spec) ? Object.fromEntries(Object.entries(spec).filter(([field]) => !chosen.includes(field))) : spec;
  return { spec: given, data: 'data' in rest ? rest.data : undefined };
}

async function listed(cluster: TestCluster, namespace: string): Promise<KubernetesObject[]> {
  const lists = await Promise.all(kinds.map((kind) => cluster.client.list(kind, { namespace, labelSelector: managed })));
  return lists.flatMap(({ items }) => items).sort((a, b) => (`${a.kind} ${a.metadata.name}` < `${b.kind} ${b.metadata.name}` ? -1 : 1));
}

/** Ten reconciles, each forced by a change of the site that means nothing: no object is written. An autoscaler's own status moves its version, so it is compared by what it says. */
export async function sameOverReconciles(cluster: TestCluster, namespace: string, site: string, platformNamespace: string): Promise<void> {
  const [operator] = (await cluster.client.list(podKind, { namespace: platformNamespace, labelSelector: 'app.kubernetes.io/component=operator' })).items;
  const runs = async (): Promise<number[]> => {
    const text = await (await fetch(`http://${stringAt(operator, 'status', 'podIP') ?? ''}:9464/metrics`)).text();
    return ['pool', 'namespace', 'chargingsite'].map((controller) => [...text.matchAll(new RegExp(`^controller_runtime_reconcile_total\\{[^}]*controller="${controller}"[^}]*\\} (\\d+)$`, 'gm'))].reduce((sum, match) => sum + Number(match[1]), 0));
  };
  const versions = async (): Promise<string[]> => (await listed(cluster, namespace)).map((object) => {
    const { kind, metadata } = object;
    return kind === 'HorizontalPodAutoscaler' ? `${kind} ${metadata.name} ${JSON.stringify(intentOf(object))}` : `${kind} ${metadata.name} ${metadata.resourceVersion}`;
  });
  // The last pod's readiness reaches the status of its Deployment and budget a moment later.
  const before = await until('nothing moves by itself any more', async () => {
    const first = await versions();
    await cluster.kubectl('-n', namespace, 'get', 'pods');
    const second = await versions();
    return JSON.stringify(first) === JSON.stringify(second) && first;
  });
  expect(before.length).toBeGreaterThan(10);
  for (let round = 1; round <= 10; round += 1) {
    const ran = await runs();
    await cluster.kubectl('-n', namespace, 'annotate', 'chargingsite', site, `csms.test/round=${round}`, '--overwrite');
    await until('all that the site is part of was reconciled', async () => (await runs()).every((count, index) => count > (ran[index] ?? 0)));
    expect(await versions(), `round ${round}`).toEqual(before);
  }
}
