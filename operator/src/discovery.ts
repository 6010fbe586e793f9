import { pause } from '@csms/kube';
import type { Clock } from '@csms/kube';
import { optionalKinds } from './site/kinds.ts';
import type { World } from './world.ts';

/** A kind that appears is picked up within this time and a half (O-31: 60 s). */
const ASK_EVERY_MS = 30_000;

/** Follows which optional kinds the cluster offers: a copy of each, begun when the kind appears and ended when it goes. */
export class Discovery {
  #world: World;
  #clock: Clock;
  #changed: () => void;
  #onFailure: (what: string, error: unknown) => void;
  #ends = new AbortController();
  #run: Promise<void> | undefined;

  constructor(world: World, clock: Clock, options: { changed: () => void; onFailure: (what: string, error: unknown) => void }) {
    this.#world = world;
    this.#clock = clock;
    this.#changed = options.changed;
    this.#onFailure = options.onFailure;
  }

  /** Asks once, and takes what changed into account. False where nothing at all could be asked. */
  async once(): Promise<boolean> {
    const { discovery, copies, copyOf } = this.#world;
    const { appeared, gone, failed, asked } = await discovery.refresh();
    for (const version of failed) this.#onFailure(`discovery ${version}`, new Error('the cluster does not say what it serves'));
    for (const kind of gone) {
      const copy = copies.get(kind.kind);
      copies.delete(kind.kind);
      void copy?.stop();
    }
    // A kind is offered from when its copy is complete, so that nothing is taken for missing that is only not read yet.
    await Promise.all(
      appeared.filter((kind) => optionalKinds.includes(kind)).map(async (kind) => {
        const copy = copyOf(kind);
        copy.start();
        await Promise.race([copy.synced, new Promise((resolve) => this.#ends.signal.addEventListener('abort', resolve))]);
        copies.set(kind.kind, copy);
      }),
    );
    if (appeared.length + gone.length > 0) this.#changed();
    return failed.length < asked;
  }

  start(): void {
    this.#run ??= this.#loop();
  }

  async stop(): Promise<void> {
    this.#ends.abort();
    await this.#run;
  }

  async #loop(): Promise<void> {
    for (;;) {
      await pause(this.#clock, ASK_EVERY_MS, this.#ends.signal);
      if (this.#ends.signal.aborted) return;
      await this.once();
    }
  }
}
