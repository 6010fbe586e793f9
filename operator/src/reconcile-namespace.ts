import { secretKind } from '@csms/kube';
import type { Outcome } from '@csms/kube';
import { refusalsOf } from './refusals.ts';
import { carried, desiredOfNamespace } from './site/desired.ts';
import { namespaceKinds } from './site/kinds.ts';
import { FIELD_MANAGER, OWNER_LABEL, isPaused, ownedLabels, ownerLabel } from './site/names.ts';
import { isEnding, namespaceOf, sitesOf } from './world.ts';
import type { World } from './world.ts';

const LOOK_AGAIN_MS = 5000;
/** How often the platform's Secrets are copied anew, so that a rotated one arrives: Secrets are read by name and never watched. */
const COPY_SECRETS_EVERY_MS = 60_000;

/** A namespace by its name: the platform's Secrets, the dashboard and what goes with them, as long as it has sites. One paused site holds all of it still. */
export function namespaceReconciler(world: World): (key: string) => Promise<Outcome> {
  const copiedAtMs = new Map<string, number>();
  return async (name) => {
    const { sites, invalid } = sitesOf(world, name);
    const counted = carried(sites, world.clock.nowMs());
    if ((counted.length === 0 && invalid) || isEnding(world, name) || counted.some(isPaused)) return { kind: 'done' };
    try {
      const copied = copiedAtMs.get(name);
      if (counted.length > 0 && (copied === undefined || world.clock.nowMs() - copied >= COPY_SECRETS_EVERY_MS)) {
        await copySecrets(world, name);
        copiedAtMs.set(name, world.clock.nowMs());
      }
      const desired = desiredOfNamespace(namespaceOf(world, name), counted, world.foreignHosts(name), world.platform, world.offers);
      await world.applier.run({ namespace: name, desired, prune: { kinds: namespaceKinds, labels: ownedLabels({ kind: 'namespace' }) } });
      world.failures.delete(`namespace/${name}`);
    } catch (error) {
      world.failures.set(`namespace/${name}`, refusalsOf(error));
      throw error;
    }
    if (counted.length === 0) {
      await removeSecrets(world, name);
      copiedAtMs.delete(name);
    }
    const deleting = counted.some((site) => site.metadata.deletionTimestamp !== undefined);
    return deleting ? { kind: 'done', againAfterMs: LOOK_AGAIN_MS } : counted.length > 0 ? { kind: 'done', againAfterMs: COPY_SECRETS_EVERY_MS } : { kind: 'done' };
  };
}

/** The Secrets that a namespace with sites needs. */
function secretNames(platform: World['platform']): Set<string> {
  return new Set(Object.values(platform.secrets).filter((name) => name !== undefined));
}

/** Takes the copies away again, and only those that carry our label. */
async function removeSecrets(world: World, namespace: string): Promise<void> {
  if (world.platform.namespace === undefined || world.platform.namespace === namespace) return;
  for (const name of secretNames(world.platform)) {
    const copy = await world.client.get(secretKind, { namespace, name });
    if (copy?.metadata.labels?.[OWNER_LABEL] === ownerLabel({ kind: 'namespace' })) await world.client.delete(secretKind, { namespace, name }, { uid: copy.metadata.uid });
  }
}

/** Copies the platform's Secrets into a namespace with sites; its pods can only read their own namespace's. */
async function copySecrets(world: World, namespace: string): Promise<void> {
  const source = world.platform.namespace;
  if (source === undefined || source === namespace) return;
  for (const name of secretNames(world.platform)) {
    const secret = await world.client.get(secretKind, { namespace: source, name });
    if (secret === undefined) throw new Error(`The platform's Secret ${source}/${name} does not exist.`);
    const copy = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels: ownedLabels({ kind: 'namespace' }) }, type: secret.type ?? 'Opaque', data: secret.data ?? {} };
    await world.client.apply(secretKind, copy, { fieldManager: FIELD_MANAGER, force: true });
  }
}
