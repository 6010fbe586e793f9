import { cardEnds } from '../../card-ends.ts';
import type { TruthTransaction } from '../chargers/truth.ts';
import type { Check, Evidence } from './invariants.ts';
import type { SessionRow } from './read-books.ts';

const byKey = new WeakMap<SessionRow[], Map<string, SessionRow[]>>();

/** The sessions that a start of the truth may be: those of its natural key. */
export function sessionsOf(identity: string, transaction: TruthTransaction, sessions: SessionRow[]): SessionRow[] {
  let found = byKey.get(sessions);
  if (found === undefined) {
    found = new Map();
    for (const row of sessions) {
      const key = `${row.identity}/${row.connectorId}/${cardEnds(row.idTag)}/${row.saidStartMs}/${row.meterStartWh}`;
      found.set(key, [...(found.get(key) ?? []), row]);
    }
    byKey.set(sessions, found);
  }
  return found.get(`${identity}/${transaction.connectorId}/${cardEnds(transaction.idTag)}/${Date.parse(transaction.startedAt)}/${transaction.meterStartWh}`) ?? [];
}

const named = (identity: string, transaction: TruthTransaction): string => `${identity}, transaction of ${transaction.startedAt} (id ${transaction.ids[0] ?? 'none'})`;

/** I-1: each CALLRESULT of a start, a reading and a stop has its row. */
export function checkAcknowledged({ truths, books }: Evidence, check: Check): void {
  const readings = new Map(books.readings.map((row) => [`${row.identity}/${row.ref}/${row.connectorId}/${row.atMs}`, row]));
  for (const { identity, transactions } of truths) {
    for (const transaction of transactions) {
      for (const id of transaction.ids) check.that(sessionsOf(identity, transaction, books.sessions).some((row) => row.ref === String(id)), () => `${named(identity, transaction)}: its start was acknowledged and has no session`);
      for (const reading of transaction.readings.filter(({ acknowledged }) => acknowledged)) {
        const row = readings.get(`${identity}/${transaction.ids[0]}/${transaction.connectorId}/${Date.parse(reading.at)}`);
        check.that(row?.registerWh === reading.registerWh, () => `${named(identity, transaction)}: the reading of ${reading.at} with ${reading.registerWh} Wh was acknowledged and is ${row === undefined ? 'not on the books' : `${row.registerWh} Wh`}`);
      }
      if (!transaction.stop?.acknowledged) continue;
      const [session] = sessionsOf(identity, transaction, books.sessions);
      check.that(session?.state === 'ended', () => `${named(identity, transaction)}: its stop was acknowledged and it is ${session?.state ?? 'not there'}`);
    }
  }
}

/** I-2: the natural key is one transaction, with one id whatever the retries, and nothing is there that no charger did. */
export function checkIdentity({ truths, books }: Evidence, check: Check): void {
  const explained = new Set<string>();
  for (const { identity, transactions } of truths) {
    for (const transaction of transactions) {
      const sessions = sessionsOf(identity, transaction, books.sessions);
      for (const { id } of sessions) explained.add(id);
      check.that(sessions.length <= 1, () => `${named(identity, transaction)}: ${sessions.length} sessions (${sessions.map(({ ref }) => ref).join(', ')})`);
      check.that(new Set(transaction.ids).size <= 1, () => `${named(identity, transaction)}: its retries got the ids ${transaction.ids.join(', ')}`);
      check.that(transaction.startTries > 0 || sessions.length === 0, () => `${named(identity, transaction)}: on the books and never sent`);
    }
  }
  for (const row of books.sessions) check.that(explained.has(row.id), () => `${row.identity}: session ${row.ref} belongs to no start that a charger sent`);
}

/** I-3: exactly one final bill for what has ended. */
export function checkBills({ books }: Evidence, check: Check): void {
  const bills = new Map<string, number>();
  for (const bill of books.bills) bills.set(bill.sessionId, (bills.get(bill.sessionId) ?? 0) + 1);
  const billed = new Set(books.bills.filter(({ state }) => state === 'final').map(({ sessionId }) => sessionId));
  for (const { id, identity, ref, state } of books.sessions) {
    const count = bills.get(id) ?? 0;
    check.that(count <= 1, () => `${identity}: session ${ref} has ${count} bills`);
    if (state === 'ended') check.that(billed.has(id), () => `${identity}: session ${ref} has ended and has no final bill`);
  }
}

/** I-11: a stop of no known transaction is kept, and matched or listed. */
export function checkOrphans({ truths, books }: Evidence, check: Check): void {
  for (const { identity, orphans } of truths) {
    for (const orphan of orphans) {
      check.that(orphan.acknowledged, () => `${identity}: the stop of transaction ${orphan.transactionId} was never answered`);
      const row = books.orphans.find((each) => each.identity === identity && each.ref === String(orphan.transactionId) && each.endMs === Date.parse(orphan.at));
      if (!check.that(row !== undefined, () => `${identity}: the stop of transaction ${orphan.transactionId} at ${orphan.at} is not kept`)) continue;
      check.that(row!.meterStopWh === orphan.meterStopWh, () => `${identity}: the orphan of transaction ${orphan.transactionId} has ${row!.meterStopWh} Wh instead of ${orphan.meterStopWh}`);
      if (row!.matched !== null) check.that(books.sessions.some((session) => session.id === row!.matched && session.state === 'ended'), () => `${identity}: the orphan of transaction ${orphan.transactionId} was matched to a session that has not ended`);
    }
  }
}
