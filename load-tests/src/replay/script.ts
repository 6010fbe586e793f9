import type { TransactionRecord } from '@csms/edge';
import type { ScheduledSession } from './schedule.ts';

const readingsMax = 4;
const readingEveryMs = 10 * 60_000;

/**
 * What a charger would have said of one session, in order: the start, readings while energy flowed, the end of the flow
 * where the plug stayed in longer, and the stop. All of it lies in the past, so it is marked as made offline. Pure.
 */
export function recordsOf(session: ScheduledSession): TransactionRecord[] {
  const records: TransactionRecord[] = [];
  const say = (record: Pick<TransactionRecord, 'kind' | 'trigger' | 'chargingState'> & Partial<TransactionRecord>, atMs: number) => {
    records.push({
      localId: session.transactionId, connectorId: session.connectorId, seqNo: records.length, offline: true,
      at: new Date(atMs).toISOString(), ...record,
    });
  };
  const chargeMs = session.chargeEndMs - session.startMs;

  say({
    kind: 'started', trigger: 'authorized', chargingState: 'charging', idToken: session.idTag, idTokenType: 'ISO14443',
    reading: { registerWh: session.meterStartWh }, context: 'begin',
  }, session.startMs);

  const powerW = chargeMs > 0 ? Math.round((session.energyWh * 3_600_000) / chargeMs) : undefined;
  const readings = Math.min(readingsMax, Math.floor(chargeMs / readingEveryMs));
  for (let n = 1; n <= readings; n += 1) {
    const share = n / (readings + 1);
    // Whole seconds, as chargers give them; the last lies before the end of the charging.
    const atMs = session.startMs + Math.floor((chargeMs * share) / 1_000) * 1_000;
    const registerWh = session.meterStartWh + Math.floor(session.energyWh * share);
    say({ kind: 'updated', trigger: 'meterPeriodic', chargingState: 'charging', reading: { registerWh, powerW }, context: 'periodic' }, atMs);
  }

  const fullWh = session.meterStartWh + session.energyWh;
  if (session.chargeEndMs < session.endMs) {
    say({ kind: 'updated', trigger: 'chargingStateChanged', chargingState: 'suspendedEv' }, session.chargeEndMs);
  }
  say({
    kind: 'stopped', trigger: 'stopAuthorized', chargingState: 'idle', reason: 'Local', idToken: session.idTag, idTokenType: 'ISO14443',
    reading: { registerWh: fullWh }, context: 'end',
  }, session.endMs);
  return records;
}

/**
 * The records of all sessions of a station in the order of their times. At the same instant a stop goes before a start,
 * so that one car has left a connector before the next one comes.
 */
export function scriptOf(sessions: ScheduledSession[]): TransactionRecord[] {
  const keyed = sessions.flatMap((session, order) => recordsOf(session).map((record) => ({
    record, atMs: Date.parse(record.at), order,
    // Within one session nothing may change places, also where it has no length.
    rank: session.startMs === session.endMs ? 1 : record.kind === 'stopped' ? 0 : 1,
  })));
  keyed.sort((a, b) => a.atMs - b.atMs || a.rank - b.rank || a.order - b.order || a.record.seqNo - b.record.seqNo);
  return keyed.map(({ record }) => record);
}
