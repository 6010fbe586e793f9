import type { Deviations } from '../deviations.ts';

/**
 * How a charger misbehaves, for tests and fault runs. Read at the moment at which it matters, so that a test may change
 * it while the charger runs.
 */
export interface StationBehaviour extends Deviations {
  /** The next so many downloads fail. */
  downloadsToFail?: number;
  failInstall?: boolean;
  /** How long an installation takes. */
  installMs?: number;
  /** The next so many uploads fail. */
  uploadsToFail?: number;
  /** Does not answer WebSocket pings; from the next connection on. */
  neverPong?: boolean;
  /** How far the charger's clock is off, in its timestamps. */
  clockSkewMs?: number;
  /** So many calls may be unanswered at once (OCPP allows one); from the next connection on. */
  callsInFlightMax?: number;
  /** Each transaction message is said again so often after it was answered, under new message ids. */
  repeats?: number;
}
