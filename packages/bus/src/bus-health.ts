import type { BusLog } from './bus-timing.ts';

/** Whether the bus answers, and who wants to know when that changes. */
export interface BusHealth {
  healthy(): boolean;
  report(healthy: boolean, reason?: unknown): void;
  onHealth(listener: (healthy: boolean) => void): () => void;
}

/** Starts unhealthy: nothing has answered yet. Logs one line a change, never one a failed call. */
export function createBusHealth(kind: string, log: BusLog): BusHealth {
  let current = false;
  let everReported = false;
  const listeners = new Set<(healthy: boolean) => void>();
  return {
    healthy: () => current,
    report(healthy, reason) {
      if (healthy === current && everReported) return;
      const changed = healthy !== current;
      everReported = true;
      current = healthy;
      if (healthy) log.info({ event: 'bus_up', bus: kind }, 'the bus answers');
      else log.warn({ event: 'bus_down', bus: kind, reason: reason instanceof Error ? reason.message : undefined }, 'the bus is away; sockets stay, commands wait in the ledger');
      if (changed) for (const listener of [...listeners]) listener(healthy);
    },
    onHealth(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
