import { useSyncExternalStore } from 'react';

/** One clock for the page: ages count on even when nothing arrives. */
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) { clearInterval(timer); timer = undefined; }
  };
}

/** The time in milliseconds since 1970, renewed each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}
