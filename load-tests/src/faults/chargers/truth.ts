/*
 * What a charger knows to be true, written down by the charger itself while it happens: the oracle of every fault run. The checker lays it beside the
 * books. Energy in Wh, times as the charger's clock says them.
 */

export interface TruthReading { at: string; registerWh: number; tries: number; acknowledged: boolean }

export interface TruthTransaction {
  connectorId: number;
  idTag: string;
  startedAt: string;
  meterStartWh: number;
  startTries: number;
  /** Every transaction id that a CALLRESULT gave for this start; all must be one. */
  ids: number[];
  readings: TruthReading[];
  stop: { at: string; meterStopWh: number; tries: number; acknowledged: boolean } | null;
}

/** A stop whose start the platform never got: id -1, 0 or of nobody. */
export interface TruthOrphan { transactionId: number; at: string; meterStopWh: number; acknowledged: boolean }

export interface TruthStatus { connectorId: number; status: string; at: string; acknowledged: boolean }

/** A CALL that came from the platform, with the socket it came through (1 is the charger's first). */
export interface TruthCall { messageId: string; action: string; socket: number; newestSocket: number; atMs: number }

export interface StationTruth {
  identity: string;
  transactions: TruthTransaction[];
  orphans: TruthOrphan[];
  statuses: TruthStatus[];
  calls: TruthCall[];
  /** CALLERRORs that the charger got, by action and code. */
  refusals: { action: string; code: string; description: string }[];
  /** Times that a socket ended without the charger wanting it. */
  cuts: number;
  acknowledged: number;
}

export function emptyTruth(identity: string): StationTruth {
  return { identity, transactions: [], orphans: [], statuses: [], calls: [], refusals: [], cuts: 0, acknowledged: 0 };
}
