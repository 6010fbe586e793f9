import { createHash } from 'node:crypto';
import { deploymentKind } from '../kind.ts';
import { at, keyOf, numberAt } from '../object.ts';
import type { KubernetesObject } from '../object.ts';
import { nonce } from './launch.ts';
import type { Host } from './launch.ts';
import type { ObjectStore } from './object-store.ts';
import { Pod } from './pod.ts';

/** Keeps each Deployment's processes: as many as `replicas`, a changed template rolled one at a time (maxSurge 1, maxUnavailable 0). */
export class Deployments {
  #store: ObjectStore;
  #host: Host;
  #pods: Pod[] = [];
  #ended = false;

  constructor(store: ObjectStore, host: Host) {
    this.#store = store;
    this.#host = host;
    store.subscribe((event) => {
      if (event.kind === deploymentKind) queueMicrotask(() => this.#sync());
    });
  }

  get pods(): readonly Pod[] {
    return this.#pods;
  }

  async stop(graceMs: number): Promise<void> {
    this.#ended = true;
    await Promise.all(this.#pods.map((pod) => pod.stop(graceMs)));
  }

  #sync(): void {
    if (this.#ended) return;
    const deployments = this.#store.list(deploymentKind).filter((each) => each.metadata.deletionTimestamp === undefined);
    const keys = new Set(deployments.map((each) => keyOf(each.metadata)));
    this.#pods.filter((pod) => !keys.has(pod.owner)).forEach((pod) => this.#end(pod));
    for (const deployment of deployments) this.#roll(deployment);
  }

  #roll(deployment: KubernetesObject): void {
    const replicas = numberAt(deployment, 'spec', 'replicas') ?? 1;
    const template = at(deployment, 'spec', 'template');
    const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
    const owner = keyOf(deployment.metadata);
    const alive = this.#pods.filter((pod) => pod.owner === owner && !pod.stopping);
    const fresh = alive.filter((pod) => pod.hash === hash);
    const old = alive.filter((pod) => pod.hash !== hash);
    // Those that serve nobody go first, then the youngest.
    const victims = (pods: Pod[]): Pod[] => [...pods.filter((pod) => !pod.ready), ...pods.filter((pod) => pod.ready).reverse()];
    let spare = alive.filter((pod) => pod.ready).length - replicas;
    for (const pod of victims(old)) {
      if (pod.ready && spare <= 0) break;
      if (pod.ready) spare -= 1;
      this.#end(pod);
    }
    victims(fresh).slice(0, Math.max(0, fresh.length - replicas)).forEach((pod) => this.#end(pod));
    const staying = old.filter((pod) => !pod.stopping).length;
    const room = replicas + (staying > 0 ? 1 : 0) - staying - fresh.length;
    for (let count = Math.min(room, replicas - fresh.length); count > 0; count -= 1) {
      const name = `${deployment.metadata.name}-${hash.slice(0, 6)}-${nonce().slice(0, 5)}`;
      const namespace = deployment.metadata.namespace ?? '';
      this.#pods.push(new Pod({ name, namespace, owner, hash, template, host: this.#host, changed: () => this.#sync() }));
    }
    this.#report(deployment, replicas, hash);
  }

  #end(pod: Pod): void {
    if (pod.stopping) return;
    void pod.stop().then(() => {
      this.#pods = this.#pods.filter((other) => other !== pod);
      this.#sync();
    });
  }

  #report(deployment: KubernetesObject, replicas: number, hash: string): void {
    const { apiVersion, kind, metadata } = deployment;
    const pods = this.#pods.filter((pod) => pod.owner === keyOf(metadata) && !pod.stopping);
    const ready = pods.filter((pod) => pod.ready).length;
    const status = {
      observedGeneration: metadata.generation,
      replicas: pods.length,
      updatedReplicas: pods.filter((pod) => pod.hash === hash).length,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, replicas - ready),
      conditions: [{ type: 'Available', status: ready >= replicas ? 'True' : 'False' }],
    };
    const config = { apiVersion, kind, metadata: { name: metadata.name }, status };
    this.#store.apply(deploymentKind, metadata, config, { manager: 'local-deployments', force: true, status: true });
  }
}
