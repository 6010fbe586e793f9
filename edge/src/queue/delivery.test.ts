import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../clock.ts';
import { createMemoryStorage } from '../storage/memory-storage.ts';
import { createDelivery, type SendOutcome } from './delivery.ts';
import { openRecordQueue } from './record-queue.ts';
import type { TransactionRecord } from './transaction-record.ts';

function aRecord(seqNo: number, kind: TransactionRecord['kind'] = 'updated'): TransactionRecord {
  return { kind, localId: 'tx', seqNo, connectorId: 1, at: '2026-11-24T09:00:00.000Z', trigger: 'meterPeriodic', chargingState: 'charging', offline: false };
}

/** A CSMS whose answers are given one by one, under a virtual clock. */
function setUp(attemptsMax = 3, inFlightMax = 1) {
  const clock = createVirtualClock(0);
  const queue = openRecordQueue(createMemoryStorage().openJournal('queue'));
  const sent: Array<{ record: TransactionRecord; transactionId: number | undefined; answer: (outcome: SendOutcome) => Promise<void> }> = [];
  const abandoned: number[] = [];
  const delivery = createDelivery({
    queue, clock, random: () => 0.5,
    send: (record, transactionId) => new Promise((resolve) => sent.push({ record, transactionId, answer: async (outcome) => { resolve(outcome); await new Promise<void>((next) => setImmediate(next)); } })),
    attemptsMax: () => attemptsMax, inFlightMax: () => inFlightMax, retryIntervalMs: () => 10_000,
    onAnswered: () => undefined, onAbandoned: (record) => abandoned.push(record.seqNo),
  });
  return { clock, queue, sent, abandoned, delivery, put: (record: TransactionRecord) => { queue.put(record); delivery.nudge(); }, last: () => sent.at(-1)! };
}

describe('delivery of queued transaction messages', () => {
  it('sends one at a time, in order, and the readings of a transaction with the number that its start was given', async () => {
    const { delivery, put, sent, last } = setUp();
    put(aRecord(0, 'started'));
    put(aRecord(1));
    expect(sent).toHaveLength(0);
    delivery.setReady(true);
    expect(sent).toHaveLength(1);
    await last().answer({ kind: 'answered', transactionId: 42 });
    expect(sent.map(({ record, transactionId }) => [record.seqNo, transactionId])).toEqual([[0, undefined], [1, 42]]);
  });

  it('that does not wait, as a deviation, sends readings ahead, and neither a start nor a stop', async () => {
    const { delivery, put, sent, last, queue } = setUp(3, 3);
    put(aRecord(0, 'started'));
    put(aRecord(1));
    delivery.setReady(true);
    expect(sent).toHaveLength(1);
    await last().answer({ kind: 'answered', transactionId: 42 });
    for (const record of [aRecord(2), aRecord(3), aRecord(4, 'stopped')]) put(record);
    expect(sent.map(({ record }) => record.seqNo)).toEqual([0, 1, 2, 3]);
    await sent[2]!.answer({ kind: 'answered' });
    expect(sent).toHaveLength(4);
    await sent[1]!.answer({ kind: 'answered' });
    await sent[3]!.answer({ kind: 'answered' });
    expect(last()).toMatchObject({ record: { kind: 'stopped' }, transactionId: 42 });
    await last().answer({ kind: 'answered' });
    expect(queue.size).toBe(0);
  });

  it('sends again what got no answer, on the next connection at once and on the same one after a while, as often as it takes', async () => {
    const { delivery, put, sent, last, clock, queue } = setUp();
    put(aRecord(0));
    delivery.setReady(true);
    delivery.setReady(false);
    await last().answer({ kind: 'unanswered' });
    expect(sent).toHaveLength(1);
    delivery.setReady(true);
    expect(sent).toHaveLength(2);
    for (let n = 3; n < 20; n += 1) {
      await last().answer({ kind: 'unanswered' });
      expect(sent).toHaveLength(n - 1);
      clock.advance(61_000);
      expect(sent).toHaveLength(n);
    }
    await last().answer({ kind: 'answered' });
    expect(queue.size).toBe(0);
  });

  it('gives a refused message up after the configured attempts, waiting longer each time, and goes on with the next', async () => {
    const { delivery, put, sent, last, clock, abandoned } = setUp(3);
    put(aRecord(0));
    put(aRecord(1));
    delivery.setReady(true);
    await last().answer({ kind: 'refused', code: 'InternalError', description: '' });
    clock.advance(9_999);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(sent).toHaveLength(2);
    await last().answer({ kind: 'refused', code: 'InternalError', description: '' });
    clock.advance(19_999);
    expect(sent).toHaveLength(2);
    clock.advance(1);
    await last().answer({ kind: 'refused', code: 'InternalError', description: '' });
    expect(abandoned).toEqual([0]);
    expect(last().record.seqNo).toBe(1);
  });
});
