import { createHash } from 'node:crypto';
import { isNotOffered } from './client.ts';
import type { ClusterClient } from './client.ts';
import type { Clock } from './clock.ts';
import { covers } from './drift.ts';
import type { Kind } from './kind.ts';
import { keyOf } from './object.ts';
import type { KubernetesObject } from './object.ts';
import type { Reflector } from './reflector.ts';

/** An object that should exist, with the kind that says where. */
export interface Desired {
  kind: Kind;
  object: KubernetesObject;
}

export interface ApplyPlan {
  namespace: string;
  desired: Desired[];
  /** Objects of these kinds that carry the labels and are not desired are deleted; nothing else is touched. */
  prune: { kinds: Kind[]; labels: Record<string, string> };
}

export interface ApplyReport {
  applied: string[];
  deleted: string[];
  /** Kinds that this cluster does not serve. */
  notOffered: Set<string>;
}

const APPLIED_HASH = 'csms.charge-it.io/applied-hash';
const ASK_AGAIN_AFTER_MS = 60_000;

/** Makes the cluster match a plan, with one field manager. Writes only what differs from the copies that the reflectors hold. */
export class Applier {
  #client: ClusterClient;
  #fieldManager: string;
  #copies: Map<string, Reflector>;
  #clock: Clock;
  #missingSinceMs = new Map<string, number>();

  constructor(options: { client: ClusterClient; fieldManager: string; copies: Map<string, Reflector>; clock: Clock }) {
    this.#client = options.client;
    this.#fieldManager = options.fieldManager;
    this.#copies = options.copies;
    this.#clock = options.clock;
  }

  /** Applies, then prunes. Throws ClusterError; what was applied before stays, and the next run goes on from there. */
  async run(plan: ApplyPlan): Promise<ApplyReport> {
    const report: ApplyReport = { applied: [], deleted: [], notOffered: new Set() };
    for (const { kind, object } of plan.desired) {
      const signed = withHash(object);
      const observed = this.#copies.get(kind.kind)?.get(keyOf(object.metadata));
      if (observed !== undefined && covers(observed, signed)) continue;
      await this.#offered(kind, report, async () => {
        await this.#client.apply(kind, signed, { fieldManager: this.#fieldManager, force: true });
        report.applied.push(`${kind.kind} ${keyOf(object.metadata)}`);
      });
    }
    const wanted = new Set(plan.desired.map(({ kind, object }) => `${kind.kind} ${keyOf(object.metadata)}`));
    for (const kind of plan.prune.kinds)
      await this.#offered(kind, report, async () => {
        for (const { metadata } of await this.#owned(kind, plan)) {
          const name = `${kind.kind} ${keyOf(metadata)}`;
          if (wanted.has(name) || metadata.deletionTimestamp !== undefined) continue;
          await this.#client.delete(kind, { namespace: plan.namespace, name: metadata.name }, { uid: metadata.uid });
          report.deleted.push(name);
        }
      });
    return report;
  }

  async #owned(kind: Kind, plan: ApplyPlan): Promise<KubernetesObject[]> {
    const labels = Object.entries(plan.prune.labels);
    const copy = this.#copies.get(kind.kind);
    if (copy === undefined) {
      const page = await this.#client.list(kind, { namespace: plan.namespace, labelSelector: labels.map(([name, value]) => `${name}=${value}`).join(',') });
      return page.items;
    }
    return copy.list().filter(({ metadata }) => metadata.namespace === plan.namespace && labels.every(([name, value]) => metadata.labels?.[name] === value));
  }

  /** Runs the step unless the cluster said less than a minute ago that it does not serve the kind. */
  async #offered(kind: Kind, report: ApplyReport, step: () => Promise<void>): Promise<void> {
    const missingSinceMs = this.#missingSinceMs.get(kind.kind);
    if (missingSinceMs !== undefined && this.#clock.nowMs() - missingSinceMs < ASK_AGAIN_AFTER_MS) return void report.notOffered.add(kind.kind);
    try {
      await step();
      this.#missingSinceMs.delete(kind.kind);
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      this.#missingSinceMs.set(kind.kind, this.#clock.nowMs());
      report.notOffered.add(kind.kind);
    }
  }
}

/** The hash tells a field that we no longer state from one that somebody else added. */
function withHash(object: KubernetesObject): KubernetesObject {
  const hash = createHash('sha256').update(JSON.stringify(object)).digest('hex').slice(0, 16);
  const { metadata } = object;
  return { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [APPLIED_HASH]: hash } } };
}
