import { stopReasons, type StopReason } from '../connector/connector.ts';
import { object, text, type Json } from '../fields.ts';
import type { Journal } from '../ports.ts';
import { readLines } from '../queue/transaction-record.ts';

/** What the charger itself knows of one transaction, whoever else heard of it. */
export interface TransactionTruth {
  localId: string;
  connectorId: number;
  idTag: string;
  startedAt: string;
  meterStartWh: number;
  /** 1.6: the number that the CSMS gave. */
  transactionId?: number;
  startAcknowledged: boolean;
  stoppedAt?: string;
  meterStopWh?: number;
  reason?: StopReason;
  stopAcknowledged: boolean;
  /** Records that were given up after too many refusals, with the last error code. */
  abandoned?: string;
  /** Readings made and readings answered; counted in memory, so they begin at 0 after a restart. */
  readings: number;
  readingsAcknowledged: number;
}

export interface TruthLog {
  note(localId: string, facts: Partial<TransactionTruth>): void;
  of(localId: string): TransactionTruth | undefined;
  all(): TransactionTruth[];
}

const keepFinished = 5_000;

/**
 * A list of facts for audits, kept beside the queue and independent of it: one line for each thing that became true.
 * Finished and acknowledged transactions beyond the last 5,000 are forgotten.
 */
export function openTruthLog(journal: Journal): TruthLog {
  const truths = new Map<string, TransactionTruth>();

  function apply(localId: string, facts: Partial<TransactionTruth>): void {
    const known = truths.get(localId);
    truths.set(localId, {
      localId, connectorId: 0, idTag: '', startedAt: '', meterStartWh: 0, startAcknowledged: false,
      stopAcknowledged: false, readings: 0, readingsAcknowledged: 0, ...known, ...facts,
    });
  }

  for (const line of readLines(journal.lines())) {
    // Written by `note` below from typed facts, so the names are right; a line of another shape is left out.
    try {
      apply(text(line, 'localId'), readFacts(object(line['facts'], 'facts')));
    } catch {
      continue;
    }
  }
  trim();

  function trim(): void {
    const finished = [...truths.values()].filter((truth) => truth.stopAcknowledged);
    for (const truth of finished.slice(0, Math.max(0, finished.length - keepFinished))) truths.delete(truth.localId);
    journal.replace([...truths.values()].map(({ localId, ...facts }) => JSON.stringify({ localId, facts })));
  }

  return {
    note(localId, facts) {
      apply(localId, facts);
      const { readings: _readings, readingsAcknowledged: _acknowledged, ...lasting } = facts;
      if (Object.keys(lasting).length > 0) journal.append(JSON.stringify({ localId, facts: lasting }), false);
    },
    of: (localId) => truths.get(localId),
    all: () => [...truths.values()],
  };
}

function readFacts(json: Json): Partial<TransactionTruth> {
  const facts: Partial<TransactionTruth> = {};
  for (const name of ['idTag', 'startedAt', 'stoppedAt', 'abandoned'] as const) {
    const value = json[name];
    if (typeof value === 'string') facts[name] = value;
  }
  for (const name of ['connectorId', 'meterStartWh', 'meterStopWh', 'transactionId'] as const) {
    const value = json[name];
    if (typeof value === 'number') facts[name] = value;
  }
  for (const name of ['startAcknowledged', 'stopAcknowledged'] as const) {
    const value = json[name];
    if (typeof value === 'boolean') facts[name] = value;
  }
  const reason = stopReasons.find((candidate) => candidate === json['reason']);
  if (reason) facts.reason = reason;
  return facts;
}
