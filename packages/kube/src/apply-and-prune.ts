import { createHash } from 'node:crypto';
import { ClusterError, isNotOffered } from './client.ts';
import type { ClusterClient } from './client.ts';
import { covers } from './drift.ts';
import type { Kind } from './kind.ts';
import { keyOf, listAt, stringAt } from './object.ts';
import type { KubernetesObject } from './object.ts';
import type { Reflector } from './reflector.ts';

/** An object that should exist, with the kind that says where. */
export interface Desired {
  kind: Kind;
  object: KubernetesObject;
}

/** What a reflector knows of one kind. */
export type Copy = Pick<Reflector, 'get' | 'list'>;

export interface ApplyPlan {
  namespace: string;
  desired: Desired[];
  /** Objects of these kinds that carry the labels and are not desired are deleted; nothing else is touched. The labels also say what is ours. */
  prune: { kinds: Kind[]; labels: Record<string, string> };
}

export interface ApplyReport {
  applied: string[];
  deleted: string[];
}

/** An object that could not be made what it should be. `NameConflict`: its name is taken by something that is not ours. */
export interface Refusal {
  kind: string;
  key: string;
  reason: 'NameConflict' | 'ApplyFailed';
  message: string;
}

/** Some objects of a plan were refused; all others are as they should be. */
export class ApplyError extends Error {
  readonly refusals: Refusal[];

  constructor(refusals: Refusal[]) {
    super(refusals.map((refusal) => refusal.message).join(' '));
    this.name = 'ApplyError';
    this.refusals = refusals;
  }
}

const APPLIED_HASH = 'csms.charge-it.io/applied-hash';
/** What a cluster answers to an object that it does not want, and that no repetition at once can change. */
const refusing = new Set([400, 403, 409, 413, 422]);

/**
 * Makes the cluster match a plan, with one field manager. Writes only what differs from the copies that the reflectors hold; a kind
 * without a copy is not looked at: the cluster does not offer it.
 */
export class Applier {
  #client: ClusterClient;
  #fieldManager: string;
  #copies: ReadonlyMap<string, Copy>;

  constructor(options: { client: ClusterClient; fieldManager: string; copies: ReadonlyMap<string, Copy> }) {
    this.#client = options.client;
    this.#fieldManager = options.fieldManager;
    this.#copies = options.copies;
  }

  /**
   * Applies, then prunes. One refused object does not hold up the others: ApplyError at the end names all that were refused. Other
   * failures of the cluster are thrown at once; what was applied before stays, and the next run goes on from there.
   */
  async run(plan: ApplyPlan): Promise<ApplyReport> {
    const report: ApplyReport = { applied: [], deleted: [] };
    const refusals: Refusal[] = [];
    const desired = plan.desired.filter(({ kind }) => this.#copies.has(kind.kind));
    for (const each of desired) {
      const refusal = await this.#apply(each, plan.prune.labels, report).catch((error: unknown) => {
        // The kind went a moment ago; its copy goes as soon as that is known.
        if (!isNotOffered(error)) throw error;
        return undefined;
      });
      if (refusal !== undefined) refusals.push(refusal);
    }
    const wanted = new Set(desired.map(({ kind, object }) => `${kind.kind} ${keyOf(object.metadata)}`));
    for (const kind of plan.prune.kinds)
      for (const { metadata } of this.#owned(kind, plan)) {
        const name = `${kind.kind} ${keyOf(metadata)}`;
        if (wanted.has(name) || metadata.deletionTimestamp !== undefined) continue;
        await this.#client.delete(kind, { namespace: plan.namespace, name: metadata.name }, { uid: metadata.uid });
        report.deleted.push(name);
      }
    if (refusals.length > 0) throw new ApplyError(refusals);
    return report;
  }

  async #apply({ kind, object }: Desired, labels: Record<string, string>, report: ApplyReport): Promise<Refusal | undefined> {
    const key = keyOf(object.metadata);
    const name = `${kind.kind} ${key}`;
    const signed = withHash(object);
    const observed = this.#copies.get(kind.kind)?.get(key);
    const mine = observed !== undefined && this.#isOurs(observed, labels);
    if (mine && covers(observed, signed)) return undefined;
    // The copies hold only what carries a label of ours: the name may be taken all the same.
    const taken = mine ? undefined : await this.#client.get(kind, object.metadata);
    if (taken !== undefined && !this.#isOurs(taken, labels)) {
      return { kind: kind.kind, key, reason: 'NameConflict', message: `${name} exists and is not the operator's: it is left alone. Rename or delete it.` };
    }
    try {
      await this.#write(kind, signed, mine || taken !== undefined);
    } catch (error) {
      if (!(error instanceof ClusterError && refusing.has(error.status))) throw error;
      return { kind: kind.kind, key, reason: 'ApplyFailed', message: `${name} was refused: ${error.message.replace(/\.$/, '')}.` };
    }
    report.applied.push(name);
    return undefined;
  }

  /** Applies; where an object of ours was edited so that no apply can be valid any more, what others put into its lists goes first. */
  async #write(kind: Kind, object: KubernetesObject, exists: boolean): Promise<void> {
    const options = { fieldManager: this.#fieldManager, force: true };
    try {
      await this.#client.apply(kind, object, options);
    } catch (error) {
      if (!exists || this.#client.overwrite === undefined || !(error instanceof ClusterError && error.status === 422)) throw error;
      await this.#client.overwrite(kind, object, options);
      await this.#client.apply(kind, object, options);
    }
  }

  /**
   * Who made an object is what its field managers say: labels can be copied to what is another's and taken from what is ours. A cluster
   * that keeps no such record is asked by the labels.
   */
  #isOurs(object: KubernetesObject, labels: Record<string, string>): boolean {
    const managers = listAt(object, 'metadata', 'managedFields');
    if (managers.length > 0) return managers.some((each) => stringAt(each, 'manager') === this.#fieldManager && stringAt(each, 'operation') === 'Apply');
    return Object.entries(labels).every(([label, value]) => object.metadata.labels?.[label] === value);
  }

  #owned(kind: Kind, plan: ApplyPlan): KubernetesObject[] {
    const labels = Object.entries(plan.prune.labels);
    const objects = this.#copies.get(kind.kind)?.list() ?? [];
    // Somebody may have copied an object of ours, labels and all.
    return objects.filter((object) => {
      const { metadata } = object;
      return metadata.namespace === plan.namespace && labels.every(([name, value]) => metadata.labels?.[name] === value) && this.#isOurs(object, plan.prune.labels);
    });
  }
}

/** The hash tells a field that we no longer state from one that somebody else added. */
function withHash(object: KubernetesObject): KubernetesObject {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [APPLIED_HASH]: hash } } };
}
