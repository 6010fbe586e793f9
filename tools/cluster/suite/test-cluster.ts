import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HttpClusterClient, isRecord, namespaceKind, type ClusterClient, type JsonObject, type Kind, type KubernetesObject, type Transport } from '@csms/kube';
import { kubeconfigTransport } from '@csms/kube/kubeconfig';
import { until } from '@csms/kube/testing/until';
import { request } from 'undici';
import { parse } from 'yaml';

const execute = promisify(execFile);
export const rootDir = join(import.meta.dirname, '../../..');
/** Everything that the suite applies is applied under this name. */
export const by = { fieldManager: 'csms-suite', force: true };

export const crdKind: Kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', plural: 'customresourcedefinitions', namespaced: false };

/** A real API server, whoever made it. */
export interface TestCluster {
  kubeconfig: string;
  client: ClusterClient;
  /** A namespace of one's own, which goes at `close`; pods in it keep to the restricted standard. */
  namespace(prefix: string): Promise<string>;
  kubectl(...args: string[]): Promise<string>;
  /** One request as it is, for what the client does not offer: dry runs, tables. The body goes as server-side apply. */
  ask(method: 'GET' | 'PATCH', path: string, options?: { accept?: string; body?: unknown }): Promise<{ status: number; body: unknown }>;
  close(): Promise<void>;
}

/** Opens the cluster that `npm run test:cluster` made or was given. */
export async function openTestCluster(): Promise<TestCluster> {
  const kubeconfig = process.env['CSMS_TEST_KUBECONFIG'];
  if (kubeconfig === undefined) throw new Error('These tests need a cluster: npm run test:cluster');
  const transport: Transport = await kubeconfigTransport(kubeconfig);
  const client = new HttpClusterClient(transport);
  const namespaces: string[] = [];
  return {
    kubeconfig, client,
    namespace: async (prefix) => {
      const name = `${prefix}-${randomUUID().slice(0, 8)}`;
      await client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }, by);
      namespaces.push(name);
      return name;
    },
    kubectl: async (...args) => (await execute('kubectl', args, { env: { ...process.env, KUBECONFIG: kubeconfig }, timeout: 60_000, maxBuffer: 16 * 1024 * 1024 })).stdout,
    ask: async (method, path, { accept = 'application/json', body } = {}) => {
      const answer = await request(transport.origin + path, {
        method, dispatcher: transport.dispatcher,
        headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/apply-patch+yaml' }), ...(await transport.headers()) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    },
    close: async () => {
      for (const name of namespaces) await client.delete(namespaceKind, { name });
      await client.close();
    },
  };
}

/** A YAML file of the repository, which holds one object. */
export function readObject(file: string): KubernetesObject {
  return parse(readFileSync(join(rootDir, file), 'utf8')) as KubernetesObject;
}

/** The ChargingSite CRD of the chart, applied and served. It stays: sites of others may be in that cluster. */
export async function applySiteCrd(cluster: TestCluster): Promise<KubernetesObject> {
  const crd = readObject('charts/csms/crds/chargingsites.yaml');
  const applied = await cluster.client.apply(crdKind, crd, by);
  await until('the kind ChargingSite is served', async () => {
    const { status } = await cluster.ask('GET', '/apis/csms.charge-it.io/v1alpha1/chargingsites?limit=1');
    return status === 200;
  });
  return applied;
}

/** `b` over `a`, object by object. */
export function merged(a: JsonObject, b: JsonObject): JsonObject {
  return Object.entries(b).reduce<JsonObject>((out, [field, value]) => {
    const before = out[field];
    return { ...out, [field]: isRecord(value) && isRecord(before) ? merged(before, value) : value };
  }, a);
}

const base: JsonObject = { displayName: 'SPKLU Bandung 01', location: { latitude: -6.9147, longitude: 107.6098, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 150 } };

/** A site with what it must have and the given changes of its spec. */
export function siteObject(namespace: string, name: string, spec: JsonObject = {}): KubernetesObject {
  return { apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name, namespace }, spec: merged(base, spec) };
}
