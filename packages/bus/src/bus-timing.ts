/** How long the bus waits for what. Tests shorten it; nothing else does. */
export interface BusTiming {
  /** A lease is renewed this often, and is gone after leaseMs without renewal. */
  renewMs: number;
  leaseMs: number;
  /** An inbox is read at least this often, whether a notification came or not. */
  pollMs: number;
  /** No call of the bus takes longer: it rejects with BusUnavailable. */
  callTimeoutMs: number;
  /** While the bus is away it is tried again after a pause between half of this and all of it. */
  retryMs: number;
}

export const standardTiming: BusTiming = { renewMs: 5_000, leaseMs: 15_000, pollMs: 1_000, callTimeoutMs: 500, retryMs: 1_000 };

/** The two lines a bus ever logs: it went away, it is back. A pino logger fits. */
export interface BusLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
