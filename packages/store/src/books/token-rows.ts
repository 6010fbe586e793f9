import type { Token } from '@csms/domain';
import type { OpenSessionOfToken } from '@csms/domain/authorization/decide';
import type pg from 'pg';

/** A card as the books hold it: `uid` and `parentUid` are references, `sealedParent` is what a station may be told. */
export interface BookedToken extends Token { sealedParent: string | null }

/** A card with what its driver, its group and its tenant make of it: blocked where one of them is, and within the narrower of two times. */
export const bookedTokens = `SELECT t.tenant_id AS "tenantId", t.id, t.uid, t.sealed_uid AS "sealedUid", t.kind,
    CASE WHEN 'blocked' IN (t.status, d.status, g.status) THEN 'blocked' ELSE 'active' END AS status,
    greatest(t.valid_from, d.valid_from) AS "validFrom", least(t.valid_until, d.valid_until) AS "validUntil",
    coalesce(g.parent_uid, t.parent_uid) AS "parentUid", CASE WHEN g.id IS NULL THEN t.sealed_parent ELSE g.sealed_parent END AS "sealedParent",
    coalesce((SELECT p.concurrent_use FROM card_policy p), 'refuse') AS "concurrentUse", t.uid_key AS key
  FROM token t LEFT JOIN driver d ON d.tenant_id = t.tenant_id AND d.id = t.driver_id LEFT JOIN card_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id`;

/**
 * The cards named in a batch and the sessions that are running on them, by lower-case number or reference (CiString). `cards`: for each every way in which it
 * may stand in the books, the first of which is its key in the answer.
 */
export async function loadTokens(client: pg.ClientBase, cards: readonly (readonly string[])[]): Promise<{ tokens: Map<string, BookedToken>; open: Map<string, OpenSessionOfToken[]> }> {
  const todayOf = new Map(cards.flatMap(([today, ...before]) => [today!, ...before].map((each) => [each.toLowerCase(), today!.toLowerCase()] as const)));
  if (todayOf.size === 0) return { tokens: new Map(), open: new Map() };
  const wanted = [...todayOf.keys()];
  const { rows: tokens } = await client.query<BookedToken & { key: string }>({ name: 'tokens_by_key', text: `${bookedTokens} WHERE t.uid_key = ANY($1)`, values: [wanted] });
  const { rows: sessions } = await client.query<OpenSessionOfToken & { uid: string }>(
    `SELECT token_key AS uid, id AS "sessionId", station_id AS "stationId", started_at AS "startedAt", greatest(last_reading_at, start_received_at) AS "heardAt"
     FROM session WHERE state = 'active' AND token_key = ANY($1) AND authorization_status = 'Accepted'`, [wanted]);
  const open = new Map<string, OpenSessionOfToken[]>();
  for (const { uid, ...session } of sessions) {
    const today = todayOf.get(uid)!;
    open.set(today, [...(open.get(today) ?? []), session]);
  }
  return { tokens: new Map(tokens.map((token) => [todayOf.get(token.key)!, token])), open };
}
