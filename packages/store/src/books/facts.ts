import type { BootFact, FactSource, Reading, StartFact, StartOutcome, StatusFact, StopFact, StopOutcome, TransactionEventFact, TransactionEventOutcome } from '@csms/domain';

/** Everything that goes through a tenant's lane: what happened at a station, in the order in which its gateway heard it. */
export type LaneFact =
  | { kind: 'start'; source: FactSource; fact: StartFact }
  | { kind: 'stop'; source: FactSource; fact: StopFact }
  | { kind: 'event'; source: FactSource; fact: TransactionEventFact }
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
