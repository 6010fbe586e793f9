import { deploymentKind, horizontalPodAutoscalerKind, scaledObjectKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { gatewayName, labelsOf } from './names.ts';
import type { Owner } from './names.ts';
import { sizeOfPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { CONNECTIONS_METRIC, connectionsMetricKind } from './kinds.ts';
import type { Offers, Platform } from './platform.ts';

/** A gateway is full before its limit is reached: reconnecting chargers need room while another one starts. */
const FULL_AT = 0.8;

/** Who counts the gateways of a pool: KEDA, the cluster's own autoscaler where it can see connections, or the operator by the stations in the books. */
export function autoscaledBy(platform: Platform, offers: Offers): 'keda' | 'hpa' | 'operator' {
  if (offers(scaledObjectKind) && platform.monitoring.prometheusUrl !== undefined) return 'keda';
  // Our own API need not be looked for: at the operator's start it is not there yet, and a pool would be counted by one and then by the other.
  return offers(horizontalPodAutoscalerKind) && (platform.autoscaling.metricsApi || offers(connectionsMetricKind)) ? 'hpa' : 'operator';
}

/** The autoscaler of a pool on open connections: up at once, down by one gateway every two minutes (unless the platform says otherwise), because each one moved is a fleet that reconnects. */
export function autoscaler(pool: Pool, platform: Platform, offers: Offers): Desired[] {
  const by = autoscaledBy(platform, offers);
  if (pool.members.length === 0 || by === 'operator') return [];
  const owner: Owner = { kind: 'pool', name: pool.name };
  const size = sizeOfPool(pool);
  const metadata = { name: gatewayName(pool.name), namespace: pool.namespace.name, labels: labelsOf('ocpp-gateway', owner) };
  const full = Math.max(1, Math.floor(size.connectionsPerReplica * FULL_AT));
  const behavior = {
    scaleUp: { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }, { type: 'Pods', value: 4, periodSeconds: 15 }] },
    scaleDown: { stabilizationWindowSeconds: platform.autoscaling.scaleDownWindowSeconds, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: platform.autoscaling.scaleDownPeriodSeconds }] },
  };
  const { apiVersion, kind } = deploymentKind;
  const scaleTargetRef = { apiVersion, kind, name: metadata.name };
  if (by === 'keda') {
    const query = `sum(csms_gateway_connections{namespace="${metadata.namespace}",pod=~"${metadata.name}-.+"})`;
    const triggers = [{ type: 'prometheus', metricType: 'AverageValue', metadata: { serverAddress: platform.monitoring.prometheusUrl ?? '', query, threshold: String(full) } }];
    const spec = { scaleTargetRef, minReplicaCount: size.min, maxReplicaCount: size.max, advanced: { horizontalPodAutoscalerConfig: { behavior } }, triggers };
    return [{ kind: scaledObjectKind, object: { apiVersion: scaledObjectKind.apiVersion, kind: scaledObjectKind.kind, metadata, spec } }];
  }
  const metrics = [{ type: 'Pods', pods: { metric: { name: CONNECTIONS_METRIC }, target: { type: 'AverageValue', averageValue: quantity(full) } } }];
  const spec = { scaleTargetRef, minReplicas: size.min, maxReplicas: size.max, metrics, behavior };
  return [{ kind: horizontalPodAutoscalerKind, object: { apiVersion: horizontalPodAutoscalerKind.apiVersion, kind: horizontalPodAutoscalerKind.kind, metadata, spec } }];
}

/** A count as the cluster writes it back; in another form it would look like a change for ever. */
export function quantity(count: number): string {
  return count > 0 && count % 1_000_000 === 0 ? `${count / 1_000_000}M` : count > 0 && count % 1000 === 0 ? `${count / 1000}k` : String(count);
}
