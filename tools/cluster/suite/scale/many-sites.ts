import { TENANT_LABEL, chargingSiteKind } from '@csms/contracts/charging-site/index';
import { listAt, namespaceKind, stringAt, type KubernetesObject } from '@csms/kube';
import { by, siteObject, type TestCluster } from '../test-cluster.ts';

/** Sites by namespace: `count` namespaces of `each`, every namespace a tenant's, some sites with a host of their own. */
export interface ManySites {
  namespaces: string[];
  sites: { namespace: string; name: string }[];
}

export function manySites(prefix: string, count: number, each: number): ManySites {
  const namespaces = Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(3, '0')}`);
  return { namespaces, sites: namespaces.flatMap((namespace) => Array.from({ length: each }, (_, index) => ({ namespace, name: `site-${index}` }))) };
}

/** Runs `work` over the items, so many at once. */
export async function inParallel<T>(items: readonly T[], workers: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values();
  await Promise.all(Array.from({ length: workers }, async () => { for (const item of rest) await work(item); }));
}

export const makeNamespaces = (cluster: TestCluster, { namespaces }: ManySites): Promise<void> => inParallel(namespaces, 8, (name) =>
  cluster.client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', [TENANT_LABEL]: name } } }, by));

export const specOf = ({ namespace, name }: { namespace: string; name: string }) => ({ displayName: `${namespace} ${name}`, ...(name.endsWith('0') ? { dashboard: { host: `${name}.${namespace}.example.com` } } : {}) });
export const makeSites = (cluster: TestCluster, { sites }: ManySites): Promise<void> => inParallel(sites, 8, (ref) => cluster.client.apply(chargingSiteKind, siteObject(ref.namespace, ref.name, specOf(ref)), by));

/** Takes all of it away, and waits until the namespaces are gone. */
export async function removeNamespaces(cluster: TestCluster, { namespaces }: ManySites): Promise<void> {
  await inParallel(namespaces, 8, (name) => cluster.client.delete(namespaceKind, { name }));
}

export const isReady = (site: KubernetesObject): boolean => listAt(site, 'status', 'conditions').some((each) => stringAt(each, 'type') === 'Ready' && stringAt(each, 'status') === 'True');

/** Every site of the namespaces, as the cluster has it now. */
export async function sitesNow(cluster: TestCluster, { namespaces }: ManySites): Promise<KubernetesObject[]> {
  const wanted = new Set(namespaces);
  const found: KubernetesObject[] = [];
  let continueToken: string | undefined;
  do {
    const page = await cluster.client.list(chargingSiteKind, { limit: 500, ...(continueToken === undefined ? {} : { continueToken }) });
    found.push(...page.items.filter(({ metadata }) => wanted.has(metadata.namespace ?? '')));
    continueToken = page.continueToken;
  } while (continueToken !== undefined);
  return found;
}
