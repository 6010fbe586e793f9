import { isOwnEvent, sameEventKey, severityOf } from '@csms/domain/security-event/security-event';
import { redactText } from '@csms/domain/station-configuration/redact-secrets';
import { uuidv7 } from '@csms/kit';
import { createHash } from 'node:crypto';
import type pg from 'pg';

export interface SecurityEventInput { stationId: string | null; identity: string | null; kind: string; detail: string; at: Date }

/**
 * Writes a security event of the client's tenant, or counts it with the same one that is there; an event that names an identity alone is its station's.
 * What strangers do under a name that nobody registered is not written: they could fill the books, and the knock log has them, within a bound.
 * @returns true for a new event
 */
export async function writeSecurityEvent(client: pg.ClientBase, said: SecurityEventInput): Promise<boolean> {
  const event = { ...said, detail: redactText(said.detail) };
  const key = createHash('sha256').update(sameEventKey(event)).digest('hex');
  const { rows } = await client.query<{ times: number }>(
    `INSERT INTO security_event AS e (tenant_id, id, station_id, identity, kind, detail, at, received_at, severity, source, same_key)
     SELECT current_setting('app.tenant'), $1, st.id, st.identity, $4, $5, $6, now(), $7, $8, $9 FROM station st WHERE CASE WHEN $2::uuid IS NULL THEN st.identity = $3 ELSE st.id = $2 END
     ON CONFLICT (tenant_id, same_key) DO UPDATE SET times = least(e.times, 2147483646) + 1, last_received_at = now() RETURNING times`,
    [uuidv7(), event.stationId, event.identity, event.kind, event.detail, event.at, severityOf(event.kind), isOwnEvent(event.kind) ? 'csms' : 'station', key]);
  return rows[0]?.times === 1;
}
