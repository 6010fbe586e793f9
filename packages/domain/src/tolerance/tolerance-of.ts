import { toleranceEntries, type ToleranceEntry, type UnitCorrection } from './entries.ts';

/** Who made a station, as it said in its last BootNotification; null where it never did. */
export interface StationMake { vendor: string | null; model: string | null; firmware: string | null }

/** What is made allowance for with one station: the sum of its entries. */
export interface Tolerance {
  entries: readonly ToleranceEntry[];
  understands: ReadonlySet<string>;
  /** Those of `understands` that put nothing in the place of something that is missing. */
  understandsAsSaid: ReadonlySet<string>;
  units: readonly UnitCorrection[];
  registersIn: 'Wh' | 'kWh';
  errorCodes: Readonly<Record<string, string>>;
  closing: 'handshake' | 'cut';
  withoutSubprotocol: 'ocpp1.6' | null;
}

/** Nothing is made allowance for: the usual case, and one object for all. */
export const strict: Tolerance = { entries: [], understands: new Set(), understandsAsSaid: new Set(), units: [], registersIn: 'Wh', errorCodes: {}, closing: 'handshake', withoutSubprotocol: null };

/** What the table says of this make; of two entries that contradict each other the later one counts. */
export function toleranceOf(make: StationMake, table: readonly ToleranceEntry[] = toleranceEntries): Tolerance {
  const { vendor } = make;
  if (vendor === null) return strict;
  const entries = table.filter((entry) => matches(entry.vendor, vendor) && matches(entry.model, make.model) && matches(entry.firmware, make.firmware));
  if (entries.length === 0) return strict;
  const understands = entries.flatMap((entry) => entry.understands ?? []);
  return {
    entries,
    understands: new Set(understands),
    understandsAsSaid: new Set(understands.filter((kind) => kind !== 'unreadable-time' && kind !== 'missing-property')),
    units: entries.flatMap((entry) => entry.units ?? []),
    registersIn: entries.some((entry) => entry.registersIn === 'kWh') ? 'kWh' : 'Wh',
    errorCodes: Object.assign({}, ...entries.map((entry) => entry.errorCodes ?? {})) as Record<string, string>,
    closing: entries.some((entry) => entry.closing === 'cut') ? 'cut' : 'handshake',
    withoutSubprotocol: entries.some((entry) => entry.withoutSubprotocol === 'ocpp1.6') ? 'ocpp1.6' : null,
  };
}

/** A register of 1.6's meterStart or meterStop in Wh. */
export function registerWh(tolerance: Tolerance, stated: number): number {
  return tolerance.registersIn === 'kWh' ? Math.round(stated * 1e6) / 1e3 : stated;
}

/** Texts come from a station: only their beginning is looked at. */
function matches(pattern: RegExp | undefined, text: string | null): boolean {
  return pattern === undefined || (text !== null && pattern.test(text.slice(0, 100)));
}
