import type { StationTruth } from '../chargers/truth.ts';
import { checkCommands, checkOwnership } from './check-commands.ts';
import { checkMoney } from './check-money.ts';
import { checkAcknowledged, checkBills, checkIdentity, checkOrphans } from './check-transactions.ts';
import { checkLiveState, checkOrder } from './check-order.ts';
import type { RunTariff } from '../world/platform.ts';
import type { BooksOfRun } from './read-books.ts';

/** What the checker lays side by side: each charger's own truth and the whole of the books. */
export interface Evidence { truths: StationTruth[]; books: BooksOfRun; tariffs: RunTariff[]; nowMs: number }

export interface Finding { id: string; statement: string; checked: number; violations: string[] }

/** Counts what it looked at and keeps what it found wrong. */
export class Check {
  readonly violations: string[] = [];
  checked = 0;

  that(holds: boolean, violation: () => string): boolean {
    this.checked += 1;
    if (!holds) this.violations.push(violation());
    return holds;
  }
}

const statements: [id: string, statement: string, check: (evidence: Evidence, check: Check) => void][] = [
  ['I-1', 'what was acknowledged is on disk', checkAcknowledged],
  ['I-2', 'one start, one transaction, one id', checkIdentity],
  ['I-3', 'one bill a transaction', checkBills],
  ['I-4', 'energy and rupiah add up to the truth', checkMoney],
  ['I-5', 'a command is written at most once, and ends', checkCommands],
  ['I-6', 'commands go to one owner, epochs only rise', checkOwnership],
  ['I-7', 'effects go by the charger\'s own order', checkOrder],
  ['I-8', 'live state never moves back', checkLiveState],
  ['I-11', 'no stop is dropped', checkOrphans],
];

/** Checks I-1 to I-8 and I-11 (notes/trust.md 2.2). Pure. */
export function checkInvariants(evidence: Evidence): Finding[] {
  return statements.map(([id, statement, run]) => {
    const check = new Check();
    run(evidence, check);
    return { id, statement, checked: check.checked, violations: check.violations };
  });
}
