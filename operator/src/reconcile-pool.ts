import { refOf } from '@csms/kube';
import type { Outcome } from '@csms/kube';
import { carried, desiredOfPool, poolKinds } from './site/desired.ts';
import { ownedLabels } from './site/names.ts';
import { namespaceOf, sitesOf } from './world.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 5000;

/** A pool of gateways by `namespace/pool`. No site owns it: it is sized from its members and goes with the last of them. */
export function poolReconciler(world: World): (key: string) => Promise<Outcome> {
  return async (key) => {
    const { namespace: namespaceName = '', name } = refOf(key);
    const { sites, invalid } = sitesOf(world, namespaceName);
    const members = carried(sites, world.clock.nowMs()).filter((site) => site.spec.gateway.pool === name);
    // A site that cannot be read may be a member; a mistyped spec is no reason to cut its sockets.
    if (members.length === 0 && invalid) return { kind: 'done' };
    const stations = new Map([...world.books].flatMap(([site, books]) => ('facts' in books && books.facts !== undefined ? [[site, books.facts.stations] as const] : [])));
    const pool = { name, namespace: namespaceOf(world, namespaceName), members, stations };
    const desired = desiredOfPool(pool, world.platform);
    try {
      await world.applier.run({ namespace: namespaceName, desired, prune: { kinds: poolKinds, labels: ownedLabels({ kind: 'pool', name }) } });
      world.failures.delete(`pool/${key}`);
    } catch (error) {
      world.failures.set(`pool/${key}`, error instanceof Error ? error.message : String(error));
      throw error;
    }
    const deleting = members.some((site) => site.metadata.deletionTimestamp !== undefined);
    return deleting ? { kind: 'done', againAfterMs: LOOK_AGAIN_MS } : { kind: 'done' };
  };
}
