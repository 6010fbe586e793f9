import { ClusterError } from '@csms/kube';
import { CONNECTIONS_METRIC, METRICS_API_VERSION } from '../site/kinds.ts';
import type { ConnectionCount, ConnectionCounts } from './connection-counts.ts';

/** An answer in the API's own words. */
export interface ApiAnswer {
  status: number;
  body: unknown;
}

const GROUP = METRICS_API_VERSION.split('/')[0] ?? '';
const version = { groupVersion: METRICS_API_VERSION, version: METRICS_API_VERSION.split('/')[1] ?? '' };
const ROOT = `/apis/${METRICS_API_VERSION}`;

/** What this API has: of pods, how many stations hang on each. */
const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: METRICS_API_VERSION,
  resources: [{ name: `pods/${CONNECTIONS_METRIC}`, singularName: '', namespaced: true, kind: 'MetricValueList', verbs: ['get'] }],
};
const group = { kind: 'APIGroup', apiVersion: 'v1', name: GROUP, versions: [version], preferredVersion: version };

/**
 * The part of custom.metrics.k8s.io that an autoscaler asks for (k8s.io/metrics, pkg/apis/custom_metrics): discovery, and the connections of the
 * gateways of a namespace, all that a label selector chooses (`*`) or one by name. `url`: path and query.
 */
export async function answerMetrics(method: string, url: string, counts: ConnectionCounts): Promise<ApiAnswer> {
  const { pathname, searchParams } = new URL(url, 'http://metrics');
  if (method !== 'GET') return refusal(405, 'MethodNotAllowed', `${method} is not known here: metrics are read.`);
  const path = pathname.replace(/\/$/, '');
  if (path === '/apis') return { status: 200, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [group] } };
  if (path === `/apis/${GROUP}`) return { status: 200, body: group };
  if (path === ROOT) return { status: 200, body: resources };
  const parts = path.startsWith(`${ROOT}/namespaces/`) ? segmentsOf(path.slice(ROOT.length + 1)) : undefined;
  const [, namespace, resource, name, metric] = parts ?? [];
  if (parts?.length !== 5 || namespace === undefined || namespace === '' || name === undefined) return refusal(404, 'NotFound', 'There is nothing at this path.');
  if (resource !== 'pods' || metric !== CONNECTIONS_METRIC) return refusal(404, 'NotFound', `Only pods/${CONNECTIONS_METRIC} is known, not ${resource}/${metric}.`);
  try {
    const found = await counts.of(namespace, name === '*' ? (searchParams.get('labelSelector') ?? '') : '');
    const asked = name === '*' ? found : found.filter(({ pod }) => pod.metadata.name === name);
    if (name !== '*' && asked.length === 0) return refusal(404, 'NotFound', `${namespace}/${name} is no gateway that says how many connections it has.`);
    return { status: 200, body: { kind: 'MetricValueList', apiVersion: METRICS_API_VERSION, metadata: {}, items: asked.map(valueOf) } };
  } catch (error) {
    if (error instanceof ClusterError && error.status === 400) return refusal(400, 'BadRequest', error.message);
    return refusal(503, 'ServiceUnavailable', 'The pods of the cluster cannot be listed just now.');
  }
}

const valueOf = ({ pod, connections, atMs }: ConnectionCount): unknown => ({
  describedObject: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, apiVersion: '/v1' },
  metric: { name: CONNECTIONS_METRIC },
  timestamp: `${new Date(atMs).toISOString().slice(0, 19)}Z`,
  value: String(connections),
});

/** Undefined where a segment cannot be decoded. */
function segmentsOf(path: string): string[] | undefined {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/** A Status object, as an API server refuses. */
export const refusal = (code: number, reason: string, message: string): ApiAnswer => ({ status: code, body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason, message, code } });
