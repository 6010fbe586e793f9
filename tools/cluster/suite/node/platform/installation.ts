import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { namespaceKind, secretKind } from '@csms/kube';
import { z } from 'zod';
import { by, rootDir, type TestCluster } from '../../test-cluster.ts';
import { openIdentity, type Identity, type Person } from './identity.ts';
import { PlatformApi } from './platform-api.ts';

const execute = promisify(execFile);
export const chart = join(rootDir, 'charts/csms');
/** Two cores, images made on the machine. */
export const values = ['small', 'local-images'].flatMap((name) => ['--values', join(chart, 'ci', `${name}-values.yaml`)]);
/** Under it the dashboard of the sample site signs people in. */
export const dashboardHost = 'bandung.csms.test';
const Workloads = z.object({ items: z.array(z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) })) });

/** The platform as `helm install` makes it on the cluster of the suite: the release csms in csms-system, sites in demo. */
export interface Installation {
  cluster: TestCluster;
  /** It was there before, and stays. */
  kept: boolean;
  namespace: string;
  /** Of the sample site. */
  siteNamespace: string;
  helm(...args: string[]): Promise<string>;
  /** A shell command with the cluster’s kubeconfig, as a reader of the notes types it. */
  shell(command: string): Promise<string>;
  secret(name: string): Promise<Record<string, string>>;
  /** Waits until every Deployment and StatefulSet of the release is rolled out. */
  untilRolledOut(): Promise<void>;
  /** The authority of the installation, PEM. */
  trustAnchors(): Promise<string>;
  identity(): Promise<Identity>;
  /** The API as a person of tenant demo with the role admin. */
  api(): Promise<PlatformApi>;
  admin: Person;
  close(): Promise<void>;
}

const LIMIT_MS = 420_000;

/** Makes the namespace and gives what one needs to install into it. Throws where there is one already: it would be somebody’s. */
export async function openInstallation(cluster: TestCluster): Promise<Installation> {
  const [namespace, siteNamespace] = ['csms-system', 'demo'];
  const { client } = cluster;
  // For whoever works on these proofs: an installation that stays, on a cluster that stays.
  const kept = process.env['CSMS_TEST_INSTALLATION'] === 'kept';
  if (!kept) for (const name of [namespace, siteNamespace]) if ((await client.get(namespaceKind, { name })) !== undefined) throw new Error(`there is a namespace ${name} in this cluster: it is not ours to install into`);
  await client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }, by);

  const run = async (program: string, args: string[]): Promise<string> =>
    (await execute(program, args, { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const secret = async (name: string): Promise<Record<string, string>> => {
    const data = z.record(z.string(), z.string()).parse((await client.get(secretKind, { namespace, name }))?.['data'] ?? {});
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]));
  };
  const one = async (name: string, key: string): Promise<string> => {
    const value = (await secret(name))[key];
    if (value === undefined) throw new Error(`the Secret ${name} has no ${key}`);
    return value;
  };
  const admin: Person = { username: 'rina', password: 'Long enough for a realm 1!' };
  let identity: Promise<Identity> | undefined;
  const openedIdentity = async (): Promise<Identity> => openIdentity({
    issuer: `https://csms-keycloak.${namespace}.svc:8443/realms/csms`, trustAnchors: await one('csms-trust', 'ca.crt'),
    administrator: { username: await one('csms-keycloak', 'KC_BOOTSTRAP_ADMIN_USERNAME'), password: await one('csms-keycloak', 'KC_BOOTSTRAP_ADMIN_PASSWORD') },
    client: { clientId: await one('csms-dashboard', 'OIDC_CLIENT_ID'), clientSecret: await one('csms-dashboard', 'OIDC_CLIENT_SECRET'), redirectUri: `https://${dashboardHost}/auth/callback` },
  });
  let api: Promise<PlatformApi> | undefined;
  const openedApi = async (): Promise<PlatformApi> => {
    identity ??= openedIdentity();
    const issuer = await identity;
    await issuer.makePerson(admin, siteNamespace, 'admin').catch((error: unknown) => { if (!kept) throw error; });
    return new PlatformApi(`http://csms-api.${namespace}.svc:8080`, () => issuer.tokenOf(admin));
  };
  return {
    cluster, kept, namespace, siteNamespace, secret, admin,
    helm: (...args) => run('helm', [...(kept && args[0] === 'install' ? ['upgrade', '--install', ...args.slice(1)] : args), '--namespace', namespace]),
    shell: (command) => run('sh', ['-ec', command]),
    async untilRolledOut() {
      const { items } = Workloads.parse(JSON.parse(await cluster.kubectl('-n', namespace, 'get', 'deployments,statefulsets', '-l', 'app.kubernetes.io/instance=csms', '-o', 'json')));
      await Promise.all(items.map(({ kind, metadata }) => run('kubectl', ['-n', namespace, 'rollout', 'status', `${kind.toLowerCase()}/${metadata.name}`, `--timeout=${LIMIT_MS / 1000}s`])));
    },
    trustAnchors: () => one('csms-trust', 'ca.crt'),
    identity: () => (identity ??= openedIdentity()),
    api: () => (api ??= openedApi()),
    async close() {
      await (await identity?.catch(() => undefined))?.close();
      if (kept) return;
      // Sites first: the operator lets them go.
      await run('kubectl', ['delete', 'namespace', siteNamespace, '--timeout=90s']).catch(() => undefined);
      await run('helm', ['uninstall', 'csms', '--namespace', namespace]).catch(() => undefined);
      await run('kubectl', ['delete', 'namespace', namespace, '--timeout=90s']).catch(() => undefined);
    },
  };
}
