import { number, object, optionalNumber, text } from '../fields.ts';
import type { Journal } from '../ports.ts';
import { parseRecord, readLines, type TransactionRecord } from './transaction-record.ts';

export interface QueuedRecord {
  /** Position in the queue; rises by one, never used twice. */
  position: number;
  record: TransactionRecord;
  /** How often it was answered with an error; tries that got no answer do not count. */
  refusals: number;
}

export interface RecordQueue {
  readonly size: number;
  /** On the disk (fsync) when this returns. */
  put(record: TransactionRecord): void;
  /** The oldest that wait, at most `count` of them. */
  first(count: number): QueuedRecord[];
  refused(position: number): void;
  /** A record was answered, or given up: it is forgotten. `transactionId` is what a 1.6 start was answered with. */
  settle(position: number, transactionId?: number): void;
  /** The CSMS's number of a 1.6 transaction, once its start was answered. */
  transactionIdOf(localId: string): number | undefined;
  /** The records that wait, oldest first. */
  waiting(): TransactionRecord[];
  /** One more than the highest seqNo ever queued of this transaction, as far as the journal knows. */
  nextSeqNo(localId: string): number;
}

const compactAfterLines = 2_000;

/**
 * The transaction messages that the CSMS has not answered yet, first in, first out, in a journal of three kinds of
 * line: put, refused, settle. Replaying the journal gives the queue again, after any crash.
 */
export function openRecordQueue(journal: Journal): RecordQueue {
  const queue: QueuedRecord[] = [];
  const transactionIds = new Map<string, number>();
  const nextSeqNos = new Map<string, number>();
  let lastPosition = 0;
  let lineCount = 0;

  function applyPut(position: number, record: TransactionRecord, refusals: number): void {
    queue.push({ position, record, refusals });
    lastPosition = Math.max(lastPosition, position);
    nextSeqNos.set(record.localId, Math.max(nextSeqNos.get(record.localId) ?? 0, record.seqNo + 1));
  }

  function applySettle(position: number, transactionId: number | undefined): void {
    const index = queue.findIndex((queued) => queued.position === position);
    const [settled] = index < 0 ? [] : queue.splice(index, 1);
    if (!settled) return;
    if (transactionId !== undefined) transactionIds.set(settled.record.localId, transactionId);
    if (settled.record.kind === 'stopped') {
      transactionIds.delete(settled.record.localId);
      nextSeqNos.delete(settled.record.localId);
    }
  }

  for (const line of readLines(journal.lines())) {
    lineCount += 1;
    if (line['put'] !== undefined) {
      applyPut(number(line, 'put'), parseRecord(object(line['record'])), optionalNumber(line, 'refusals') ?? 0);
    } else if (line['settle'] !== undefined) {
      applySettle(number(line, 'settle'), optionalNumber(line, 'transactionId'));
    } else if (line['refused'] !== undefined) {
      const queued = queue.find((candidate) => candidate.position === line['refused']);
      if (queued) queued.refusals += 1;
    } else if (line['known'] !== undefined) {
      const localId = text(line, 'known');
      const transactionId = optionalNumber(line, 'transactionId');
      if (transactionId !== undefined) transactionIds.set(localId, transactionId);
      nextSeqNos.set(localId, number(line, 'nextSeqNo'));
      lastPosition = Math.max(lastPosition, number(line, 'position'));
    }
  }
  compact();

  function compact(): void {
    const lines = [...nextSeqNos].map(([localId, nextSeqNo]) =>
      JSON.stringify({ known: localId, nextSeqNo, transactionId: transactionIds.get(localId), position: lastPosition }));
    for (const { position, record, refusals } of queue) lines.push(JSON.stringify({ put: position, record, refusals }));
    journal.replace(lines);
    lineCount = lines.length;
  }

  function write(line: object, durable: boolean): void {
    journal.append(JSON.stringify(line), durable);
    lineCount += 1;
    if (lineCount > compactAfterLines && lineCount > 4 * (queue.length + nextSeqNos.size)) compact();
  }

  return {
    get size() {
      return queue.length;
    },
    put(record) {
      const position = lastPosition + 1;
      // In memory first: should a compaction follow the write, it already contains this record.
      applyPut(position, record, 0);
      write({ put: position, record }, true);
    },
    first: (count) => queue.slice(0, count),
    refused(position) {
      const queued = queue.find((candidate) => candidate.position === position);
      if (!queued) return;
      queued.refusals += 1;
      write({ refused: position }, false);
    },
    settle(position, transactionId) {
      applySettle(position, transactionId);
      // Not fsynced: a settle that is lost only sends the message once more, and the CSMS knows it by its content.
      write({ settle: position, transactionId }, false);
    },
    transactionIdOf: (localId) => transactionIds.get(localId),
    waiting: () => queue.map((queued) => queued.record),
    nextSeqNo: (localId) => nextSeqNos.get(localId) ?? 0,
  };
}
