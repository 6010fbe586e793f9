import { isDeepStrictEqual } from 'node:util';
import { ApplyError, secretKind } from '@csms/kube';
import type { KubernetesObject, Outcome, Refusal } from '@csms/kube';
import { FIELD_MANAGER, OWNER_LABEL, ownedLabels, ownerLabel } from './site/names.ts';
import type { World } from './world.ts';

/** How often the platform's Secrets are read, so that a rotated one arrives: Secrets are read by name and never watched. */
const READ_EVERY_MS = 60_000;
/** How often the copies of a namespace are looked at: one that was edited or deleted is repaired by then. */
export const LOOK_AT_COPIES_EVERY_MS = 300_000;

const owner = { kind: 'namespace' } as const;
type Seen = Pick<World, 'client' | 'clock' | 'platform'> & { namespaces: Pick<World['namespaces'], 'get'> };

/**
 * The platform's Secrets in the namespaces with sites, whose pods can only read their own. They are read once for all namespaces, and a copy is
 * written where it differs, so that a steady state costs a few reads and no write.
 */
export class PlatformSecrets {
  #world: Seen;
  #sources: KubernetesObject[] | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<KubernetesObject[]> | undefined;
  /** By namespace: of what, in which one of that name, and when its copies were as they should be. */
  #copied = new Map<string, { sources: KubernetesObject[]; uid: string | undefined; atMs: number }>();

  constructor(world: Seen) {
    this.#world = world;
  }

  /** A reconciler of one key, of whatever name: reads them now and then, and calls `changed` while a namespace has copies of others. */
  reconciler(changed: () => void): () => Promise<Outcome> {
    return async () => {
      for (const name of this.#copied.keys()) if (this.#world.namespaces.get(name) === undefined) this.#copied.delete(name);
      if (this.#copied.size > 0) {
        const sources = await this.#read();
        if ([...this.#copied.values()].some((copied) => copied.sources !== sources)) changed();
      }
      return { kind: 'done', againAfterMs: READ_EVERY_MS };
    };
  }

  /**
   * Makes the copies of a namespace what they should be. A Secret of that name that is somebody else's is left alone: the others are copied, then
   * an ApplyError says NameConflict. Throws where the platform has no such Secret.
   */
  async copyInto(namespace: string): Promise<void> {
    const { client, clock, platform } = this.#world;
    if (platform.namespace === undefined || platform.namespace === namespace) return;
    const sources = await this.#read();
    const copied = this.#copied.get(namespace);
    const uid = this.#world.namespaces.get(namespace)?.metadata.uid;
    if (copied?.sources === sources && copied.uid === uid && clock.nowMs() - copied.atMs < LOOK_AT_COPIES_EVERY_MS) return;
    const refusals: Refusal[] = [];
    for (const { metadata, type, data } of sources) {
      const copy = { apiVersion: 'v1', kind: 'Secret', metadata: { name: metadata.name, namespace, labels: ownedLabels(owner) }, type: type ?? 'Opaque', data: data ?? {} };
      const found = await client.get(secretKind, { namespace, name: metadata.name });
      if (found !== undefined && !isOurs(found)) {
        refusals.push({ kind: 'Secret', key: `${namespace}/${metadata.name}`, reason: 'NameConflict', message: `Secret ${namespace}/${metadata.name} exists and is not the operator's: it is left alone. Rename or delete it.` });
        continue;
      }
      const same = found !== undefined && found.type === copy.type && isDeepStrictEqual(found.data ?? {}, copy.data);
      if (!same) await client.apply(secretKind, copy, { fieldManager: FIELD_MANAGER, force: true });
    }
    if (refusals.length > 0) throw new ApplyError(refusals);
    this.#copied.set(namespace, { sources, uid, atMs: clock.nowMs() });
  }

  /** Takes the copies away again, and only those that carry our label. */
  async removeFrom(namespace: string): Promise<void> {
    this.#copied.delete(namespace);
    const { client, platform } = this.#world;
    if (platform.namespace === undefined || platform.namespace === namespace) return;
    for (const name of this.#names()) {
      const copy = await client.get(secretKind, { namespace, name });
      if (copy !== undefined && isOurs(copy)) await client.delete(secretKind, { namespace, name }, { uid: copy.metadata.uid });
    }
  }

  /** The same list as before where nothing in it changed. */
  #read(): Promise<KubernetesObject[]> {
    if (this.#sources !== undefined && this.#world.clock.nowMs() - this.#readAtMs < READ_EVERY_MS) return Promise.resolve(this.#sources);
    this.#reading ??= this.#readNow().finally(() => { this.#reading = undefined; });
    return this.#reading;
  }

  async #readNow(): Promise<KubernetesObject[]> {
    const { client, platform, clock } = this.#world;
    const found = await Promise.all([...this.#names()].map(async (name) => {
      const secret = await client.get(secretKind, { namespace: platform.namespace, name });
      if (secret === undefined) throw new Error(`The platform's Secret ${platform.namespace}/${name} does not exist.`);
      return secret;
    }));
    const version = (secrets: KubernetesObject[] | undefined): string[] => secrets?.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`) ?? [];
    if (this.#sources === undefined || !isDeepStrictEqual(version(found), version(this.#sources))) this.#sources = found;
    this.#readAtMs = clock.nowMs();
    return this.#sources;
  }

  #names(): Set<string> {
    return new Set(Object.values(this.#world.platform.secrets).filter((name) => name !== undefined));
  }
}

const isOurs = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[OWNER_LABEL] === ownerLabel(owner);
