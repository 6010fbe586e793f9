import type { BootFact, FactSource, Reading, StartFact, StartOutcome, StatusFact, StopFact, StopOutcome, TransactionEventFact, TransactionEventOutcome } from '@csms/domain';

/**
 * Everything that goes through a tenant's lane: what happened at a station, in the order in which its gateway heard it. `spellings`: every way in which the
 * fact's card may stand in the books, that of today first (cards/card-gate.ts); absent: as the fact has it.
 */
export type LaneFact =
  | { kind: 'start'; source: FactSource; fact: StartFact; spellings?: readonly string[] }
  | { kind: 'stop'; source: FactSource; fact: StopFact; spellings?: readonly string[] }
  | { kind: 'event'; source: FactSource; fact: TransactionEventFact; spellings?: readonly string[] }
  | { kind: 'readings'; source: FactSource; readings: Reading[]; payload: unknown }
  | { kind: 'status'; source: FactSource; fact: StatusFact }
  | { kind: 'boot'; source: FactSource; fact: BootFact }
  | { kind: 'presence'; stationId: string; epoch: bigint; online: boolean; at: Date; ocppVersion: string }
  | { kind: 'seen'; stationId: string; at: Date };

export interface Outcomes {
  start: StartOutcome;
  stop: StopOutcome;
  event: TransactionEventOutcome;
  readings: void;
  status: { applied: boolean };
  boot: void;
  presence: void;
  seen: void;
}

export const stationOf = (fact: LaneFact): string => 'source' in fact ? fact.source.stationId : fact.stationId;
