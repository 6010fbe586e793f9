import { BOOKS_FINALIZER, ChargingSiteError, ChargingSiteStatus, chargingSiteKind } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import { isDeepStrictEqual } from 'node:util';
import { ClusterError, at, keyOf, numberAt, refOf } from '@csms/kube';
import type { KubernetesObject, Outcome } from '@csms/kube';
import { desiredOfSite, siteKinds } from './site/desired.ts';
import { dashboardNamespace } from './site/dashboard.ts';
import { DASHBOARD_NAME, FIELD_MANAGER, gatewayName, ownedLabels, trainerName } from './site/names.ts';
import { invalidStatus, status } from './site/status.ts';
import type { Observed, Rollout } from './site/status.ts';
import { namespaceOf, nowOf, readSite } from './world.ts';
import type { World } from './world.ts';

/** A site by `namespace/name`: its own objects, then its status. */
export function siteReconciler(world: World): (key: string) => Promise<Outcome> {
  return async (key) => {
    const object = world.sites.get(key);
    if (object === undefined) return { kind: 'done' };
    const site = readSite(object);
    const { namespace: namespaceName = '', name } = refOf(key);
    if (site instanceof ChargingSiteError) {
      const before = at(object, 'status');
      await writeStatus(world, object, invalidStatus(statusOf(before), object.metadata.generation ?? 0, site.message, nowOf(world)));
      return { kind: 'terminal', reason: site.message };
    }
    if (object.metadata.deletionTimestamp === undefined && object.metadata.finalizers?.includes(BOOKS_FINALIZER) !== true) await holdForBooks(world, object);
    const namespace = namespaceOf(world, namespaceName);
    const labels = ownedLabels({ kind: 'site', name });
    let failure: unknown;
    try {
      await world.applier.run({ namespace: namespaceName, desired: desiredOfSite(site, namespace, world.platform), prune: { kinds: siteKinds, labels } });
      world.failures.delete(`site/${key}`);
    } catch (error) {
      failure = error;
      world.failures.set(`site/${key}`, error instanceof Error ? error.message : String(error));
    }
    await writeStatus(world, object, status(site, namespace, world.platform, observe(world, site), nowOf(world)));
    if (failure !== undefined) throw failure;
    return { kind: 'done' };
  };
}

/** Reads what a status is made from out of the copies. */
function observe(world: World, site: ChargingSite): Observed {
  const { namespace, name } = site.metadata;
  const key = keyOf(site.metadata);
  const pool = site.spec.gateway.pool;
  const failures = {
    GatewayAvailable: world.failures.get(`pool/${namespace}/${pool}`),
    DashboardAvailable: world.failures.get(`namespace/${namespace}`),
    TrainerScheduled: world.failures.get(`site/${key}`),
  };
  const scheduled = (kind: 'daily' | 'deep'): boolean => world.cronJobs.get(`${namespace}/${trainerName(name, kind)}`) !== undefined;
  return {
    gateways: rolloutOf(world.deployments.get(`${namespace}/${gatewayName(pool)}`)),
    dashboard: rolloutOf(world.deployments.get(`${dashboardNamespace(namespace, world.platform)}/${DASHBOARD_NAME}`)),
    trainers: { daily: scheduled('daily'), deep: scheduled('deep') },
    books: world.books.get(key) ?? { state: 'pending' },
    failures: Object.fromEntries(Object.entries(failures).filter(([, message]) => message !== undefined)),
    offered: world.offered,
  };
}

/** Ready counts only once the Deployment's controller has seen the spec that asks for this many. */
function rolloutOf(deployment: KubernetesObject | undefined): Rollout | undefined {
  if (deployment === undefined) return undefined;
  const seen = (numberAt(deployment, 'status', 'observedGeneration') ?? 0) >= (deployment.metadata.generation ?? 0);
  return { desired: numberAt(deployment, 'spec', 'replicas') ?? 1, ready: seen ? (numberAt(deployment, 'status', 'readyReplicas') ?? 0) : 0 };
}

async function holdForBooks(world: World, object: KubernetesObject): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const held = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace, finalizers: [BOOKS_FINALIZER] } };
  await world.client.apply(chargingSiteKind, held, { fieldManager: FIELD_MANAGER, force: true });
}

/** Writes the status only if it differs from what the cluster has. A site that went meanwhile needs none. */
async function writeStatus(world: World, object: KubernetesObject, next: ChargingSiteStatus): Promise<void> {
  if (isDeepStrictEqual(at(object, 'status'), next)) return;
  const { apiVersion, kind, metadata } = object;
  try {
    await world.client.applyStatus(chargingSiteKind, { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, status: next }, { fieldManager: FIELD_MANAGER, force: true });
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 404)) throw error;
  }
}

function statusOf(value: unknown): ChargingSiteStatus | undefined {
  const parsed = ChargingSiteStatus.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
