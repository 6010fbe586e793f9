import { ConfigError, createLogger, createMetrics, onShutdown, runMain, startAdminServer } from '@csms/kit';
import { randomUUID } from 'node:crypto';
import { HttpClusterClient, LeaderElector, fencedClient, pause, systemClock, urlTransport } from '@csms/kube';
import type { Transport } from '@csms/kube';
import { serviceAccountTransport } from '@csms/kube/service-account';
import { createBooksClient, fencedBooks } from './books-client.ts';
import { serveConnections } from './connection-metrics/serve-connections.ts';
import { logRun } from './log-run.ts';
import { controllerMetrics, runningMetrics, siteMetrics } from './metrics.ts';
import { createOperator } from './operator.ts';
import { readSettings } from './settings.ts';
import type { OperatorSettings } from './settings.ts';

const STOP_WITHIN_MS = 10_000;
/** So long the end waits for the lease to be given back; another process takes an old one 15 s after its last renewal. */
const ELECTION_ENDS_WITHIN_MS = 8000;
const LEASE_NAME = 'csms-operator';

runMain('operator', async () => {
  const settings = readSettings();
  const log = createLogger('operator', settings.LOG_LEVEL);
  const registry = createMetrics('operator');
  const metrics = controllerMetrics(registry);
  const client = new HttpClusterClient(await transportOf(settings), { onRequest: metrics.requested });
  // A local cluster has one operator; in all others several may stand by, and one leads.
  const elector = settings.CSMS_CLUSTER_URL !== undefined ? undefined : new LeaderElector({
    client,
    clock: systemClock,
    lease: { namespace: settings.CSMS_LEASE_NAMESPACE ?? settings.platform.namespace ?? 'default', name: LEASE_NAME },
    identity: `${settings.POD_NAME}-${randomUUID().slice(0, 8)}`,
    onElected: () => {
      log.info({ event: 'elected' }, 'this process leads');
      operator.lead();
    },
    onLost: async () => {
      log.warn({ event: 'lease-lost' }, 'this process leads no more');
      await operator.follow();
    },
    onFailure: (error) => log.warn({ event: 'election-failed', reason: error instanceof Error ? error.message : String(error) }, 'will be tried again'),
  });
  const mayWrite = (): boolean => elector?.leads() ?? true;
  const books = createBooksClient({
    apiUrl: settings.CSMS_API_URL,
    issuer: settings.OIDC_ISSUER,
    audience: settings.OIDC_AUDIENCE,
    clientId: settings.OIDC_CLIENT_ID,
    clientSecret: settings.OIDC_CLIENT_SECRET,
  });
  const operator = createOperator({
    client: fencedClient(client, mayWrite),
    books: fencedBooks(books, mayWrite),
    platform: settings.platform,
    clock: systemClock,
    workers: settings.CSMS_WORKERS,
    instance: settings.POD_NAME,
    watchNamespaces: settings.CSMS_WATCH_NAMESPACES,
    discoveryEveryMs: settings.CSMS_DISCOVERY_SECONDS * 1000,
    metrics,
    onFailure: (what, error) => {
      if (what.startsWith('watch ')) metrics.watchFailed(what.slice('watch '.length));
      log.warn({ event: 'reconcile-failed', what, reason: error instanceof Error ? error.message : String(error) }, 'will be tried again');
    },
    onRun: logRun(log),
  });
  const admin = await startAdminServer({ port: settings.ADMIN_PORT, host: settings.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0', ready: () => operator.notReady(), healthy: () => operator.fault(), metrics: registry });
  siteMetrics(registry, operator.world, mayWrite);
  runningMetrics(registry, operator.running);
  void operator.start().then(() => (elector === undefined ? operator.lead() : elector.start()));
  log.info({ event: 'started', adminPort: admin.port }, 'watching charging sites');
  const connections = serveConnections({ settings, world: operator.world, client, mayWrite, onFailure: (what, error) => log.warn({ event: 'connection-metrics-failed', what, reason: error instanceof Error ? error.message : String(error) }, 'will be tried again') });
  onShutdown(log, STOP_WITHIN_MS, [
    ['connection metrics', () => connections.close()],
    ['election', () => Promise.race([elector?.stop(), pause(systemClock, ELECTION_ENDS_WITHIN_MS)])],
    ['operator', () => operator.stop()],
    ['client', () => client.close()],
    ['admin', () => admin.close()],
  ]);
});

async function transportOf(settings: OperatorSettings): Promise<Transport> {
  if (settings.CSMS_CLUSTER_URL !== undefined) return urlTransport(settings.CSMS_CLUSTER_URL);
  if (settings.KUBECONFIG !== undefined) return (await import('@csms/kube/kubeconfig')).kubeconfigTransport(settings.KUBECONFIG);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: servicePort } = settings;
  if (host === undefined) throw new ConfigError('There is no cluster: set CSMS_CLUSTER_URL or KUBECONFIG, or run in a pod.');
  return serviceAccountTransport({ host, port: servicePort });
}
