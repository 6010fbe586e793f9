import type { ClusterClient } from './client.ts';
import type { Kind } from './kind.ts';

/**
 * Which of some optional kinds the cluster serves, asked through its API discovery. A group version that cannot be asked just now (an
 * aggregated API that is down) stays as it was.
 */
export class OfferedKinds {
  #client: Pick<ClusterClient, 'resources'>;
  #kinds: readonly Kind[];
  #offered = new Set<Kind>();

  constructor(client: Pick<ClusterClient, 'resources'>, kinds: readonly Kind[]) {
    this.#client = client;
    this.#kinds = kinds;
  }

  has(kind: Kind): boolean {
    return this.#offered.has(kind);
  }

  /** Asks once. `failed`: the group versions, of all that were asked, that gave no answer. */
  async refresh(): Promise<{ appeared: Kind[]; gone: Kind[]; failed: string[]; asked: number }> {
    const versions = [...new Set(this.#kinds.map((kind) => kind.apiVersion))];
    const answers = await Promise.allSettled(versions.map((version) => this.#client.resources(version)));
    const appeared: Kind[] = [];
    const gone: Kind[] = [];
    const failed = versions.filter((_, index) => answers[index]?.status === 'rejected');
    for (const kind of this.#kinds) {
      const answer = answers[versions.indexOf(kind.apiVersion)];
      if (answer?.status !== 'fulfilled') continue;
      const served = answer.value.includes(kind.plural);
      if (served === this.#offered.has(kind)) continue;
      (served ? appeared : gone).push(kind);
      if (served) this.#offered.add(kind);
      else this.#offered.delete(kind);
    }
    return { appeared, gone, failed, asked: versions.length };
  }
}
