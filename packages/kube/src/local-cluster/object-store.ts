import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Kind } from '../kind.ts';
import { isKubernetesObject, isRecord, keyOf } from '../object.ts';
import type { KubernetesObject, ObjectRef } from '../object.ts';
import { fieldsOf, removeField, setField } from './field-sets.ts';
import type { FieldSet } from './field-sets.ts';

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  kind: Kind;
  version: number;
  object: KubernetesObject;
}

/** A refusal in the words of an API server's Status. */
export class Refusal extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: { name?: string; kind?: string };

  constructor(status: number, reason: string, message: string, details: { name?: string; kind?: string } = {}) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
  }
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
  #version = 1;
  #history: StoreEvent[] = [];
  #listeners = new Set<(event: StoreEvent) => void>();

  constructor(kinds: Kind[], admit: Admit = () => undefined) {
    this.kinds = kinds;
    this.#admit = admit;
  }

  get version(): number {
    return this.#version;
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Events of a kind after a version, or undefined when they are no longer remembered. */
  eventsAfter(kind: Kind, version: number): StoreEvent[] | undefined {
    const oldest = this.#history[0];
    if (oldest !== undefined && this.#history.length >= HISTORY_EVENTS && version < oldest.version - 1) return undefined;
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
    if (!isKubernetesObject(config)) throw new Refusal(400, 'BadRequest', 'The body is not an object with apiVersion, kind and metadata.name.');
    if (config.kind !== kind.kind || config.apiVersion !== kind.apiVersion || config.metadata.name !== ref.name)
      throw new Refusal(400, 'BadRequest', 'The body does not name the object of the path.');
    const entry = this.#entries.get(entryKey(kind, ref));
    if (entry === undefined && options.status) throw notFound(kind, ref);
    if (entry === undefined && ref.namespace !== undefined) this.#requireNamespace(ref.namespace);
    const { status, metadata, stringData, ...body } = config;
    for (const [name, text] of Object.entries(stringData ?? {})) body.data = { ...body.data, [name]: Buffer.from(text).toString('base64') };
    const { labels, annotations, finalizers, ownerReferences } = metadata;
    const wanted = options.status ? { status } : { ...body, metadata: { labels, annotations, finalizers, ownerReferences } };
    const next = fieldsOf(wanted);
    const managers = new Map([...(entry?.managers ?? [])].map(([name, fields]) => [name, new Map(fields)]));
    const manager = options.status ? `${options.manager}/status` : options.manager;
    const before = managers.get(manager) ?? new Map<string, unknown>();
    const others = [...managers].filter(([name]) => name !== manager);
    for (const [path, value] of next)
      for (const [name, fields] of others) {
        if (!fields.has(path) || isDeepStrictEqual(fields.get(path), value)) continue;
        if (!options.force) throw new Refusal(409, 'Conflict', `Apply failed with 1 conflict: conflict with "${name}": ${path}`, { name: ref.name, kind: kind.kind });
        fields.delete(path);
      }
    const object: KubernetesObject = structuredClone(entry?.object ?? { apiVersion: kind.apiVersion, kind: kind.kind, metadata: newMetadata(ref) });
    const target: unknown = object;
    if (!isRecord(target)) throw new TypeError('An object is a record.');
    for (const path of [...before.keys()].reverse()) if (!next.has(path) && !others.some(([, fields]) => fields.has(path))) removeField(target, path);
    for (const [path, value] of next) setField(target, path, value);
    managers.set(manager, next);
    if (isRecord(object.metadata.labels) && Object.keys(object.metadata.labels).length === 0) delete object.metadata.labels;
    return this.#store({ kind, object, managers }, entry);
  }

  delete(kind: Kind, ref: ObjectRef, uid?: string): KubernetesObject {
    const entry = this.#entries.get(entryKey(kind, ref));
    if (entry === undefined) throw notFound(kind, ref);
    if (uid !== undefined && uid !== entry.object.metadata.uid) throw new Refusal(409, 'Conflict', `${kind.kind} "${ref.name}" is another one by now.`, ref);
    if (entry.object.metadata.deletionTimestamp !== undefined) return entry.object;
    const object = structuredClone(entry.object);
    object.metadata.deletionTimestamp = new Date().toISOString();
    if (kind.kind === 'Namespace')
      for (const other of [...this.#entries.values()]) if (other.object.metadata.namespace === ref.name) this.delete(other.kind, other.object.metadata);
    return this.#store({ ...entry, object }, entry);
  }

  #requireNamespace(name: string): void {
    const found = [...this.#entries.values()].find((entry) => entry.kind.kind === 'Namespace' && entry.object.metadata.name === name);
    if (found === undefined) throw new Refusal(404, 'NotFound', `namespaces "${name}" not found`, { name, kind: 'namespaces' });
    if (found.object.metadata.deletionTimestamp !== undefined) throw new Refusal(403, 'Forbidden', `namespace ${name} is being terminated`, { name, kind: 'namespaces' });
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
      if (reason !== undefined) throw new Refusal(422, 'Invalid', reason, { name: object.metadata.name, kind: object.kind });
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
    for (const { kind, object } of [...this.#entries.values()]) {
      const owners = object.metadata.ownerReferences ?? [];
      const orphaned = owners.some((owner) => owner.uid === gone.metadata.uid) && !owners.some((owner) => [...this.#entries.values()].some((entry) => entry.object.metadata.uid === owner.uid));
      if (orphaned && this.#entries.has(entryKey(kind, object.metadata))) this.delete(kind, object.metadata);
    }
    const namespace = [...this.#entries.values()].find((entry) => entry.kind.kind === 'Namespace' && entry.object.metadata.name === gone.metadata.namespace);
    if (namespace?.object.metadata.deletionTimestamp !== undefined && !this.#occupied(namespace.object.metadata.name)) {
      this.#entries.delete(entryKey(namespace.kind, namespace.object.metadata));
      this.#emit('DELETED', namespace);
    }
  }

  #emit(type: StoreEvent['type'], entry: Entry): void {
    this.#version += 1;
    entry.object.metadata.resourceVersion = String(this.#version);
    const event = { type, kind: entry.kind, version: this.#version, object: entry.object };
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

const newMetadata = (ref: ObjectRef): KubernetesObject['metadata'] => ({
  ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }),
  name: ref.name,
  uid: randomUUID(),
  creationTimestamp: new Date().toISOString(),
});

const entryKey = (kind: Kind, ref: ObjectRef): string => `${kind.kind} ${keyOf(ref)}`;

const notFound = (kind: Kind, ref: ObjectRef): Refusal =>
  new Refusal(404, 'NotFound', `${kind.plural} "${ref.name}" not found`, { name: ref.name, kind: kind.plural });

/** Whether an object carries the labels of a selector (`a=b,c=d`, or `a` for "has it"). */
export function matches(object: KubernetesObject, selector: string | undefined): boolean {
  if (selector === undefined || selector === '') return true;
  return selector.split(',').every((term) => {
    const [name = '', value] = term.split('=');
    const found = object.metadata.labels?.[name];
    return value === undefined ? found !== undefined : found === value;
  });
}
