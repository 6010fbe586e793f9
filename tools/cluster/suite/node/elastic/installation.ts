import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TENANT_LABEL } from '@csms/contracts/charging-site/index';
import { namespaceKind, secretKind } from '@csms/kube';
import { z } from 'zod';
import { by, rootDir, type TestCluster } from '../../test-cluster.ts';
import { startIssuer } from './issuer.ts';

const execute = promisify(execFile);
const chart = join(rootDir, 'charts/csms');
const LIMIT_MS = 240_000;
const Data = z.record(z.string(), z.string());

/** The platform without what gateways do not need (Keycloak, Prometheus, logs), and a namespace of tenant demo. */
export interface Installation {
  namespace: string;
  siteNamespace: string;
  helm(...args: string[]): Promise<string>;
  /** `helm upgrade` with the values of the installation and these. */
  upgrade(...values: string[]): Promise<string>;
  secret(name: string): Promise<Record<string, string>>;
  close(): Promise<void>;
}

/** Autoscaling that a test can wait for; everything else as it is installed. */
const quick = 'sites.platform.autoscaling.scaleDownWindowSeconds=5,sites.platform.autoscaling.scaleDownPeriodSeconds=5,sites.platform.autoscaling.deletionCostSeconds=5';

export async function install(cluster: TestCluster): Promise<Installation> {
  const { client } = cluster;
  const namespace = await cluster.namespace('csms');
  const siteNamespace = await cluster.namespace('demo');
  await client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: siteNamespace, labels: { [TENANT_LABEL]: 'demo', 'pod-security.kubernetes.io/enforce': 'restricted' } } }, by);
  const issuer = await startIssuer();
  const secret = (name: string, data: Record<string, string>): Promise<unknown> =>
    client.apply(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) }, by);
  await secret('operator-client', { OIDC_CLIENT_ID: 'csms-operator', OIDC_CLIENT_SECRET: issuer.secretOf('csms-operator') });
  await secret('dashboard-client', { OIDC_CLIENT_ID: 'csms-dashboard', OIDC_CLIENT_SECRET: issuer.secretOf('csms-dashboard'), CSMS_COOKIE_SECRET: 'a cookie secret of a test that is long enough' });
  const helm = async (...args: string[]): Promise<string> => (await execute('helm', [...args, '--namespace', namespace], { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const values = [
    ...['small', 'local-images'].flatMap((name) => ['--values', join(chart, 'ci', `${name}-values.yaml`)]),
    '--set', 'keycloak.enabled=false,prometheus.enabled=false,logs.enabled=false,backup.enabled=false',
    '--set', `keycloak.external.issuer=${issuer.url},keycloak.external.operatorSecret=operator-client,keycloak.external.dashboardSecret=dashboard-client`,
    '--set', `certificates.names={*.${siteNamespace}.svc}`, '--set', quick,
  ];
  await helm('install', 'csms', chart, ...values, '--wait', '--timeout', '4m');
  return {
    namespace, siteNamespace, helm,
    upgrade: (...more) => helm('upgrade', 'csms', chart, ...values, ...more.flatMap((each) => ['--set', each]), '--wait', '--timeout', '4m'),
    secret: async (name) => {
      const data = Data.parse((await client.get(secretKind, { namespace, name }))?.['data'] ?? {});
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
    },
    close: async () => {
      // Sites first: the operator lets them go.
      await cluster.kubectl('-n', siteNamespace, 'delete', 'chargingsites', '--all', '--timeout=50s').catch(() => undefined);
      await helm('uninstall', 'csms').catch(() => undefined);
      await issuer.close();
    },
  };
}
