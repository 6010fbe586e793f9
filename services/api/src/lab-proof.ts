import type { LabProof } from '@csms/contracts/http/lab';
import type { TruthInBooks, TruthOfCharger } from '@csms/store/read-models/index';

export interface ChargerTransaction extends TruthOfCharger {
  /** null while it runs. */
  energyWh: number | null;
  startAcknowledged: boolean;
  stopAcknowledged: boolean;
  stoppedAt?: string | undefined;
  abandoned?: string | undefined;
}

/** Registers are whole Wh; what differs by less is the same. */
const sameWithinWh = 0.5;

/**
 * Holds what each charger knows against what the books have (row by row, in the same order). Only what was acknowledged is owed: a transaction that
 * waits in a charger's queue is counted as queued, and a difference in energy is one only after the stop was acknowledged.
 */
export function proveTransactions(truths: readonly ChargerTransaction[], books: readonly TruthInBooks[], now: Date): LabProof {
  const problems: LabProof['problems'] = [];
  const counted = { acknowledged: 0, inBooks: 0, lost: 0, doubled: 0, queued: 0 };
  const energy = { byChargers: 0, inBooks: 0 };
  const bills = { sessionsEnded: 0, billedOnce: 0, unbilled: 0, billedTwice: 0 };
  for (const [i, truth] of truths.entries()) {
    const book = books[i] ?? { sessions: 0, state: null, energyWh: null, bills: 0 };
    const report = (problem: string): void => { problems.push({ identity: truth.identity, transactionRef: truth.transactionRef, problem }); };
    const waitsForStop = truth.stoppedAt !== undefined && !truth.stopAcknowledged;
    if (truth.abandoned !== undefined) report(`the station gave a record up after refusals: ${truth.abandoned}`);
    else if (!truth.startAcknowledged || waitsForStop) counted.queued += 1;
    if (book.sessions > 1) {
      counted.doubled += 1;
      report(`${book.sessions} sessions in the books for one transaction`);
    }
    if (!truth.startAcknowledged) continue;
    counted.acknowledged += 1;
    if (book.sessions === 0) {
      counted.lost += 1;
      report('acknowledged, and not in the books');
      continue;
    }
    counted.inBooks += 1;
    if (!truth.stopAcknowledged) continue;
    energy.byChargers += truth.energyWh ?? 0;
    energy.inBooks += book.energyWh ?? 0;
    if (book.state === 'active') report('its stop was acknowledged, and the session runs in the books');
    if (truth.energyWh !== null && Math.abs((book.energyWh ?? 0) - truth.energyWh) > sameWithinWh) report(`the station measured ${truth.energyWh} Wh, the books have ${book.energyWh ?? 'no'} Wh`);
    bills.sessionsEnded += 1;
    if (book.bills === 1) bills.billedOnce += 1;
    else if (book.bills === 0) {
      bills.unbilled += 1;
      report('ended, and not billed');
    } else {
      bills.billedTwice += 1;
      report(`billed ${book.bills} times`);
    }
  }
  return {
    asOf: now.toISOString(),
    transactions: { byChargers: truths.length, ...counted },
    energyWh: { ...energy, difference: Math.round((energy.inBooks - energy.byChargers) * 1_000) / 1_000 },
    bills, problems: problems.slice(0, 200),
  };
}
