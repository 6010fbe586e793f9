import type { Verdict } from '@csms/domain/session/session-state';
import { storableJson } from './storable.ts';
import type { SeenEvent } from '@csms/domain/session/transaction-event';
import type pg from 'pg';

/** One message that touched a session, and what was decided; for `session explain`. */
export interface Evidence {
  stationId: string; sessionId: string | null; transactionRef: string | null; action: string; messageId: string;
  seqNo: number | null; chargingState?: string | null; eventAt: Date | null; receivedAt: Date; verdict: Verdict; detail: string; payload: unknown;
}

export async function insertEvidence(client: pg.ClientBase, rows: readonly Evidence[]): Promise<void> {
  if (rows.length === 0) return;
  const column = <T>(pick: (row: Evidence) => T): T[] => rows.map(pick);
  await client.query({
    name: 'insert_evidence',
    text: `INSERT INTO session_event (tenant_id, station_id, session_id, transaction_ref, action, message_id, seq_no, charging_state, event_at, received_at, verdict, detail, payload)
     SELECT current_setting('app.tenant'), e.* FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[], $12::jsonb[]) AS e`,
    values: [column((e) => e.stationId), column((e) => e.sessionId), column((e) => e.transactionRef), column((e) => e.action), column((e) => e.messageId), column((e) => e.seqNo), column((e) => e.chargingState ?? null),
      column((e) => e.eventAt), column((e) => e.receivedAt), column((e) => e.verdict), column((e) => e.detail), column((e) => storableJson(e.payload))],
  });
}

/** The 2.x events of a transaction that were applied, from their evidence. */
export async function loadSeenEvents(client: pg.ClientBase, stationId: string, transactionRef: string): Promise<SeenEvent[]> {
  const { rows } = await client.query<{ action: string; seqNo: number; at: Date; receivedAt: Date; chargingState: string | null }>(
    `SELECT action, seq_no AS "seqNo", event_at AS at, received_at AS "receivedAt", charging_state AS "chargingState" FROM session_event
     WHERE station_id = $1 AND transaction_ref = $2 AND seq_no IS NOT NULL AND verdict IN ('applied', 'late') ORDER BY id`, [stationId, transactionRef]);
  return rows.map(({ action, ...event }) => ({ ...event, kind: action.split('/')[1] as SeenEvent['kind'] }));
}
