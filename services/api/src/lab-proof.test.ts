import { expect, it } from 'vitest';
import { proveTransactions, type ChargerTransaction } from './lab-proof.ts';

const now = new Date('2026-11-24T10:00:00Z');
const truth = (more: Partial<ChargerTransaction> = {}): ChargerTransaction => ({
  identity: 'CP_1', connectorId: 1, idTag: 'A', startedAt: '2026-11-24T09:00:00.000Z', meterStartWh: 0, transactionRef: '7', energyWh: 5_000, startAcknowledged: true, stopAcknowledged: true, stoppedAt: '2026-11-24T09:30:00.000Z', ...more,
});
const book = { sessions: 1, state: 'ended', energyWh: 5_000, bills: 1 };

it('what was acknowledged and stands in the books once, with the same Wh and one bill, is no problem', () => {
  expect(proveTransactions([truth()], [book], now)).toEqual({
    asOf: '2026-11-24T10:00:00.000Z', transactions: { byChargers: 1, acknowledged: 1, inBooks: 1, lost: 0, doubled: 0, queued: 0 },
    energyWh: { byChargers: 5_000, inBooks: 5_000, difference: 0 }, bills: { sessionsEnded: 1, billedOnce: 1, unbilled: 0, billedTwice: 0 }, problems: [],
  });
});

it.each([
  ['lost', {}, { ...book, sessions: 0, state: null, energyWh: null, bills: 0 }, 'acknowledged, and not in the books'],
  ['doubled', {}, { ...book, sessions: 2 }, '2 sessions in the books for one transaction'],
  ['other energy', {}, { ...book, energyWh: 4_999 }, 'the station measured 5000 Wh, the books have 4999 Wh'],
  ['never closed', {}, { ...book, state: 'active' }, 'its stop was acknowledged, and the session runs in the books'],
  ['unbilled', {}, { ...book, bills: 0 }, 'ended, and not billed'],
  ['billed twice', {}, { ...book, bills: 2 }, 'billed 2 times'],
  ['given up', { startAcknowledged: false, stopAcknowledged: false, abandoned: 'InternalError' }, { ...book, sessions: 0, bills: 0 }, 'the station gave a record up after refusals: InternalError'],
] as const)('%s is named', (_what, more, found, problem) => {
  expect(proveTransactions([truth(more)], [found], now).problems).toEqual([{ identity: 'CP_1', transactionRef: '7', problem }]);
});

it('what a charger still holds in its queue is owed by nobody yet', () => {
  const none = { sessions: 0, state: null, energyWh: null, bills: 0 };
  const proof = proveTransactions([
    truth({ startAcknowledged: false, stopAcknowledged: false, transactionRef: null }), truth({ stopAcknowledged: false }), truth({ stopAcknowledged: false, stoppedAt: undefined, energyWh: null }),
  ], [none, { ...book, state: 'active', energyWh: null, bills: 0 }, { ...book, state: 'active', energyWh: null, bills: 0 }], now);
  expect(proof.transactions).toEqual({ byChargers: 3, acknowledged: 2, inBooks: 2, lost: 0, doubled: 0, queued: 2 });
  expect(proof.problems).toEqual([]);
  expect(proof.bills.sessionsEnded).toBe(0);
});
