import { deploymentKind } from '@csms/kube';
import type { Outcome } from '@csms/kube';
import { LOOK_AT_COPIES_EVERY_MS } from './platform-secrets.ts';
import type { PlatformSecrets } from './platform-secrets.ts';
import { refusalsOf } from './refusals.ts';
import { carried, desiredOfNamespace } from './site/desired.ts';
import { namespaceKinds } from './site/kinds.ts';
import { DASHBOARD_NAME, isPaused, ownedLabels } from './site/names.ts';
import { isEnding, namespaceOf, runningVersion, sitesOf } from './world.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 5000;

/** A namespace by its name: the platform's Secrets, the dashboard and what goes with them, as long as it has sites. One paused site holds all of it still. */
export function namespaceReconciler(world: World, secrets: PlatformSecrets): (key: string) => Promise<Outcome> {
  return async (name) => {
    const { sites, invalid } = sitesOf(world, name);
    const counted = carried(sites, world.clock.nowMs());
    if ((counted.length === 0 && invalid) || isEnding(world, name) || counted.some(isPaused)) return { kind: 'done' };
    try {
      if (counted.length > 0) await secrets.copyInto(name);
      const desired = desiredOfNamespace(namespaceOf(world, name), counted, world.foreignHosts(name), world.platform, world.offers, runningVersion(world, deploymentKind, `${name}/${DASHBOARD_NAME}`));
      await world.applier.run({ namespace: name, desired, prune: { kinds: namespaceKinds, labels: ownedLabels({ kind: 'namespace' }) } });
      world.failures.delete(`namespace/${name}`);
    } catch (error) {
      world.failures.set(`namespace/${name}`, refusalsOf(error));
      throw error;
    }
    if (counted.length === 0) await secrets.removeFrom(name);
    const deleting = counted.some((site) => site.metadata.deletionTimestamp !== undefined);
    return deleting ? { kind: 'done', againAfterMs: LOOK_AGAIN_MS } : counted.length > 0 ? { kind: 'done', againAfterMs: LOOK_AT_COPIES_EVERY_MS } : { kind: 'done' };
  };
}
