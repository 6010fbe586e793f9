/**
 * The part of a Kubernetes object that the runtime reads: identity, ownership, versions. What `spec` and `status` hold is
 * known only by whoever owns the kind, so both are `unknown` here and are parsed there.
 */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec?: unknown;
  status?: unknown;
  data?: Record<string, string>;
  stringData?: Record<string, string>;
  type?: string;
}

/** Where an object of one kind lives; `namespace` is absent for kinds of the whole cluster. */
export interface ObjectRef {
  namespace?: string;
  name: string;
}

export type JsonObject = { [field: string]: unknown };

export const isRecord = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True when the value has what every Kubernetes object has: apiVersion, kind and metadata.name. */
export const isKubernetesObject = (value: unknown): value is KubernetesObject =>
  isRecord(value) &&
  typeof value['apiVersion'] === 'string' &&
  typeof value['kind'] === 'string' &&
  isRecord(value['metadata']) &&
  typeof value['metadata']['name'] === 'string';

/** The value at a path of field names or list indexes, or undefined where the path ends early. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof step === 'number' && Array.isArray(here)) here = here[step];
    else if (isRecord(here)) here = here[step];
    else return undefined;
  }
  return here;
}

/** The number at a path, or undefined. */
export function numberAt(value: unknown, ...path: (string | number)[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === 'number' ? found : undefined;
}

/** The string at a path, or undefined. */
export function stringAt(value: unknown, ...path: (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

/** The list at a path, or an empty one. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** `namespace/name`, or `name` for kinds of the whole cluster: the key of an object within its kind. */
export const keyOf = (ref: ObjectRef): string => (ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`);

/** The inverse of keyOf. */
export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
