import { keyOf, listAt, podKind, stringAt } from '@csms/kube';
import type { Clock, ClusterClient, KubernetesObject } from '@csms/kube';
import { MANAGED_BY } from '../site/names.ts';
import { ADMIN_PORT } from '../site/pod.ts';
import { readMetrics } from './read-metrics.ts';

/** How many stations hang on one gateway, and when it said so. */
export interface ConnectionCount {
  pod: KubernetesObject;
  connections: number;
  atMs: number;
}

/** Only pods of pools are looked at, whoever asks for whatever. */
const OF_POOLS = Object.entries({ ...MANAGED_BY, 'app.kubernetes.io/component': 'ocpp-gateway' }).map(([label, value]) => `${label}=${value}`).join(',');
const KEPT_MS = 5000;

export interface ConnectionCounts {
  /**
   * The gateways of a namespace, those of a label selector where one is given, that answered within the last five seconds; gateways that end are left out.
   * Throws ClusterError where the pods cannot be listed, such as 400 for a selector that is none.
   */
  of(namespace: string, labelSelector?: string): Promise<ConnectionCount[]>;
}

/** Reads the gateways' own metrics. `read` answers the text of an address's /metrics. */
export function createConnectionCounts(client: Pick<ClusterClient, 'list'>, clock: Clock, read: (url: string) => Promise<string> = readMetrics): ConnectionCounts {
  const kept = new Map<string, { atMs: number; answer: Promise<ConnectionCount[]> }>();
  const ask = async (namespace: string, labelSelector: string): Promise<ConnectionCount[]> => {
    const { items } = await client.list(podKind, { namespace, labelSelector });
    const asked = items.filter(isRunning).map(async (pod): Promise<ConnectionCount[]> => {
      const connections = openConnections(await read(`http://${hostOf(pod)}:${ADMIN_PORT}/metrics`).catch(() => ''));
      return connections === undefined ? [] : [{ pod, connections, atMs: clock.nowMs() }];
    });
    const counts = (await Promise.all(asked)).flat();
    return counts.sort((a, b) => (keyOf(a.pod.metadata) < keyOf(b.pod.metadata) ? -1 : 1));
  };
  return {
    of: (namespace, labelSelector = '') => {
      const nowMs = clock.nowMs();
      for (const [key, { atMs }] of kept) if (nowMs - atMs >= KEPT_MS) kept.delete(key);
      const selector = labelSelector === '' ? OF_POOLS : `${OF_POOLS},${labelSelector}`;
      const key = `${namespace} ${selector}`;
      const before = kept.get(key);
      if (before !== undefined) return before.answer;
      const answer = ask(namespace, selector);
      kept.set(key, { atMs: nowMs, answer });
      answer.catch(() => kept.delete(key));
      return answer;
    },
  };
}

/** The sum over all tenants, dialects and profiles; undefined for a text that says nothing of it at all, which a gateway's never does. */
export function openConnections(text: string): number | undefined {
  if (!text.includes('# TYPE csms_gateway_connections gauge')) return undefined;
  const values = [...text.matchAll(/^csms_gateway_connections(?:\{[^}]*\})? ([0-9.e+]+)$/gm)].map((match) => Number(match[1]));
  return values.reduce((sum, value) => sum + value, 0);
}

const isRunning = (pod: KubernetesObject): boolean =>
  pod.metadata.deletionTimestamp === undefined && stringAt(pod, 'status', 'phase') === 'Running' && stringAt(pod, 'status', 'podIP') !== undefined && listAt(pod, 'status', 'containerStatuses').length > 0;

function hostOf(pod: KubernetesObject): string {
  const address = stringAt(pod, 'status', 'podIP') ?? '';
  return address.includes(':') ? `[${address}]` : address;
}
