import { cardEnds } from '../card-ends.ts';
import { amountOf, tariffAt } from './bill-check.ts';
import type { BookedSession, Books } from './books.ts';
import type { ExpectedSession, FileTruth } from './file-truth.ts';

export const differenceKinds = [
  'missing', 'extra', 'doubled', 'not ended', 'end differs', 'energy differs', 'unbilled', 'billed twice', 'wrong amount',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  kind: DifferenceKind;
  identity: string;
  sessionId: string | null;
  transactionRef: string | null;
  /** What was expected and what was found, in words. */
  detail: string;
}

export interface AuditReport {
  file: { rows: number; refused: number; refusedWithoutStation: number; repeatedLines: number[]; sessions: number; energyWh: number; shiftWeeks: number; totalMinor: number };
  books: { sessions: number; energyWh: number; totalMinor: number; bills: number; currency: string | null; byVersion: { [version: string]: number } };
  differences: Difference[];
  counts: { [kind in DifferenceKind]: number };
  isClean: boolean;
}

/** Lays the file beside the books and names whatever differs. Pure. */
export function compare(truth: FileTruth, books: Books): AuditReport {
  const differences: Difference[] = [];
  const byKey = new Map<string, BookedSession[]>();
  for (const session of books.sessions) {
    const key = `${session.identity}|${session.idTag === null ? '' : cardEnds(session.idTag)}|${session.startedAt}`;
    byKey.set(key, [...(byKey.get(key) ?? []), session]);
  }
  const wanted = new Map<string, ExpectedSession[]>();
  for (const session of truth.expected) {
    const key = `${session.identity}|${cardEnds(session.idTag)}|${session.startedAt}`;
    wanted.set(key, [...(wanted.get(key) ?? []), session]);
  }

  let expectedMinor = 0;
  for (const [key, sessions] of wanted) {
    const found = pair(sessions, byKey.get(key) ?? []);
    byKey.delete(key);
    for (const { expected, booked } of found.pairs) {
      if (!booked) {
        differences.push({ kind: 'missing', identity: expected.identity, sessionId: expected.sessionId, transactionRef: null, detail: `line ${expected.line}: ${expected.energyWh} Wh at ${iso(expected.startedAt)} are not on the books` });
        continue;
      }
      expectedMinor += check(expected, booked, books, differences);
    }
    for (const booked of found.left) {
      differences.push({ kind: 'doubled', identity: booked.identity, sessionId: sessions[0]?.sessionId ?? null, transactionRef: booked.transactionRef, detail: `once more on the books as transaction ${booked.transactionRef}` });
    }
  }
  for (const sessions of byKey.values()) {
    for (const booked of sessions) {
      differences.push({ kind: 'extra', identity: booked.identity, sessionId: null, transactionRef: booked.transactionRef, detail: `on the books at ${iso(booked.startedAt)} and not in the file` });
    }
  }

  const counts = { 'missing': 0, 'extra': 0, 'doubled': 0, 'not ended': 0, 'end differs': 0, 'energy differs': 0, 'unbilled': 0, 'billed twice': 0, 'wrong amount': 0 };
  for (const difference of differences) counts[difference.kind] += 1;
  const bills = books.sessions.flatMap((session) => session.bills);
  const byVersion: { [version: string]: number } = {};
  for (const session of books.sessions) byVersion[session.ocppVersion] = (byVersion[session.ocppVersion] ?? 0) + 1;
  return {
    file: {
      rows: truth.rows, refused: truth.refused, refusedWithoutStation: truth.refusedWithoutStation, repeatedLines: truth.repeatedLines,
      sessions: truth.expected.length, energyWh: truth.expected.reduce((sum, session) => sum + session.energyWh, 0),
      shiftWeeks: truth.shiftWeeks, totalMinor: expectedMinor,
    },
    books: {
      sessions: books.sessions.length, energyWh: books.sessions.reduce((sum, session) => sum + (session.energyWh ?? 0), 0),
      totalMinor: bills.reduce((sum, bill) => sum + bill.totalMinor, 0), bills: bills.length, currency: bills[0]?.currency ?? null, byVersion,
    },
    differences, counts, isClean: differences.length === 0,
  };
}

/** Pairs sessions that share a key: those of equal energy first, so that a difference is blamed on the right one. */
function pair(expected: ExpectedSession[], booked: BookedSession[]): { pairs: Array<{ expected: ExpectedSession; booked?: BookedSession }>; left: BookedSession[] } {
  const left = [...booked];
  const take = (test: (session: BookedSession) => boolean) => {
    const index = left.findIndex(test);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  const exact = expected.map((session) => ({ expected: session, booked: take((one) => one.energyWh === session.energyWh && one.endedAt === session.endedAt) }));
  return { pairs: exact.map((match) => (match.booked ? match : { ...match, booked: take(() => true) })), left };
}

/** Checks one session against its line. @returns what it should cost, in minor units; 0 where no tariff applies */
function check(expected: ExpectedSession, booked: BookedSession, books: Books, differences: Difference[]): number {
  const differ = (kind: DifferenceKind, detail: string) =>
    void differences.push({ kind, identity: booked.identity, sessionId: expected.sessionId, transactionRef: booked.transactionRef, detail: `line ${expected.line}: ${detail}` });

  if (booked.state !== 'ended') differ('not ended', `its state is ${booked.state}`);
  else if (booked.endedAt !== expected.endedAt) differ('end differs', `ended ${iso(expected.endedAt)} in the file, ${booked.endedAt === null ? 'never' : iso(booked.endedAt)} on the books`);
  if (booked.energyWh !== expected.energyWh) differ('energy differs', `${expected.energyWh} Wh in the file, ${booked.energyWh} Wh on the books`);
  else if (booked.meterStopWh !== null && booked.meterStartWh !== null && booked.meterStopWh - booked.meterStartWh !== expected.energyWh) {
    differ('energy differs', `${expected.energyWh} Wh in the file, ${booked.meterStopWh - booked.meterStartWh} Wh between the registers on the books`);
  }

  const tariff = tariffAt(books.tariffs, booked.siteId, expected.startedAt);
  if (!tariff) {
    differ('unbilled', 'no tariff was valid when it began');
    return 0;
  }
  const amount = amountOf(tariff, expected.energyWh, expected.idleSeconds);
  if (booked.bills.length === 0) differ('unbilled', 'there is no bill');
  if (booked.bills.length > 1) differ('billed twice', `there are ${booked.bills.length} bills`);
  for (const bill of booked.bills) {
    if (bill.state !== 'final') differ('unbilled', `its bill is ${bill.state}`);
    if (bill.totalMinor !== amount) differ('wrong amount', `${amount} ${tariff.currency} by tariff ${tariff.id}, ${bill.totalMinor} ${bill.currency} on the bill`);
    else if (bill.linesSumMinor !== bill.totalMinor) differ('wrong amount', `the lines of the bill add up to ${bill.linesSumMinor}, its total is ${bill.totalMinor}`);
  }
  return amount;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
