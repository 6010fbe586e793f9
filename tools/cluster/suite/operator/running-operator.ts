import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TENANT_LABEL } from '@csms/contracts/charging-site/index';
import { isRecord, listAt, namespaceKind, secretKind, stringAt, type JsonObject, type Kind, type KubernetesObject } from '@csms/kube';
import { parse } from 'yaml';
import { by, merged, rootDir, type TestCluster } from '../test-cluster.ts';

const clusterRoleKind: Kind = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false };
const clusterRoleBindingKind: Kind = { ...clusterRoleKind, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings' };
const roleKind: Kind = { ...clusterRoleKind, kind: 'Role', plural: 'roles', namespaced: true };
const roleBindingKind: Kind = { ...clusterRoleKind, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true };
const serviceAccountKind: Kind = { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true };
const rbac = 'rbac.authorization.k8s.io';

/** An operator's process with the rights that operator/testdata/rules.yaml gives it, and none besides. */
export interface RunningOperator {
  child: ChildProcess;
  lines: Record<string, unknown>[];
  /** Waits for its end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface OperatorHome {
  namespace: string;
  /** What the Secrets hold that nobody may see. */
  hidden: string[];
  /** `nodeFlags` go before the program; `env` is added to what a chart would set; `platform` changes what it gives to every site, as a newer chart might. */
  start(options?: { nodeFlags?: string[]; env?: Record<string, string>; platform?: JsonObject }): RunningOperator;
  close(): Promise<void>;
}

export interface HomeOptions {
  /** The only namespaces that the operator watches; its account then has Roles alone, in those and its own. Absent: all, with a ClusterRole. */
  watchNamespaces?: string[];
  /** Over what the platform gives else. */
  platform?: JsonObject;
  /** Which of the printed rights it has in the cluster. */
  rules?: 'cluster' | 'clusterWithTenantAccess';
}

/** Makes what a chart would: the platform's namespace with its Secrets, an account with the printed rights, and a way to start operators. */
export async function openOperatorHome(cluster: TestCluster, booksUrl: string, options: HomeOptions = {}): Promise<OperatorHome> {
  const { watchNamespaces } = options;
  const namespace = await cluster.namespace('csms');
  const { client } = cluster;
  const secret = (name: string, data: Record<string, string>, type = 'Opaque'): Promise<KubernetesObject> =>
    client.apply(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])) }, by);
  // Nothing like these may ever be seen outside of a Secret.
  const hidden = ['database', 'bus', 'pepper', 'client', 'cookie', 'key'].map((what) => `${what}-${randomUUID()}`);
  const [database, bus, pepper, clientSecret, cookie, key] = hidden;
  await secret('csms-database', { DATABASE_URL: `postgres://csms_app:${database}@db/csms` });
  await secret('csms-bus', { BUS_DATABASE_URL: `postgres://csms_bus:${bus}@db/csms` });
  await secret('csms-gateway', { CSMS_CREDENTIAL_PEPPER: `${pepper}` });
  await secret('csms-dashboard', { OIDC_CLIENT_ID: 'csms-dashboard', OIDC_CLIENT_SECRET: `${clientSecret}`, CSMS_COOKIE_SECRET: `${cookie}` });
  await secret('csms-gateway-tls', { 'tls.crt': 'certificate', 'tls.key': `${key}` }, 'kubernetes.io/tls');
  const rules: unknown = parse(await readFile(join(rootDir, 'operator/testdata/rules.yaml'), 'utf8'));
  const subject = { kind: 'ServiceAccount', name: 'csms-operator', namespace };
  const apiVersion = clusterRoleKind.apiVersion;
  await client.apply(serviceAccountKind, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: subject.name, namespace } }, by);
  const withRules = (kind: string, metadata: { name: string; namespace?: string }, list: unknown[]): KubernetesObject => Object.assign({ apiVersion, kind, metadata }, { rules: list });
  const binding = (kind: string, metadata: { name: string; namespace?: string }, role: string): KubernetesObject => Object.assign({ apiVersion, kind, metadata }, { roleRef: { apiGroup: rbac, kind: role, name: metadata.name }, subjects: [subject] });
  const give = async (kind: 'Role' | 'ClusterRole', metadata: { name: string; namespace?: string }, list: string): Promise<void> => {
    await client.apply(kind === 'Role' ? roleKind : clusterRoleKind, withRules(kind, metadata, listAt(rules, list)), by);
    await client.apply(kind === 'Role' ? roleBindingKind : clusterRoleBindingKind, binding(`${kind}Binding`, metadata, kind), by);
  };
  await give('Role', { name: 'leader', namespace }, watchNamespaces === undefined ? 'platformNamespace' : 'platformNamespaceWhereSomeAreWatched');
  if (watchNamespaces === undefined) await give('ClusterRole', { name: namespace }, options.rules ?? 'cluster');
  for (const watched of watchNamespaces ?? []) await give('Role', { name: 'csms-operator', namespace: watched }, 'watchedNamespace');

  const folder = await mkdtemp(join(tmpdir(), 'csms-operator-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const config: unknown = JSON.parse(await cluster.kubectl('config', 'view', '--raw', '-o', 'json'));
  const token = (await cluster.kubectl('create', 'token', subject.name, '-n', namespace, '--duration', '1h')).trim();
  const name = stringAt(listAt(config, 'contexts').find((each) => isRecord(config) && stringAt(each, 'name') === config['current-context']), 'context', 'user');
  await writeFile(kubeconfig, JSON.stringify({ ...(isRecord(config) ? config : {}), users: [{ name, user: { token } }] }), { mode: 0o600 });

  const platform = {
    mode: 'production', namespace, images: { gateway: 'localhost/gateway:1', dashboard: 'localhost/dashboard:1', trainer: 'localhost/trainer:1' },
    apiUrl: booksUrl, oidc: { issuer: booksUrl }, ocpp: { port: 9221, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { port: 3500, url: 'https://csms.example.com' },
    secrets: { gatewayTls: 'csms-gateway-tls' }, routes: { gateway: { name: 'public', namespace: 'gateways' } },
    monitoring: { prometheusUrl: 'http://prometheus.monitoring:9090' },
    scheduling: { nodeSelector: { type: 'kwok' }, tolerations: [{ key: 'kwok.x-k8s.io/node' }] },
  };
  const running: RunningOperator[] = [];
  return {
    namespace,
    hidden,
    start: ({ nodeFlags = [], env = {}, platform: changes = {} } = {}) => {
      const child = spawn(process.execPath, [...nodeFlags, join(rootDir, 'operator/src/main.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env['PATH'], KUBECONFIG: kubeconfig, CSMS_API_URL: booksUrl, OIDC_ISSUER: booksUrl, OIDC_CLIENT_ID: 'csms-operator', OIDC_CLIENT_SECRET: `${clientSecret}`,
          CSMS_PLATFORM: JSON.stringify(merged(merged(platform, options.platform ?? {}), changes)), ADMIN_PORT: '0', POD_NAME: `operator-${randomUUID().slice(0, 4)}`, CSMS_DISCOVERY_SECONDS: '1',
          ...(watchNamespaces === undefined ? {} : { CSMS_WATCH_NAMESPACES: watchNamespaces.join(',') }), ...env,
        },
      });
      const lines: Record<string, unknown>[] = [];
      let rest = '';
      child.stdout.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString('utf8')).split('\n');
        rest = parts.pop() ?? '';
        for (const part of parts) if (part.startsWith('{')) lines.push(JSON.parse(part));
      });
      const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
      const operator = { child, lines, end: (signal: NodeJS.Signals) => (child.kill(signal), ended) };
      running.push(operator);
      return operator;
    },
    close: async () => {
      await Promise.all(running.filter(({ child }) => child.exitCode === null && child.signalCode === null).map((each) => each.end('SIGTERM')));
      await client.delete(clusterRoleBindingKind, { name: namespace });
      await client.delete(clusterRoleKind, { name: namespace });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A namespace of a tenant, whose pods keep to the restricted standard; the caller's cluster takes it away. */
export async function tenantNamespace(cluster: TestCluster, tenant: string): Promise<string> {
  const name = await cluster.namespace(tenant);
  await cluster.client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', [TENANT_LABEL]: tenant } } }, by);
  return name;
}
