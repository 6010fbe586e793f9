import { pause } from '@csms/kube';
import type { Clock, Followed } from '@csms/kube';
import { optionalKindsOf } from './site/kinds.ts';
import type { World } from './world.ts';

/** So long the others wait for a copy that is not complete yet. */
const COMPLETE_WITHIN_MS = 5000;

/** Follows which optional kinds the cluster offers: a copy of each, begun when the kind appears and ended when it goes. */
export class Discovery {
  #world: World;
  #clock: Clock;
  #everyMs: number;
  #changed: () => void;
  #onFailure: (what: string, error: unknown) => void;
  #ends = new AbortController();
  #begun = new Map<string, Followed>();
  #run: Promise<void> | undefined;

  constructor(world: World, clock: Clock, options: { everyMs: number; changed: () => void; onFailure: (what: string, error: unknown) => void }) {
    this.#world = world;
    this.#clock = clock;
    this.#everyMs = options.everyMs;
    this.#changed = options.changed;
    this.#onFailure = options.onFailure;
  }

  /**
   * Asks once, and takes what changed into account. A kind is offered from when its copy is complete, so that nothing is taken for missing
   * that is only not read yet; one that we may not read holds up no other. False where nothing at all could be asked.
   */
  async once(): Promise<boolean> {
    const { discovery, copies, copyOf, platform } = this.#world;
    const { appeared, gone, failed, asked } = await discovery.refresh();
    for (const version of failed) this.#onFailure(`discovery ${version}`, new Error('the cluster does not say what it serves'));
    for (const kind of gone) {
      void this.#begun.get(kind.kind)?.stop();
      this.#begun.delete(kind.kind);
      copies.delete(kind.kind);
    }
    const made = optionalKindsOf(platform);
    const complete = appeared.filter((kind) => made.includes(kind)).map(async (kind) => {
      const copy = copyOf(kind);
      this.#begun.set(kind.kind, copy);
      copy.start();
      await copy.synced;
      if (this.#begun.get(kind.kind) !== copy) return;
      copies.set(kind.kind, copy);
      this.#changed();
    });
    await Promise.race([Promise.all(complete), pause(this.#clock, COMPLETE_WITHIN_MS, this.#ends.signal)]);
    if (appeared.length + gone.length > 0) this.#changed();
    return failed.length < asked;
  }

  start(): void {
    this.#run ??= this.#loop();
  }

  async stop(): Promise<void> {
    this.#ends.abort();
    await this.#run;
    await Promise.all([...this.#begun.values()].map((copy) => copy.stop()));
  }

  async #loop(): Promise<void> {
    for (;;) {
      await pause(this.#clock, this.#everyMs, this.#ends.signal);
      if (this.#ends.signal.aborted) return;
      await this.once();
    }
  }
}
