import { ApplyError, at, covers, deploymentKind, keyOf, listAt, numberAt, ownedFields, stringAt } from '@csms/kube';
import type { ClusterClient, Desired, Followed, KubernetesObject } from '@csms/kube';
import { FIELD_MANAGER, TEMPLATE_HASH, gatewaySelector } from './site/names.ts';

/**
 * Lets the gateways of few pools be replaced at the same time (O-48). A pool whose template is to change and whose turn has not come keeps the
 * template that it has, field for field as it was applied; all else of it goes on. A rollout that gets no further gives up its place: a pool
 * whose pods cannot be made (a quota, an image) holds up no other.
 */
export class Rollouts {
  #client: Pick<ClusterClient, 'get'>;
  #deployments: () => Pick<Followed, 'get' | 'list'> | undefined;
  #maxConcurrent: number;
  /** Templates that were let through and that the copy does not show yet, by the Deployment's key. */
  #begun = new Map<string, string>();
  /** Whoever waits, and which Deployments have the places. */
  #waiting = new Map<string, string[]>();
  /** What a waiting pool keeps, so that it is asked for once. */
  #kept = new Map<string, { hash: string | undefined; template: unknown }>();

  constructor(client: Pick<ClusterClient, 'get'>, deployments: () => Pick<Followed, 'get' | 'list'> | undefined, maxConcurrent: number) {
    this.#client = client;
    this.#deployments = deployments;
    this.#maxConcurrent = maxConcurrent;
  }

  /** Whether the Deployment (`namespace/name`) waits for its turn. */
  waits(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Which Deployments (`namespace/name`) have the places that this one waits for; undefined where it waits for none. */
  waitsFor(key: string): readonly string[] | undefined {
    return this.#waiting.get(key);
  }

  /** What of `desired` may be applied now: the same, or with the old template of its gateways. */
  async admitted(desired: Desired[]): Promise<Desired[]> {
    const index = desired.findIndex(({ kind, object }) => kind === deploymentKind && object.metadata.annotations?.[TEMPLATE_HASH] !== undefined);
    const wanted = desired[index];
    if (wanted === undefined) return desired;
    const key = keyOf(wanted.object.metadata);
    const hash = wanted.object.metadata.annotations?.[TEMPLATE_HASH] ?? '';
    const observed = this.#deployments()?.get(key);
    const holders = observed === undefined || !templateChanges(observed, wanted.object, hash) ? [] : this.#holders(key, hash);
    if (observed === undefined || holders.length === 0) {
      this.#waiting.delete(key);
      this.#kept.delete(key);
      return desired;
    }
    const template = await this.#templateOf(key, observed);
    // A cluster that keeps no record of who applied what cannot be told to keep it.
    if (template === undefined) return desired;
    this.#waiting.set(key, holders);
    return desired.map((each, place) => (place === index ? { ...each, object: withTemplate(each.object, template, observed.metadata.annotations?.[TEMPLATE_HASH]) } : each));
  }

  /** A run failed. A Deployment that the cluster refused holds up nobody; after any other failure it may have been written all the same. */
  failed(key: string, error: unknown): void {
    if (error instanceof ApplyError && error.refusals.some((refusal) => refusal.kind === deploymentKind.kind && refusal.key === key)) this.#begun.delete(key);
  }

  /** Who has the places, where there is none for this Deployment; else nobody, and it has begun. */
  #holders(key: string, hash: string): string[] {
    if (this.#begun.get(key) === hash) return [];
    const others = (this.#deployments()?.list() ?? []).filter((each) => gatewaySelector(each.metadata.labels) && keyOf(each.metadata) !== key);
    const rolling = others.filter((each) => {
      const name = keyOf(each.metadata);
      if (this.#begun.get(name) === each.metadata.annotations?.[TEMPLATE_HASH]) this.#begun.delete(name);
      return this.#begun.has(name) || isRolling(each);
    });
    if (rolling.length >= this.#maxConcurrent) return rolling.map((each) => keyOf(each.metadata)).sort();
    this.#begun.set(key, hash);
    return [];
  }

  async #templateOf(key: string, observed: KubernetesObject): Promise<unknown> {
    const hash = observed.metadata.annotations?.[TEMPLATE_HASH];
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.hash === hash) return kept.template;
    const live = await this.#client.get(deploymentKind, observed.metadata);
    const template = live === undefined ? undefined : at(ownedFields(live, FIELD_MANAGER), 'spec', 'template');
    if (template !== undefined) this.#kept.set(key, { hash, template });
    return template;
  }
}

/** Whether applying `wanted` would replace pods. A Deployment that says no hash was made by an operator that wrote none. */
function templateChanges(observed: KubernetesObject, wanted: KubernetesObject, hash: string): boolean {
  const before = observed.metadata.annotations?.[TEMPLATE_HASH];
  return before === undefined ? !covers(at(observed, 'spec', 'template'), at(wanted, 'spec', 'template')) : before !== hash;
}

/** Whether a Deployment still replaces pods and gets on with it; a pod that is drained is not waited for. */
function isRolling(deployment: KubernetesObject): boolean {
  const status = (field: string): number => numberAt(deployment, 'status', field) ?? 0;
  if (status('observedGeneration') < (deployment.metadata.generation ?? 0)) return true;
  if (isStuck(deployment)) return false;
  return status('updatedReplicas') < (numberAt(deployment, 'spec', 'replicas') ?? 1) || status('replicas') > status('updatedReplicas');
}

/**
 * Whether a Deployment gets no further by itself: its deadline for progress is over (600 s where nothing else is said), its pods are refused,
 * or it was told to pause (kubernetes.io, "Deployment status").
 */
function isStuck(deployment: KubernetesObject): boolean {
  const says = (type: string, status: string): boolean => listAt(deployment, 'status', 'conditions').some((each) => stringAt(each, 'type') === type && stringAt(each, 'status') === status);
  return at(deployment, 'spec', 'paused') === true || says('Progressing', 'False') || says('ReplicaFailure', 'True');
}

function withTemplate(object: KubernetesObject, template: unknown, hash: string | undefined): KubernetesObject {
  const { [TEMPLATE_HASH]: _new, ...annotations } = object.metadata.annotations ?? {};
  const metadata = { ...object.metadata, annotations: { ...annotations, ...(hash === undefined ? {} : { [TEMPLATE_HASH]: hash }) } };
  return { ...object, metadata, spec: { ...(typeof object.spec === 'object' ? object.spec : {}), template } };
}
