import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStorage } from '../storage/file-storage.ts';
import { createMemoryStorage } from '../storage/memory-storage.ts';
import { openRecordQueue } from './record-queue.ts';
import type { TransactionRecord } from './transaction-record.ts';

let folder = '';
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'edge-queue-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () => openRecordQueue(createFileStorage(folder).openJournal('queue'));
const file = () => join(folder, 'queue.jsonl');

function aRecord(more: Partial<TransactionRecord> = {}): TransactionRecord {
  return {
    kind: 'updated', localId: 'tx', seqNo: 0, connectorId: 1, at: '2026-11-24T09:00:00.000Z', trigger: 'meterPeriodic', chargingState: 'charging', offline: true,
    reading: { registerWh: 12.5, powerW: 7_000 }, context: 'periodic', ...more,
  };
}

describe('the queue of transaction messages', () => {
  it('gives back after a kill what was not answered, in order, with the number of its transaction', () => {
    const queue = open();
    queue.put(aRecord({ kind: 'started', seqNo: 0, idToken: 'CARD' }));
    for (let seqNo = 1; seqNo <= 3; seqNo += 1) queue.put(aRecord({ seqNo }));
    queue.settle(1, 4711);
    queue.settle(2);
    // Nothing was closed: the process was killed.
    const again = open();
    expect(again.waiting()).toEqual([aRecord({ seqNo: 2 }), aRecord({ seqNo: 3 })]);
    expect(again.transactionIdOf('tx')).toBe(4711);
    expect(again.nextSeqNo('tx')).toBe(4);
    again.put(aRecord({ kind: 'stopped', seqNo: 4, reason: 'Local' }));
    expect(open().waiting().at(-1)).toMatchObject({ kind: 'stopped', reason: 'Local' });
  });

  it('drops a last record that the power loss cut off, wherever it was cut, and nothing before it', () => {
    const queue = open();
    queue.put(aRecord({ seqNo: 0 }));
    const whole = readFileSync(file()).length;
    queue.put(aRecord({ seqNo: 1 }));
    const bytes = readFileSync(file());
    for (const length of [whole + 1, whole + 40, bytes.length - 1]) {
      writeFileSync(file(), bytes);
      truncateSync(file(), length);
      const again = open();
      expect(again.waiting()).toEqual([aRecord({ seqNo: 0 })]);
      again.put(aRecord({ seqNo: 9 }));
      expect(open().waiting().map((record) => record.seqNo)).toEqual([0, 9]);
    }
  });

  it('leaves out a line that the disk damaged, and keeps those around it', () => {
    const queue = open();
    queue.put(aRecord({ seqNo: 0 }));
    appendFileSync(file(), '{"put":2,"rec\n');
    expect(open().waiting()).toHaveLength(1);
  });

  it('does not grow without bound: what is settled is forgotten, the numbers of what runs are kept', () => {
    const storage = createMemoryStorage();
    const queue = openRecordQueue(storage.openJournal('queue'));
    queue.put(aRecord({ kind: 'started', seqNo: 0 }));
    queue.settle(1, 77);
    for (let n = 1; n <= 3_000; n += 1) {
      queue.put(aRecord({ seqNo: n }));
      queue.settle(n + 1);
    }
    expect(storage.openJournal('queue').lines().length).toBeLessThan(2_500);
    const again = openRecordQueue(storage.openJournal('queue'));
    expect(again.size).toBe(0);
    expect(again.transactionIdOf('tx')).toBe(77);
    expect(again.nextSeqNo('tx')).toBe(3_001);
  });
});
