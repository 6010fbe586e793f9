/** Exponential delays: `firstMs` doubling to `maxMs`, each shortened by up to `jitter` of itself (0..1) so that failures spread out. */
export interface Backoff {
  firstMs: number;
  maxMs: number;
  jitter: number;
}

/** The delay after `failures` earlier failures; `chance` in [0, 1). */
export function backoffMs(backoff: Backoff, failures: number, chance: number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(failures, 30));
  return Math.round(full * (1 - backoff.jitter * chance));
}
