import { backoffMs } from './backoff.ts';
import type { Backoff } from './backoff.ts';
import { isGone, isNotOffered, isUnreadable } from './client.ts';
import type { ClusterClient } from './client.ts';
import { pause } from './clock.ts';
import type { Clock } from './clock.ts';
import { Follower } from './follower.ts';
import type { Kind } from './kind.ts';
import { isRecord, keyOf, listAt, stringAt } from './object.ts';
import type { KubernetesObject } from './object.ts';

export const WATCH_BACKOFF: Backoff = { firstMs: 800, maxMs: 30_000, jitter: 0.5 };
const PAGE_OBJECTS = 500;
/** A watch that ended this soon without an event counts as a failure, so that a server that closes at once is not asked in a loop. */
const SHORT_WATCH_MS = 1000;

export interface Change {
  type: 'added' | 'updated' | 'deleted';
  key: string;
  object: KubernetesObject;
  old: KubernetesObject | undefined;
}

export interface ReflectorOptions {
  client: ClusterClient;
  kind: Kind;
  namespace?: string;
  labelSelector?: string;
  clock: Clock;
  onChange: (change: Change) => void;
  onFailure?: (error: unknown) => void;
  /** Each time that a watch is opened. */
  onWatch?: () => void;
}

/**
 * A copy of one kind that follows the cluster: a paged list, then a watch from its version. 410 lists anew, and whatever went meanwhile
 * is reported as deleted; any other end of the watch is retried with jittered backoff from the last version. It never gives up.
 */
export class Reflector extends Follower {
  #options: ReflectorOptions;
  #version: string | undefined;

  constructor(options: ReflectorOptions) {
    super(options.clock);
    this.#options = options;
  }

  protected async follow(): Promise<void> {
    const { clock, onFailure } = this.#options;
    const signal = this.ends;
    let failures = 0;
    while (!signal.aborted) {
      this.showLife();
      try {
        const startedMs = clock.nowMs();
        if (this.#version === undefined) {
          await this.#list();
          this.isSynced();
        }
        const events = await this.#watch(signal);
        if (events > 0 || clock.nowMs() - startedMs >= SHORT_WATCH_MS) {
          failures = 0;
          continue;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (isNotOffered(error)) this.isSynced();
        // The first 410 lists anew at once; a server that keeps answering 410 is asked like any other failing one.
        if (isGone(error) || isUnreadable(error)) this.#version = undefined;
        if (isGone(error) && failures === 0) {
          failures += 1;
          continue;
        }
        onFailure?.(error);
      }
      if (signal.aborted) return;
      await pause(clock, backoffMs(WATCH_BACKOFF, failures, clock.random()), signal);
      failures += 1;
    }
  }

  async #list(): Promise<void> {
    const { client, kind, namespace, labelSelector } = this.#options;
    const seen = new Set<string>();
    let continueToken: string | undefined;
    let version: string;
    do {
      const page = await client.list(kind, { namespace, labelSelector, limit: PAGE_OBJECTS, continueToken });
      for (const object of page.items) {
        seen.add(keyOf(object.metadata));
        this.#keep(object);
      }
      continueToken = page.continueToken;
      version = page.resourceVersion;
    } while (continueToken !== undefined);
    for (const [key, object] of this.objects) if (!seen.has(key)) this.#drop(key, object);
    this.#version = version;
  }

  /** Reads the watch to its end; returns how many events came. */
  async #watch(signal: AbortSignal): Promise<number> {
    const { client, kind, namespace, labelSelector, clock } = this.#options;
    const timeoutSeconds = Math.round(300 + 300 * clock.random());
    let events = 0;
    this.#options.onWatch?.();
    for await (const event of client.watch(kind, { namespace, labelSelector, resourceVersion: this.#version, timeoutSeconds, signal })) {
      events += 1;
      this.showLife();
      if (event.type === 'BOOKMARK') this.#version = event.resourceVersion;
      else {
        this.#version = event.object.metadata.resourceVersion;
        if (event.type === 'DELETED') this.#drop(keyOf(event.object.metadata), event.object);
        else this.#keep(event.object);
      }
    }
    return events;
  }

  #keep(object: KubernetesObject): void {
    const key = keyOf(object.metadata);
    const old = this.objects.get(key);
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion && old?.metadata.uid === object.metadata.uid) return;
    keepManagerNames(object);
    this.objects.set(key, object);
    this.#options.onChange({ type: old === undefined ? 'added' : 'updated', key, object, old });
  }

  #drop(key: string, object: KubernetesObject): void {
    const old = this.objects.get(key);
    if (old === undefined) return;
    this.objects.delete(key);
    this.#options.onChange({ type: 'deleted', key, object, old });
  }
}

/** Of the record of managers, which is often larger than the object, only who applied: that says whose an object is. */
function keepManagerNames(object: KubernetesObject): void {
  const metadata: unknown = object.metadata;
  if (!isRecord(metadata) || metadata['managedFields'] === undefined) return;
  metadata['managedFields'] = listAt(metadata, 'managedFields').map((each) => ({ manager: stringAt(each, 'manager'), operation: stringAt(each, 'operation') }));
}
