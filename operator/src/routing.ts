import { at, keyOf, listAt, refOf, stringAt } from '@csms/kube';
import type { Change, KubernetesObject } from '@csms/kube';
import { OWNER_LABEL, ownerOf } from './site/names.ts';
import type { World } from './world.ts';

/** Where keys of each controller go. */
export interface Queues {
  site(key: string): void;
  pool(key: string): void;
  namespace(name: string): void;
  books(key: string): void;
}

const poolOf = (site: KubernetesObject | undefined): string => stringAt(site, 'spec', 'gateway', 'pool') ?? 'default';
const hostsOf = (site: KubernetesObject | undefined): string[] => [stringAt(site, 'spec', 'ocpp', 'host'), stringAt(site, 'spec', 'dashboard', 'host')].filter((host) => host !== undefined);

/** Which change makes which key be looked at. */
export class Routing {
  #world: World;
  #queues: Queues;

  constructor(world: World, queues: Queues) {
    this.#world = world;
    this.#queues = queues;
  }

  route(kind: 'site' | 'namespace' | 'owned', change: Change): void {
    if (kind === 'site') this.#siteChanged(change);
    else if (kind === 'namespace') this.#namespaceChanged(change.key);
    else this.#ownedChanged(change);
  }

  /** Everything: at the start, and when the cluster offers another kind. Also owners whose last site went while nobody looked. */
  all(): void {
    for (const { metadata } of this.#world.sites.list()) this.#wholeSite(`${metadata.namespace}/${metadata.name}`);
    for (const copy of this.#world.copies.values())
      for (const { metadata } of copy.list()) {
        const owner = ownerOf(metadata.labels?.[OWNER_LABEL]);
        const namespace = metadata.namespace ?? '';
        if (owner?.kind === 'site') this.#queues.site(`${namespace}/${owner.name}`);
        if (owner?.kind === 'pool') this.#queues.pool(`${namespace}/${owner.name}`);
        if (owner?.kind === 'namespace') this.#queues.namespace(namespace);
      }
  }

  /** The platform's Secrets are others than before. */
  namespaces(): void {
    for (const name of new Set(this.#world.sites.list().map(({ metadata }) => metadata.namespace ?? ''))) this.#queues.namespace(name);
  }

  /** The books say something else of a site: its status, and the size of its pool. */
  booksChanged(key: string): void {
    this.#queues.site(key);
    this.#queues.pool(`${refOf(key).namespace}/${poolOf(this.#world.sites.get(key))}`);
  }

  /** A pool waits, or does not any more: the status of its sites. */
  poolChanged(key: string): void {
    const { namespace, name } = refOf(key);
    for (const site of this.#world.sites.list()) if (site.metadata.namespace === namespace && poolOf(site) === name) this.#queues.site(keyOf(site.metadata));
  }

  #siteChanged(change: Change): void {
    const { object, old, key } = change;
    this.#queues.site(key);
    // A status that we wrote ourselves is no news for pool, namespace and books.
    if (change.type === 'updated' && sameIntent(change)) return;
    const namespace = object.metadata.namespace ?? '';
    this.#queues.books(key);
    this.#queues.namespace(namespace);
    for (const each of [object, old]) if (each !== undefined) this.#queues.pool(`${namespace}/${poolOf(each)}`);
    // A host that this site takes or leaves may be what another one waits for.
    const hosts = new Set([...hostsOf(object), ...hostsOf(old)]);
    for (const other of this.#world.sites.list()) if (other.metadata.namespace !== namespace && hostsOf(other).some((host) => hosts.has(host))) this.#wholeSite(`${other.metadata.namespace}/${other.metadata.name}`);
  }

  /** Its tenant may have changed. */
  #namespaceChanged(name: string): void {
    for (const { metadata } of this.#world.sites.list()) if (metadata.namespace === name) this.#wholeSite(`${name}/${metadata.name}`);
  }

  #ownedChanged({ object, key }: Change): void {
    const namespace = object.metadata.namespace ?? key;
    const owner = ownerOf(object.metadata.labels?.[OWNER_LABEL]);
    if (owner?.kind === 'site') return this.#queues.site(`${namespace}/${owner.name}`);
    if (owner?.kind === 'pool') this.#queues.pool(`${namespace}/${owner.name}`);
    if (owner?.kind === 'namespace') this.#queues.namespace(namespace);
    // One dashboard may serve all namespaces, so its change is news for all sites.
    const shared = this.#world.platform.dashboard.onlyNamespace !== undefined && owner?.kind === 'namespace';
    for (const { metadata } of this.#world.sites.list()) if (shared || metadata.namespace === namespace) this.#queues.site(`${metadata.namespace}/${metadata.name}`);
  }

  #wholeSite(key: string): void {
    this.#queues.site(key);
    this.#queues.books(key);
    const namespace = refOf(key).namespace ?? '';
    this.#queues.pool(`${namespace}/${poolOf(this.#world.sites.get(key))}`);
    this.#queues.namespace(namespace);
  }
}

function sameIntent({ object, old }: Change): boolean {
  const intent = (each: unknown): string => JSON.stringify([at(each, 'metadata', 'generation'), at(each, 'metadata', 'deletionTimestamp'), listAt(each, 'metadata', 'finalizers'), at(each, 'metadata', 'labels'), at(each, 'metadata', 'annotations')]);
  return intent(object) === intent(old);
}
