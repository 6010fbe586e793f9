import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ClusterError } from '../client.ts';
import { applyFields, type FieldSet } from '../field-sets.ts';
import type { Kind } from '../kind.ts';
import { isKubernetesObject, keyOf, type KubernetesObject, type ObjectRef } from '../object.ts';
import { matches } from '../selector.ts';

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  kind: Kind;
  version: number;
  object: KubernetesObject;
}

/** Says why an object may not be stored, or undefined. The host gives it: rules of a kind are not the store's business. */
export type Admit = (object: KubernetesObject, old: KubernetesObject | undefined) => string | undefined;

interface Entry {
  kind: Kind;
  object: KubernetesObject;
  managers: Map<string, FieldSet>;
}

const HISTORY_EVENTS = 2000;

/** The objects of the local cluster, in memory: versions, server-side apply, finalizers, garbage collection by owner, events. */
export class ObjectStore {
  readonly kinds: Kind[];
  #admit: Admit;
  #entries = new Map<string, Entry>();
  version = 1;
  #history: StoreEvent[] = [];
  #listeners = new Set<(event: StoreEvent) => void>();

  constructor(kinds: Kind[], admit: Admit) {
    this.kinds = kinds;
    this.#admit = admit;
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events of a kind after a version, or undefined when they are no longer remembered. */
  eventsAfter(kind: Kind, version: number): StoreEvent[] | undefined {
    if (this.#history.length >= HISTORY_EVENTS && version < (this.#history[0]?.version ?? 0) - 1) return undefined;
    return this.#history.filter((event) => event.kind === kind && event.version > version);
  }

  get(kind: Kind, ref: ObjectRef): KubernetesObject | undefined {
    return this.#entries.get(entryKey(kind, ref))?.object;
  }

  list(kind: Kind, options: { namespace?: string; labelSelector?: string } = {}): KubernetesObject[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.kind === kind && (options.namespace === undefined || entry.object.metadata.namespace === options.namespace))
      .map((entry) => entry.object)
      .filter((object) => matches(object, options.labelSelector))
      .sort((a, b) => (keyOf(a.metadata) < keyOf(b.metadata) ? -1 : 1));
  }

  /** Server-side apply to the object, or only to its status. Nothing changes, and no version moves, when the result is the same. */
  apply(kind: Kind, ref: ObjectRef, config: unknown, options: { manager: string; force: boolean; status: boolean }): KubernetesObject {
    if (!isKubernetesObject(config) || config.kind !== kind.kind || config.apiVersion !== kind.apiVersion || config.metadata.name !== ref.name)
      throw new ClusterError(400, 'BadRequest', 'The body does not name the object of the path.');
    const entry = this.#entries.get(entryKey(kind, ref));
    if (entry === undefined && options.status) throw notFound(kind, ref);
    const namespace = this.#namespace(ref.namespace);
    if (kind.namespaced && namespace === undefined) throw new ClusterError(404, 'NotFound', `namespaces "${ref.namespace}" not found`, { about: ref.namespace });
    if (entry === undefined && namespace?.object.metadata.deletionTimestamp !== undefined)
      throw new ClusterError(403, 'Forbidden', `namespace ${ref.namespace} is being terminated`, { about: ref.namespace });
    const { status, metadata, stringData, ...body } = config;
    for (const [name, text] of Object.entries(stringData ?? {})) body.data = { ...body.data, [name]: Buffer.from(text).toString('base64') };
    const { labels, annotations, finalizers, ownerReferences } = metadata;
    const wanted = options.status ? { status } : { ...body, metadata: { labels, annotations, finalizers, ownerReferences } };
    const object: KubernetesObject = structuredClone(entry?.object ?? { apiVersion: kind.apiVersion, kind: kind.kind, metadata: newMetadata(ref) });
    const manager = options.status ? `${options.manager}/status` : options.manager;
    const managers = applyFields(object, entry?.managers ?? new Map(), manager, wanted, options.force);
    return this.#store({ kind, object, managers }, entry);
  }

  delete(kind: Kind, ref: ObjectRef, uid?: string): KubernetesObject {
    const entry = this.#entries.get(entryKey(kind, ref));
    if (entry === undefined) throw notFound(kind, ref);
    if (uid !== undefined && uid !== entry.object.metadata.uid) throw new ClusterError(409, 'Conflict', `${kind.kind} "${ref.name}" is another one by now.`, { about: ref.name });
    if (entry.object.metadata.deletionTimestamp !== undefined) return entry.object;
    const object = structuredClone(entry.object);
    object.metadata.deletionTimestamp = new Date().toISOString();
    if (kind.kind === 'Namespace')
      for (const other of [...this.#entries.values()]) if (other.object.metadata.namespace === ref.name) this.delete(other.kind, other.object.metadata);
    return this.#store({ ...entry, object }, entry);
  }

  #namespace(name: string | undefined): Entry | undefined {
    return [...this.#entries.values()].find((entry) => entry.kind.kind === 'Namespace' && entry.object.metadata.name === name);
  }

  #store(entry: Entry, old: Entry | undefined): KubernetesObject {
    const { object } = entry;
    if (old !== undefined && isDeepStrictEqual(object, old.object)) {
      old.managers = entry.managers;
      return old.object;
    }
    const changed = old === undefined || !isDeepStrictEqual(intentOf(object), intentOf(old.object));
    if (changed && object.metadata.deletionTimestamp === undefined) {
      const reason = this.#admit(object, old?.object);
      if (reason !== undefined) throw new ClusterError(422, 'Invalid', reason, { about: object.metadata.name });
    }
    if (changed) object.metadata.generation = (object.metadata.generation ?? 0) + 1;
    const key = entryKey(entry.kind, object.metadata);
    const held = (object.metadata.finalizers ?? []).length > 0 || (entry.kind.kind === 'Namespace' && this.#occupied(object.metadata.name));
    if (object.metadata.deletionTimestamp !== undefined && !held) {
      this.#entries.delete(key);
      this.#emit('DELETED', entry);
      this.#collect(object);
    } else {
      this.#entries.set(key, entry);
      this.#emit(old === undefined ? 'ADDED' : 'MODIFIED', entry);
    }
    return object;
  }

  #occupied(namespace: string): boolean {
    return [...this.#entries.values()].some((entry) => entry.object.metadata.namespace === namespace);
  }

  /** What follows from an object's end: its dependants go, and a namespace that was waiting for it. */
  #collect(gone: KubernetesObject): void {
    const uids = new Set([...this.#entries.values()].map((entry) => entry.object.metadata.uid));
    for (const { kind, object } of [...this.#entries.values()]) {
      const owners = (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);
      if (owners.includes(gone.metadata.uid ?? '') && !owners.some((uid) => uids.has(uid)) && this.get(kind, object.metadata) !== undefined) this.delete(kind, object.metadata);
    }
    const namespace = this.#namespace(gone.metadata.namespace);
    if (namespace?.object.metadata.deletionTimestamp !== undefined && !this.#occupied(namespace.object.metadata.name)) {
      this.#entries.delete(entryKey(namespace.kind, namespace.object.metadata));
      this.#emit('DELETED', namespace);
    }
  }

  #emit(type: StoreEvent['type'], entry: Entry): void {
    this.version += 1;
    entry.object.metadata.resourceVersion = String(this.version);
    const event = { type, kind: entry.kind, version: this.version, object: entry.object };
    this.#history.push(event);
    if (this.#history.length > HISTORY_EVENTS) this.#history.shift();
    for (const listener of this.#listeners) listener(event);
  }
}

/** What counts for `generation`: everything but metadata and status. */
function intentOf(object: KubernetesObject): unknown {
  const { metadata: _metadata, status: _status, ...intent } = object;
  return intent;
}

const newMetadata = ({ namespace, name }: ObjectRef): KubernetesObject['metadata'] => {
  const dated = { name, uid: randomUUID(), creationTimestamp: new Date().toISOString() };
  return namespace === undefined ? dated : { ...dated, namespace };
};

const entryKey = (kind: Kind, ref: ObjectRef): string => `${kind.kind} ${keyOf(ref)}`;

export const notFound = (kind: Kind, ref: ObjectRef): ClusterError =>
  new ClusterError(404, 'NotFound', `${kind.plural} "${ref.name}" not found`, { about: ref.name });
