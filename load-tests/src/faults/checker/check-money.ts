import { sessionsOf } from './check-transactions.ts';
import type { Check, Evidence } from './invariants.ts';
import { owedMinor } from './money.ts';

/** I-4: energy and money, each transaction by itself and all of them together; no amount below zero; nothing ended that is not billed as it is. */
export function checkMoney({ truths, books, tariffs }: Evidence, check: Check): void {
  const settled = new Map(books.orphans.filter((row) => row.matched !== null).map((row) => [row.matched, row]));
  const bills = new Map(books.bills.map((bill) => [bill.sessionId, bill]));
  let trueWh = 0;
  let trueMinor = 0;
  const matched = new Set<string>();
  for (const { identity, transactions, orphans } of truths) {
    for (const transaction of transactions) {
      const [session] = sessionsOf(identity, transaction, books.sessions);
      // A stop that came before its start ends it as well: I-11 has looked at it.
      const orphan = session && settled.get(session.id);
      const stop = transaction.stop?.acknowledged ? transaction.stop : orphan ? orphans.find(({ transactionId, at }) => String(transactionId) === orphan.ref && Date.parse(at) === orphan.endMs) : undefined;
      if (!session || !stop) continue;
      matched.add(session.id);
      const energyWh = Math.max(0, stop.meterStopWh - transaction.meterStartWh);
      const owed = owedMinor(tariffs, energyWh, session.startMs);
      const bill = bills.get(session.id);
      check.that(session.energyWh === energyWh, () => `${identity}: session ${session.ref} has ${session.energyWh} Wh, its charger delivered ${energyWh}`);
      check.that(bill?.energyWh === energyWh, () => `${identity}: session ${session.ref} is billed for ${bill?.energyWh} Wh, its charger delivered ${energyWh}`);
      check.that(owed !== null && bill?.totalMinor === owed, () => `${identity}: session ${session.ref} costs ${owed} rupiah, its bill says ${bill?.totalMinor}`);
      trueWh += energyWh;
      trueMinor += owed ?? 0;
    }
  }
  const ended = books.sessions.filter((session) => session.state === 'ended');
  for (const session of ended) check.that(matched.has(session.id), () => `${session.identity}: session ${session.ref} has ended and no charger was told that its stop is on the books`);
  const billedWh = books.bills.filter((bill) => matched.has(bill.sessionId)).reduce((sum, bill) => sum + bill.energyWh, 0);
  const billedMinor = books.bills.filter((bill) => matched.has(bill.sessionId)).reduce((sum, bill) => sum + bill.totalMinor, 0);
  check.that(billedWh === trueWh, () => `${billedWh} Wh are billed in all, the chargers delivered ${trueWh}`);
  check.that(billedMinor === trueMinor, () => `${billedMinor} rupiah are billed in all, ${trueMinor} are owed`);
  for (const bill of books.bills) {
    check.that(Number.isInteger(bill.totalMinor) && bill.totalMinor >= 0 && bill.energyWh >= 0, () => `a bill of ${bill.totalMinor} rupiah for ${bill.energyWh} Wh`);
    check.that(bill.linesMinor === bill.totalMinor, () => `the lines of a bill add up to ${bill.linesMinor}, its total is ${bill.totalMinor}`);
  }
}
