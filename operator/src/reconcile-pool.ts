import { ApplyError, deploymentKind, horizontalPodAutoscalerKind, isNotOffered, keyOf, numberAt, podKind, refOf, scaledObjectKind } from '@csms/kube';
import type { Desired, Kind, KubernetesObject, Outcome } from '@csms/kube';
import { refusalsOf } from './refusals.ts';
import { autoscaledBy } from './site/autoscaler.ts';
import { carried, desiredOfPool } from './site/desired.ts';
import { poolKindsToPrune } from './site/kinds.ts';
import { FIELD_MANAGER, gatewayName, isPaused, ownedLabels, selectorOf } from './site/names.ts';
import { sizeOfPool } from './site/pool.ts';
import type { Pool } from './site/pool.ts';
import { booksOf, isEnding, namespaceOf, ours, runningVersion, sitesOf } from './world.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 5000;

/**
 * A pool of gateways by `namespace/pool`. No site owns it: it is sized from its members and goes with the last of them. One paused member
 * holds the whole pool still. `changed` is called when it begins or ends to wait for its turn to replace its gateways, or waits for another.
 */
export function poolReconciler(world: World, changed: (key: string) => void): (key: string) => Promise<Outcome> {
  return async (key) => {
    const { namespace: namespaceName = '', name } = refOf(key);
    const { sites, invalid } = sitesOf(world, namespaceName);
    const members = carried(sites, world.clock.nowMs()).filter((site) => site.spec.gateway.pool === name);
    // A site that cannot be read may be a member; a mistyped spec is no reason to cut its sockets.
    if ((members.length === 0 && invalid) || isEnding(world, namespaceName) || members.some(isPaused)) return { kind: 'done' };
    const stations = new Map(members.flatMap((site) => {
      const books = booksOf(world, site);
      return 'facts' in books && books.facts !== undefined ? [[keyOf(site.metadata), books.facts.stations] as const] : [];
    }));
    const deployment = `${namespaceName}/${gatewayName(name)}`;
    const pool = { name, namespace: namespaceOf(world, namespaceName), members, foreignHosts: world.foreignHosts(namespaceName), stations, running: runningVersion(world, deploymentKind, deployment) };
    const draining = members.length === 0 && (await gatewaysLeft(world, namespaceName, name));
    const prune = { kinds: poolKindsToPrune(draining), labels: ownedLabels({ kind: 'pool', name }) };
    const apply = async (desired: Desired[]): Promise<void> => {
      await world.applier.run({ namespace: namespaceName, desired: await world.rollouts.admitted(desired), prune });
    };
    const waitedFor = world.rollouts.waitsFor(deployment)?.join();
    try {
      await handOver(world, pool, apply);
      await apply(desiredOfPool(pool, world.platform, world.offers));
      world.failures.delete(`pool/${key}`);
    } catch (error) {
      world.rollouts.failed(deployment, error);
      world.failures.set(`pool/${key}`, refusalsOf(error));
      throw error;
    }
    const deleting = members.some((site) => site.metadata.deletionTimestamp !== undefined);
    const waits = world.rollouts.waits(deployment);
    if (world.rollouts.waitsFor(deployment)?.join() !== waitedFor) changed(key);
    return deleting || draining || waits ? { kind: 'done', againAfterMs: LOOK_AGAIN_MS } : { kind: 'done' };
  };
}

/** Whether gateways of a pool are still there: they go on for a while after their Deployment. A cluster without pods, as the local one, says no. */
async function gatewaysLeft(world: World, namespace: string, pool: string): Promise<boolean> {
  const selector = Object.entries(selectorOf('ocpp-gateway', { kind: 'pool', name: pool }));
  try {
    const { items } = await world.client.list(podKind, { namespace, labelSelector: selector.map(([label, value]) => `${label}=${value}`).join(','), limit: 1 });
    return items.length > 0;
  } catch (error) {
    if (isNotOffered(error)) return false;
    throw error;
  }
}

/** Says of a Deployment who counts its replicas. */
const COUNTED_BY = 'csms.charge-it.io/replicas-by';

/**
 * Leaves the number of gateways to an autoscaler without a moment in which it is nobody's: a field that its only manager no longer states
 * falls back to its default, and one gateway is a fleet that reconnects. So a second manager holds the number until the autoscaler writes it
 * (kubernetes.io, "Transferring ownership" of server-side apply).
 */
async function handOver(world: World, pool: Pool, apply: (desired: Desired[]) => Promise<void>): Promise<void> {
  if (pool.members.length === 0) return;
  const { name: namespace } = pool.namespace;
  const metadata = { name: gatewayName(pool.name), namespace };
  const observed = ours(world, deploymentKind, `${namespace}/${metadata.name}`);
  const byAutoscaler = autoscaledBy(world.platform, world.offers) !== 'operator';
  if (byAutoscaler === (observed?.metadata.annotations?.[COUNTED_BY] === 'autoscaler')) return;
  const { apiVersion, kind } = deploymentKind;
  const hold = async (fields: Pick<KubernetesObject, 'spec'>, annotations: Record<string, string>): Promise<void> =>
    void (await world.client.apply(deploymentKind, { apiVersion, kind, metadata: { ...metadata, annotations }, ...fields }, { fieldManager: `${FIELD_MANAGER}-replicas`, force: true }));
  const counted = desiredOfPool(pool, world.platform, (each) => world.offers(each) && !autoscalers.includes(each));
  if (observed === undefined || !byAutoscaler) {
    await apply(counted).catch((error: unknown) => {
      // Of what else was refused the next apply tells, with the rest of the pool: a refused monitor is no reason to go without an autoscaler.
      if (!(error instanceof ApplyError) || error.refusals.some(({ kind: refused }) => refused === deploymentKind.kind)) throw error;
    });
  }
  if (!byAutoscaler) return hold({}, {});
  const current = await world.client.get(deploymentKind, metadata);
  await hold({ spec: { replicas: numberAt(current, 'spec', 'replicas') ?? sizeOfPool(pool).replicas } }, { [COUNTED_BY]: 'autoscaler' });
}

const autoscalers: Kind[] = [horizontalPodAutoscalerKind, scaledObjectKind];
