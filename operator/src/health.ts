import type { Controller, Followed } from '@csms/kube';

const STUCK_MS = 300_000;
const SILENT_MS = 120_000;

/**
 * What is wrong with a process that only its restart heals (O-45), in a sentence, or null: a worker that has one key for more than 5 minutes,
 * or a watch from which nothing at all came for 2. A cluster that does not answer is no such fault: it is asked again and again.
 */
export function faultOf(controllers: readonly Pick<Controller, 'name' | 'runningMs'>[], copies: ReadonlyMap<string, Pick<Followed, 'silentForMs'>>): string | null {
  for (const each of controllers) {
    const longestMs = Math.max(0, ...each.runningMs());
    if (longestMs > STUCK_MS) return `A worker of the controller ${each.name} is stuck since ${Math.round(longestMs / 1000)} s.`;
  }
  for (const [kind, copy] of copies) if (copy.silentForMs() > SILENT_MS) return `The watch of ${kind} is silent since ${Math.round(copy.silentForMs() / 1000)} s.`;
  return null;
}
