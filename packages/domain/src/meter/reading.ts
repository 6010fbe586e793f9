/**
 * One moment at one connector. Common measurands are columns, everything else stands in `other` with its raw value and unit.
 * Energy in Wh, power in W, current in A, voltage in V, state of charge in percent, temperature in degrees Celsius.
 */
export interface Reading {
  evseId: number;
  /** 0 where a 2.x station gave none. */
  connectorId: number;
  /** '' when the reading belongs to no transaction. */
  transactionRef: string;
  at: Date;
  context: string | null;
  registerWh: number | null;
  powerW: number | null;
  currentA: number | null;
  voltageV: number | null;
  socPct: number | null;
  temperatureC: number | null;
  other: Record<string, unknown> | null;
}

/** A sample as both dialects carry it, before units are normalised. */
export interface RawSample {
  value: string | number;
  measurand?: string | undefined;
  unit?: string | undefined;
  /** Power of ten, 2.x only. */
  multiplier?: number | undefined;
  phase?: string | undefined;
  location?: string | undefined;
  context?: string | undefined;
  format?: string | undefined;
}
