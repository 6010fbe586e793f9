import type { Token } from '@csms/domain';
import type { OpenSessionOfToken } from '@csms/domain/authorization/decide';
import type pg from 'pg';

/** The cards named in a batch and the sessions that are running on them, by lower-case number (CiString). */
export async function loadTokens(client: pg.ClientBase, uids: readonly string[]): Promise<{ tokens: Map<string, Token>; open: Map<string, OpenSessionOfToken[]> }> {
  const wanted = [...new Set(uids.map((uid) => uid.toLowerCase()))];
  if (wanted.length === 0) return { tokens: new Map(), open: new Map() };
  const { rows: tokens } = await client.query<Token>(
    `SELECT tenant_id AS "tenantId", id, uid, kind, status, valid_until AS "validUntil", parent_uid AS "parentUid" FROM token WHERE uid_key = ANY($1)`, [wanted]);
  const { rows: sessions } = await client.query<OpenSessionOfToken & { uid: string }>(
    `SELECT token_key AS uid, id AS "sessionId", station_id AS "stationId", started_at AS "startedAt", greatest(last_reading_at, start_received_at) AS "heardAt"
     FROM session WHERE state = 'active' AND token_key = ANY($1) AND authorization_status = 'Accepted'`, [wanted]);
  const open = new Map<string, OpenSessionOfToken[]>();
  for (const { uid, ...session } of sessions) open.set(uid, [...(open.get(uid) ?? []), session]);
  return { tokens: new Map(tokens.map((token) => [token.uid.toLowerCase(), token])), open };
}
