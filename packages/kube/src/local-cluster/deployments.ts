import { createHash } from 'node:crypto';
import { deploymentKind } from '../kind.ts';
import { at, keyOf, numberAt, type KubernetesObject } from '../object.ts';
import { nextStep } from '../rollout.ts';
import { nonce, type Host } from './launch.ts';
import type { ObjectStore } from './object-store.ts';
import { Pod } from './pod.ts';

/** Keeps each Deployment's processes: as many as `replicas`, a changed template rolled one at a time (maxSurge 1, maxUnavailable 0). */
export class Deployments {
  pods: readonly Pod[] = [];
  #store: ObjectStore;
  #host: Host;
  #ended = false;

  constructor(store: ObjectStore, host: Host) {
    this.#store = store;
    this.#host = host;
    store.subscribe((event) => {
      if (event.kind === deploymentKind) queueMicrotask(() => this.#sync());
    });
  }

  async stop(graceMs: number): Promise<void> {
    this.#ended = true;
    await Promise.all(this.pods.map((pod) => pod.stop(graceMs)));
  }

  #sync(): void {
    if (this.#ended) return;
    const deployments = this.#store.list(deploymentKind).filter((each) => each.metadata.deletionTimestamp === undefined);
    const keys = new Set(deployments.map((each) => keyOf(each.metadata)));
    this.pods.filter((pod) => !keys.has(pod.plan.owner)).forEach((pod) => this.#end(pod));
    for (const deployment of deployments) this.#roll(deployment);
  }

  #roll(deployment: KubernetesObject): void {
    const { name, namespace = '' } = deployment.metadata;
    const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1;
    const template = at(deployment, 'spec', 'template');
    const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
    const owner = keyOf(deployment.metadata);
    const step = nextStep(replicas, hash, this.pods.filter((pod) => pod.plan.owner === owner && !pod.stopping));
    step.end.forEach((pod) => this.#end(pod));
    const plan = (): Pod['plan'] => ({ name: `${name}-${hash.slice(0, 6)}-${nonce()}`, namespace, owner, hash, template });
    const started = Array.from({ length: step.start }, () => new Pod(plan(), this.#host, () => this.#sync()));
    this.pods = [...this.pods, ...started];
    this.#report(deployment, replicas, hash);
  }

  #end(pod: Pod): void {
    if (pod.stopping) return;
    void pod.stop().then(() => {
      this.pods = this.pods.filter((other) => other !== pod);
      this.#sync();
    });
  }

  #report({ apiVersion, kind, metadata }: KubernetesObject, replicas: number, hash: string): void {
    const pods = this.pods.filter((pod) => pod.plan.owner === keyOf(metadata) && !pod.stopping);
    const ready = pods.filter((pod) => pod.ready).length;
    const updatedReplicas = pods.filter((pod) => pod.hash === hash).length;
    const conditions = [{ type: 'Available', status: ready >= replicas ? 'True' : 'False' }];
    const status = { observedGeneration: metadata.generation, replicas: pods.length, updatedReplicas, readyReplicas: ready, availableReplicas: ready, conditions };
    this.#store.apply(deploymentKind, metadata, { apiVersion, kind, metadata: { name: metadata.name }, status }, { manager: 'local-deployments', force: true, status: true });
  }
}
