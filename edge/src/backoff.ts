import type { RandomPort } from './ports.ts';

export interface BackoffRule {
  firstMs: number;
  maxMs: number;
  /** Share of the delay that chance may add or take away, 0 to 1. */
  jitter: number;
}

/**
 * How long to wait before try number `attempt` (1 = the first retry): doubling, bounded, spread by chance so that a
 * fleet that lost its gateway does not come back in one millisecond.
 * @returns milliseconds, at least 0 and at most maxMs * (1 + jitter)
 */
export function backoffDelayMs(rule: BackoffRule, attempt: number, random: RandomPort): number {
  const base = Math.min(rule.maxMs, rule.firstMs * 2 ** Math.max(0, Math.min(attempt - 1, 30)));
  return Math.round(base * (1 - rule.jitter + 2 * rule.jitter * random()));
}
