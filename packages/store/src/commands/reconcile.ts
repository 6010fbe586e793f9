import type pg from 'pg';
import { ChangedRow, type ChangedCommand } from './command-row.ts';

/** A station may have lost its link when it was told: what it did is believed to be ours this long after. */
const window = "interval '10 minutes'";

/*
 * A remote start is done when a session began after it: on 2.x with its remote start id, on 1.6 with its token (a CiString) on the asked
 * connector. A session answers for one command. A remote stop is done when the session that it names ended after it. Accepted commands only
 * get the session's name; an unknown one becomes accepted.
 */
const sessionOf = `SELECT s.id FROM session s
  WHERE s.tenant_id = c.tenant_id AND s.station_id = c.station_id AND CASE c.action
    WHEN 'remote-start' THEN s.start_received_at BETWEEN c.sent_at - interval '1 second' AND c.sent_at + ${window}
      AND CASE WHEN s.ocpp_version = 'ocpp1.6'
        THEN lower(s.token_uid) = lower(coalesce(substring(c.payload ->> 'tokenUid' FROM '^card:[0-9a-f]{32}:[^:]+'), c.payload ->> 'tokenUid')) AND (c.payload ->> 'evseId' IS NULL OR s.evse_id = (c.payload ->> 'evseId')::integer)
        ELSE s.remote_start_id = c.payload ->> 'remoteStartId' END
      AND NOT EXISTS (SELECT 1 FROM command other WHERE other.tenant_id = s.tenant_id AND other.session_id = s.id AND other.action = 'remote-start')
    ELSE s.transaction_ref = c.payload ->> 'transactionRef' AND s.state <> 'active' AND s.end_received_at >= c.sent_at - interval '1 second' END
  ORDER BY s.start_received_at, s.id LIMIT 1`;

/** Compares open remote starts and stops with the sessions, oldest first. Returns the commands that it changed; the caller announces them. */
export async function reconcileWithSessions(client: pg.PoolClient, tenantId: string, now: Date): Promise<ChangedCommand[]> {
  const { rows: open } = await client.query<{ id: string }>(`SELECT id FROM command
    WHERE tenant_id = $1 AND (state IN ('queued', 'sent', 'unknown') OR (state = 'accepted' AND session_id IS NULL AND action IN ('remote-start', 'remote-stop')))
      AND state IN ('unknown', 'accepted') AND session_id IS NULL AND action IN ('remote-start', 'remote-stop')
      AND sent_at IS NOT NULL AND created_at > $2::timestamptz - interval '1 hour'
    ORDER BY sent_at, id FOR UPDATE SKIP LOCKED`, [tenantId, now]);
  const changed: ChangedCommand[] = [];
  for (const { id } of open) {
    const { rows } = await client.query<Record<string, unknown>>(`UPDATE command SET session_id = seen.id, answered_at = coalesce(answered_at, $3),
        detail = CASE state WHEN 'unknown' THEN 'seen in the facts' ELSE detail END, state = 'accepted'
      FROM (SELECT found.id FROM command c, LATERAL (${sessionOf}) AS found WHERE c.tenant_id = $1 AND c.id = $2) AS seen
      WHERE command.tenant_id = $1 AND command.id = $2 AND command.state IN ('unknown', 'accepted') RETURNING command.*`, [tenantId, id, now]);
    changed.push(...rows.map((row) => ChangedRow.parse(row)));
  }
  return changed;
}
