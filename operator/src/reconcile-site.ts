import { BOOKS_FINALIZER, ChargingSiteError, ChargingSiteStatus, chargingSiteKind } from '@csms/contracts/charging-site/index';
import { isDeepStrictEqual } from 'node:util';
import { ClusterError, at, cronJobKind, refOf } from '@csms/kube';
import type { KubernetesObject, Outcome } from '@csms/kube';
import { announce } from './announce.ts';
import { observe } from './observe.ts';
import { refusalsOf } from './refusals.ts';
import { desiredOfSite } from './site/desired.ts';
import { siteKinds } from './site/kinds.ts';
import { FIELD_MANAGER, isPaused, ownedLabels, trainerName } from './site/names.ts';
import { invalidStatus, status } from './site/status.ts';
import { isEnding, namespaceOf, nowOf, readSite, runningVersion } from './world.ts';
import type { World } from './world.ts';

/** A site by `namespace/name`: its own objects, then its status. A paused one gets its status alone. */
export function siteReconciler(world: World): (key: string) => Promise<Outcome> {
  return async (key) => {
    const object = world.sites.get(key);
    if (object === undefined) {
      world.failures.delete(`site/${key}`);
      return { kind: 'done' };
    }
    const site = readSite(object);
    const { namespace: namespaceName = '', name } = refOf(key);
    if (site instanceof ChargingSiteError) {
      const before = at(object, 'status');
      await writeStatus(world, object, invalidStatus(statusOf(before), object.metadata.generation ?? 0, site.message, nowOf(world)));
      return { kind: 'terminal', reason: site.message };
    }
    const namespace = namespaceOf(world, namespaceName);
    let failure: unknown;
    if (!isPaused(site) && !isEnding(world, namespaceName)) {
      if (object.metadata.deletionTimestamp === undefined && object.metadata.finalizers?.includes(BOOKS_FINALIZER) !== true) await holdForBooks(world, object);
      try {
        await world.applier.run({ namespace: namespaceName, desired: desiredOfSite(site, namespace, world.platform, runningVersion(world, cronJobKind, `${namespaceName}/${trainerName(name, 'daily')}`)), prune: { kinds: siteKinds, labels: ownedLabels({ kind: 'site', name }) } });
        world.failures.delete(`site/${key}`);
      } catch (error) {
        failure = error;
        world.failures.set(`site/${key}`, refusalsOf(error));
      }
    }
    await writeStatus(world, object, status(site, namespace, world.platform, observe(world, site), nowOf(world)));
    if (failure !== undefined) throw failure;
    return { kind: 'done' };
  };
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
    // Nothing can be made any more in a namespace that goes as a whole.
    if (!isEnding(world, metadata.namespace ?? '')) announce(world.events, object, statusOf(at(object, 'status')), next);
  } catch (error) {
    if (!(error instanceof ClusterError && error.status === 404)) throw error;
  }
}

function statusOf(value: unknown): ChargingSiteStatus | undefined {
  const parsed = ChargingSiteStatus.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
