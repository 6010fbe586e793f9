import type { StationTruth } from './chargers/truth.ts';
import type { Random } from './random.ts';
import type { Namespaces } from './world/namespaces.ts';
import type { Platform, PlatformOptions } from './world/platform.ts';

/** What a run of a fault may ask of the suite. */
export interface Run {
  random: Random;
  /** True: the form with which CI lives. */
  short: boolean;
  /** The network of the run, where the fault asked for one. */
  namespaces: Namespaces | null;
  /** Opens a platform that is closed, and whose books are checked, at the end of the run. */
  open(options: PlatformOptions): Promise<Platform>;
  /** Chargers whose truth the checker lays beside the books. */
  watch(truths: StationTruth[]): void;
  /** Something measured, for the table. */
  note(text: string): void;
  /** An expectation of the fault's own; a false one fails the run with this sentence. */
  expect(holds: boolean, sentence: string): void;
  /** Ends something at the end of the run, whatever came of it, before the platform is closed. */
  afterwards(work: () => void | Promise<void>): void;
}

/** One fault of the matrix (notes/trust.md 2.4). */
export interface Fault {
  id: string;
  title: string;
  /** Left out by --short, which has three minutes for everything. */
  beyondShort?: true;
  /** What the machine must have; null: it is there, else the reason why the fault cannot be run. */
  needs?: () => Promise<string | null> | string | null;
  /** Run it in a network of its own, in the namespace `core` (world/namespaces.ts). */
  namespaces?: true;
  run(run: Run): Promise<void>;
}
