import { fencedClient, systemClock } from '@csms/kube';
import type { ClusterClient } from '@csms/kube';
import type { OperatorSettings } from '../settings.ts';
import type { World } from '../world.ts';
import { createConnectionCounts } from './connection-counts.ts';
import { keepDeletionCosts } from './deletion-cost.ts';
import { serveMetricsApi } from './serve-metrics-api.ts';

/**
 * What a process of the operator does with the connections of gateways: every one answers autoscalers where a port is set for it, and the one that leads marks
 * those gateways that are to end first.
 */
export function serveConnections(options: { settings: OperatorSettings; world: Pick<World, 'sites'>; client: ClusterClient; mayWrite: () => boolean; onFailure: (what: string, error: unknown) => void }): { close(): Promise<void> } {
  const { settings, world, client, mayWrite, onFailure } = options;
  const { autoscaling } = settings.platform;
  const counts = createConnectionCounts(client, systemClock);
  const parts = [
    ...(settings.CSMS_METRICS_API_PORT === undefined ? [] : [serveMetricsApi({
      client, clock: systemClock, counts, port: settings.CSMS_METRICS_API_PORT, host: settings.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0',
      certFile: settings.CSMS_METRICS_API_CERT_FILE, keyFile: settings.CSMS_METRICS_API_KEY_FILE, onFailure: (error) => onFailure('metrics api', error),
    })]),
    ...(autoscaling.metricsApi ? [keepDeletionCosts({
      client: fencedClient(client, mayWrite), clock: systemClock, counts, leads: mayWrite, everyMs: autoscaling.deletionCostSeconds * 1000,
      namespaces: () => world.sites.list().map(({ metadata }) => metadata.namespace ?? ''), onFailure: (error) => onFailure('deletion cost', error),
    })] : []),
  ];
  return { close: async () => void (await Promise.all(parts.map((part) => part.close()))) };
}
