/**
 * How a charger misbehaves, for tests and fault runs. Read at the moment at which it matters, so that a test may change
 * it while the charger runs.
 */
export interface StationBehaviour {
  /** The next so many downloads fail. */
  downloadsToFail?: number;
  failInstall?: boolean;
  /** How long an installation takes. */
  installMs?: number;
  /** The next so many uploads fail. */
  uploadsToFail?: number;
}
