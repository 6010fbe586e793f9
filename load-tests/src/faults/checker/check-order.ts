import { sessionsOf } from './check-transactions.ts';
import type { Check, Evidence } from './invariants.ts';

/** I-7: end and registers of a session are those of the charger's own latest word. */
export function checkOrder({ truths, books }: Evidence, check: Check): void {
  for (const { identity, transactions } of truths) {
    for (const transaction of transactions) {
      const [session] = sessionsOf(identity, transaction, books.sessions);
      if (!session) continue;
      if (transaction.stop?.acknowledged) {
        check.that(session.endMs === Date.parse(transaction.stop.at), () => `${identity}: session ${session.ref} ended ${new Date(session.endMs ?? 0).toISOString()}, its charger said ${transaction.stop!.at}`);
        check.that(session.meterStopWh === transaction.stop.meterStopWh, () => `${identity}: session ${session.ref} stopped at ${session.meterStopWh} Wh, its charger said ${transaction.stop!.meterStopWh}`);
        continue;
      }
      if (session.flags.includes('clock-wrong')) continue;
      const newest = transaction.readings.filter(({ acknowledged }) => acknowledged).sort((a, b) => Date.parse(a.at) - Date.parse(b.at)).at(-1);
      if (newest) check.that((session.lastRegisterMs ?? 0) >= Date.parse(newest.at), () => `${identity}: session ${session.ref} shows a register of ${new Date(session.lastRegisterMs ?? 0).toISOString()}, the newest reading is of ${newest.at}`);
    }
  }
}

/** I-8: a connector shows the charger's newest status by its own time, whatever came late. */
export function checkLiveState({ truths, books }: Evidence, check: Check): void {
  for (const { identity, statuses } of truths) {
    for (const connectorId of new Set(statuses.map((status) => status.connectorId))) {
      const told = statuses.filter((status) => status.connectorId === connectorId).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
      const newestKnown = told.filter(({ acknowledged }) => acknowledged).at(-1);
      if (!newestKnown) continue;
      const row = books.connectors.find((each) => each.identity === identity && each.connectorId === connectorId);
      // One that was never answered may have come all the same, and is newer.
      const possible = told.filter((status) => Date.parse(status.at) >= Date.parse(newestKnown.at));
      check.that(possible.some((status) => status.status === row?.status && Date.parse(status.at) === row.statusMs), () => `${identity}: connector ${connectorId} shows ${row?.status} of ${new Date(row?.statusMs ?? 0).toISOString()}, the charger's newest word is ${newestKnown.status} of ${newestKnown.at}`);
    }
  }
}
