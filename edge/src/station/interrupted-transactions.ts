import type { RecordQueue } from '../queue/record-queue.ts';
import type { ConnectorRuntimes } from './connector-runtime.ts';
import type { TruthLog } from './truth-log.ts';

export interface InterruptedTransactionsParts {
  runtimes: ConnectorRuntimes;
  /** The last moment that the charger remembers, RFC 3339 UTC. */
  aliveAt: string | undefined;
  queue: Pick<RecordQueue, 'put' | 'waiting' | 'nextSeqNo'>;
  truthLog: Pick<TruthLog, 'note'>;
}

/**
 * A transaction that was running when the power went ends at the last moment that the charger remembers. The stops are
 * in the queue when this returns; the caller saves that the connectors are free.
 */
export function endInterruptedTransactions({ runtimes, aliveAt, queue, truthLog }: InterruptedTransactionsParts): void {
  for (const runtime of runtimes.values()) {
    const { transaction } = runtime;
    if (!transaction) continue;
    const at = aliveAt && aliveAt > transaction.startedAt ? aliveAt : transaction.startedAt;
    // A start is queued after the snapshot that names it, a stop before the snapshot that forgets it: a crash between
    // the two leaves a transaction here that never began, or one that has already ended.
    const isBegun = queue.nextSeqNo(transaction.localId) > 0;
    const isEnded = queue.waiting().some((waiting) => waiting.kind === 'stopped' && waiting.localId === transaction.localId);
    runtime.transaction = null;
    if (!isBegun || isEnded) continue;
    queue.put({
      kind: 'stopped', localId: transaction.localId,
      seqNo: Math.max(transaction.nextSeqNo, queue.nextSeqNo(transaction.localId)),
      connectorId: runtime.connector.connectorId, at, trigger: 'abnormal', chargingState: 'idle', offline: true,
      reason: 'PowerLoss', reading: { registerWh: runtime.register.registerWh }, context: 'end',
    });
    truthLog.note(transaction.localId, { stoppedAt: at, meterStopWh: Math.round(runtime.register.registerWh), reason: 'PowerLoss' });
  }
}
