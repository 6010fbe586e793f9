import { createLogger, createMetrics, onShutdown, runMain, startAdminServer } from '@csms/kit';
import { HttpClusterClient, systemClock, urlTransport } from '@csms/kube';
import type { Transport } from '@csms/kube';
import { createBooksClient } from './books-client.ts';
import { controllerMetrics } from './metrics.ts';
import { createOperator } from './operator.ts';
import { readSettings } from './settings.ts';
import type { OperatorSettings } from './settings.ts';

const STOP_WITHIN_MS = 10_000;

runMain('operator', async () => {
  const settings = readSettings();
  const log = createLogger('operator', settings.LOG_LEVEL);
  const registry = createMetrics('operator');
  const metrics = controllerMetrics(registry);
  const client = new HttpClusterClient(await transportOf(settings), { onRequest: metrics.requested });
  const books = createBooksClient({
    apiUrl: settings.CSMS_API_URL,
    issuer: settings.OIDC_ISSUER,
    audience: settings.OIDC_AUDIENCE,
    clientId: settings.OIDC_CLIENT_ID,
    clientSecret: settings.OIDC_CLIENT_SECRET,
  });
  const operator = createOperator({
    client,
    books,
    platform: settings.platform,
    clock: systemClock,
    workers: settings.CSMS_WORKERS,
    instance: settings.POD_NAME,
    metrics,
    onFailure: (what, error) => {
      if (what.startsWith('watch ')) metrics.watchFailed(what.slice('watch '.length));
      log.warn({ event: 'reconcile-failed', what, reason: error instanceof Error ? error.message : String(error) }, 'will be tried again');
    },
  });
  const admin = await startAdminServer({ port: settings.ADMIN_PORT, host: settings.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0', ready: () => operator.notReady(), metrics: registry });
  void operator.start().then(() => operator.lead());
  log.info({ event: 'started', adminPort: admin.port }, 'watching charging sites');
  onShutdown(log, STOP_WITHIN_MS, [
    ['operator', () => operator.stop()],
    ['client', () => client.close()],
    ['admin', () => admin.close()],
  ]);
});

async function transportOf(settings: OperatorSettings): Promise<Transport> {
  if (settings.CSMS_CLUSTER_URL !== undefined) return urlTransport(settings.CSMS_CLUSTER_URL);
  const { kubeconfigTransport } = await import('@csms/kube/kubeconfig');
  return kubeconfigTransport(settings.KUBECONFIG);
}
