import { ClusterError, isNotOffered } from './client.ts';
import type { ClusterClient } from './client.ts';
import { pause } from './clock.ts';
import type { Clock } from './clock.ts';
import { Follower } from './follower.ts';
import type { Followed } from './follower.ts';
import { namespaceKind } from './kind.ts';
import { refOf } from './object.ts';
import type { KubernetesObject } from './object.ts';
import { Reflector } from './reflector.ts';
import type { Change, ReflectorOptions } from './reflector.ts';

/** A copy of one kind in some namespaces alone, for who may not read all of them: a reflector each. */
export class ReflectorPerNamespace implements Followed {
  #byNamespace: ReadonlyMap<string, Reflector>;

  constructor(namespaces: readonly string[], options: Omit<ReflectorOptions, 'namespace'>) {
    this.#byNamespace = new Map(namespaces.map((namespace) => [namespace, new Reflector({ ...options, namespace })]));
  }

  get synced(): Promise<void> {
    return Promise.all(this.#all().map((each) => each.synced)).then(() => undefined);
  }

  get(key: string): KubernetesObject | undefined {
    return this.#byNamespace.get(refOf(key).namespace ?? '')?.get(key);
  }

  list(): KubernetesObject[] {
    return this.#all().flatMap((each) => each.list());
  }

  start(): void {
    for (const each of this.#all()) each.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all().map((each) => each.stop()));
  }

  silentForMs(): number {
    return Math.max(0, ...this.#all().map((each) => each.silentForMs()));
  }

  #all(): Reflector[] {
    return [...this.#byNamespace.values()];
  }
}

const ASK_EVERY_MS = 10_000;

export interface NamedNamespacesOptions {
  client: Pick<ClusterClient, 'get'>;
  names: readonly string[];
  clock: Clock;
  onChange: (change: Change) => void;
  onFailure?: (error: unknown) => void;
}

/**
 * Some Namespace objects by name. Who may only read one namespace may get it, and not watch it: a watch is of all of them. So each is asked
 * for every ten seconds; one that is not there yet is waited for.
 */
export class NamedNamespaces extends Follower {
  #options: NamedNamespacesOptions;

  constructor(options: NamedNamespacesOptions) {
    super(options.clock);
    this.#options = options;
  }

  protected async follow(): Promise<void> {
    const { clock, onFailure } = this.#options;
    while (!this.ends.aborted) {
      this.showLife();
      try {
        for (const name of this.#options.names) await this.#ask(name);
        this.isSynced();
      } catch (error) {
        onFailure?.(error);
      }
      await pause(clock, ASK_EVERY_MS, this.ends);
    }
  }

  async #ask(name: string): Promise<void> {
    const { client, onChange } = this.#options;
    const object = await client.get(namespaceKind, { name }).catch((error: unknown) => {
      // A right that ends with the namespace it was in: to who asks, both are gone.
      if (isNotOffered(error) || (error instanceof ClusterError && error.status === 403 && this.objects.has(name))) return undefined;
      throw error;
    });
    const old = this.objects.get(name);
    if (object === undefined) {
      if (old !== undefined) {
        this.objects.delete(name);
        onChange({ type: 'deleted', key: name, object: old, old });
      }
      return;
    }
    if (old !== undefined && old.metadata.resourceVersion === object.metadata.resourceVersion && old.metadata.uid === object.metadata.uid) return;
    this.objects.set(name, object);
    onChange({ type: old === undefined ? 'added' : 'updated', key: name, object, old });
  }
}
