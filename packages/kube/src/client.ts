import type { Kind } from './kind.ts';
import type { KubernetesObject, ObjectRef } from './object.ts';

export interface ListOptions {
  namespace?: string;
  /** Equality (`a=b,c=d`) or existence (`a`). */
  labelSelector?: string;
  limit?: number;
  continueToken?: string;
}

export interface ListPage {
  items: KubernetesObject[];
  resourceVersion: string;
  continueToken?: string;
}

export interface WatchOptions {
  namespace?: string;
  labelSelector?: string;
  resourceVersion?: string;
  /** The server ends the stream after this long; the reader opens the next one. */
  timeoutSeconds?: number;
  signal?: AbortSignal;
}

export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }
  | { type: 'BOOKMARK'; resourceVersion: string };

export interface ApplyOptions {
  fieldManager: string;
  /** Takes over fields that another manager set to another value; without it that is a Conflict. */
  force?: boolean;
}

/**
 * What the runtime needs of a cluster. Two adapters keep one contract suite (testing/cluster-contract.ts): an API server, and the
 * local cluster of `npm start`. All writes but delete, and a repair that apply cannot do, are server-side apply.
 * Errors are ClusterError; an object that is not there is `undefined` (get) or `false` (delete), never an error.
 */
export interface ClusterClient {
  get(kind: Kind, ref: ObjectRef): Promise<KubernetesObject | undefined>;
  list(kind: Kind, options?: ListOptions): Promise<ListPage>;
  /** Ends quietly at the server's timeout or when aborted; throws ClusterError (`isGone` for a version too old) otherwise. */
  watch(kind: Kind, options?: WatchOptions): AsyncIterable<WatchEvent>;
  apply(kind: Kind, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  applyStatus(kind: Kind, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject>;
  /**
   * Puts the fields of `object` over what is there, lists as a whole (RFC 7386), with the items that others put into them. For an object of
   * ours to which somebody added what makes every apply invalid, such as a second port of the same name. Absent: this cluster has no such case.
   */
  overwrite?(kind: Kind, object: KubernetesObject, options: Pick<ApplyOptions, 'fieldManager'>): Promise<KubernetesObject>;
  /** True when there was something to delete. With finalizers the object stays until they are released. */
  delete(kind: Kind, ref: ObjectRef, options?: { uid?: string }): Promise<boolean>;
  /** The plurals (and `plural/subresource`) that the cluster serves under `v1` or `<group>/<version>`; none where it does not know the version. */
  resources(apiVersion: string): Promise<string[]>;
}

/** What an API server refused. `status` is the HTTP status, `reason` the CamelCase word of the Status object. */
export class ClusterError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** The object's name where one is meant: what tells "no such object" from "no such kind". */
  readonly about: string | undefined;

  constructor(status: number, reason: string, message: string, more: { retryAfterMs?: number | undefined; about?: string | undefined } = {}) {
    super(message);
    this.name = 'ClusterError';
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = more.retryAfterMs;
    this.about = more.about;
  }
}

/** The cluster does not serve this kind at all: a component that needs it is skipped, not failed. */
export const NOT_OFFERED = 'NotOffered';

/** The cluster's answer cannot be read. What a watch said with it is lost, so the kind is listed anew. */
export const UNREADABLE = 'UnreadableAnswer';

export const isUnreadable = (error: unknown): boolean => error instanceof ClusterError && error.reason === UNREADABLE;
export const isNotOffered = (error: unknown): boolean => error instanceof ClusterError && error.reason === NOT_OFFERED;
export const isConflict = (error: unknown): boolean => error instanceof ClusterError && error.status === 409;
/** The resource version of a watch or of a list page is older than what the server remembers. */
export const isGone = (error: unknown): boolean => error instanceof ClusterError && error.status === 410;
