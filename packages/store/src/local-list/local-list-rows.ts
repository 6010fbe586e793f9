import type { LocalListEntry } from '@csms/contracts/commands/local-list';
import type { Token } from '@csms/domain';
import type pg from 'pg';
import { bookedTokens, type BookedToken } from '../books/token-rows.ts';
import type { TenantCards } from '../cards/card-keys.ts';
import { isCardText } from '../cards/card-text.ts';
import type { Queryable } from '../forecast/queryable.ts';
import { readListEntries } from './list-entries.ts';

export type ListOutcome = 'never' | 'in-step' | 'failed' | 'too-long' | 'unsupported';

/** What the books know of a station's local list. */
export interface LocalListRow {
  version: number; sentVersion: number; contentKnown: boolean; reportedVersion: number | null; reportedAt: Date | null;
  outcome: ListOutcome; detail: string | null; syncedAt: Date | null; triedAt: Date | null; retryAt: Date | null; syncingUntil: Date | null;
  /** Made from cards that have changed since. */
  isStale: boolean;
}

const columns = `l.version, l.sent_version AS "sentVersion", l.content_known AS "contentKnown", l.reported_version AS "reportedVersion", l.reported_at AS "reportedAt", l.outcome, l.detail,
  l.synced_at AS "syncedAt", l.tried_at AS "triedAt", l.retry_at AS "retryAt", l.syncing_until AS "syncingUntil", l.card_revision < coalesce(r.revision, 0) AS "isStale"`;
const source = 'local_list l LEFT JOIN card_revision r ON r.tenant_id = l.tenant_id';

/** Null: the list of this station was never to be kept in step. */
export async function readLocalList(db: Queryable, stationId: string): Promise<LocalListRow | null> {
  const { rows } = await db.query<LocalListRow>(`SELECT ${columns} FROM ${source} WHERE l.station_id = $1`, [stationId]);
  return rows[0] ?? null;
}

/** What a synchronisation begins with: the cards, the revision that they are of, and what the station has; `known` null: nobody can say. */
export interface ListWork { cards: Token[]; revision: string; known: LocalListEntry[] | null; version: number }

export async function readListWork(db: Queryable, stationId: string, cards: TenantCards | null): Promise<ListWork> {
  // The revision first: a card that changes between the two makes the list stale again, which costs one look.
  const { rows: [list] } = await db.query<{ version: number; contentKnown: boolean; revision: string }>(
    `SELECT l.version, l.content_known AS "contentKnown", coalesce(r.revision, 0)::text AS revision FROM ${source} WHERE l.station_id = $1`, [stationId]);
  if (list === undefined) throw new Error('a list that nobody began cannot be worked on');
  const known = list.contentKnown ? await readListEntries(db, stationId, cards) : null;
  return { cards: await readCards(db, cards), revision: list.revision, known, version: list.version };
}

/** How many cards a list would have, but for those whose number is too long for one: what is too long for a station need not be read to be refused. */
export async function countCards(db: Queryable, now: Date): Promise<number> {
  const { rows } = await db.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${bookedTokens}) AS c WHERE kind <> 'central' AND ("validUntil" IS NULL OR "validUntil" > $1)`, [now]);
  return rows[0]!.n;
}

/** The cards of a tenant with their numbers; one that no key of ours opens is on no list. */
export async function readCards(db: Queryable, cards: TenantCards | null): Promise<Token[]> {
  const { rows } = await db.query<BookedToken & { sealedUid: string | null }>(`SELECT * FROM (${bookedTokens}) AS c WHERE "validUntil" IS NULL OR isfinite("validUntil") ORDER BY key`);
  const numberOf = (text: string): string | null => (cards === null ? (isCardText(text) ? null : text) : cards.keys.open(cards.tenantId, text));
  return rows.flatMap(({ sealedUid, sealedParent, ...row }): Token[] => {
    const uid = numberOf(sealedUid ?? row.uid);
    return uid === null ? [] : [{ ...row, uid, parentUid: row.parentUid === null ? null : numberOf(sealedParent ?? row.parentUid) }];
  });
}

/** Takes the only right to synchronise this list until then; false where somebody has it. Makes the row at the first time. `full`: forgets what is known. */
export async function claimListSync(client: pg.ClientBase, stationId: string, options: { now: Date; until: Date; full: boolean }): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO local_list AS l (tenant_id, station_id, syncing_until, tried_at) VALUES (current_setting('app.tenant'), $1, $3, $2)
     ON CONFLICT (tenant_id, station_id) DO UPDATE SET syncing_until = excluded.syncing_until, tried_at = excluded.tried_at, content_known = l.content_known AND NOT $4
     WHERE l.syncing_until IS NULL OR l.syncing_until <= $2`, [stationId, options.now, options.until, options.full]);
  return rowCount === 1;
}

/** The number of the next list that is sent: never one that was sent before, and above what the station says it has. Renews the right to send it. */
export async function nextListVersion(client: pg.ClientBase, stationId: string, claimedUntil: Date): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `UPDATE local_list SET sent_version = greatest(sent_version, version, reported_version, 0) + 1, syncing_until = $2 WHERE station_id = $1 RETURNING sent_version AS version`, [stationId, claimedUntil]);
  return rows[0]!.version;
}

/** Ends a synchronisation. After a failure the next try comes later each time, up to six hours. */
export async function endListSync(client: pg.ClientBase, stationId: string, end: { outcome: ListOutcome; detail: string | null; revision: string | null; now: Date }): Promise<void> {
  await client.query(
    `UPDATE local_list SET syncing_until = NULL, outcome = $2, detail = $3, card_revision = CASE WHEN $2 IN ('in-step', 'too-long') THEN coalesce($4::bigint, card_revision) ELSE card_revision END,
       failures = CASE WHEN $2 = 'failed' THEN failures + 1 ELSE 0 END,
       retry_at = CASE $2 WHEN 'failed' THEN $5::timestamptz + least(interval '6 hours', interval '30 seconds' * power(2, least(failures, 12))) WHEN 'unsupported' THEN $5::timestamptz + interval '6 hours' END
     WHERE station_id = $1`, [stationId, end.outcome, end.detail, end.revision, end.now]);
}

/**
 * Stations that are there, speak 1.6, and whose list is stale, failed, or may have been lost since (they have booted); the longest waiting first. One that
 * failed waits for its next try, or until the station comes again.
 */
export async function staleLists(db: Queryable, now: Date, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT s.id FROM ${source} JOIN station s ON s.tenant_id = l.tenant_id AND s.id = l.station_id AND s.online AND s.ocpp_version = 'ocpp1.6'
     WHERE (l.syncing_until IS NULL OR l.syncing_until <= $1) AND (l.retry_at IS NULL OR l.retry_at <= $1 OR s.online_since > l.tried_at)
       AND (l.card_revision < coalesce(r.revision, 0) OR l.outcome IN ('never', 'failed') OR (NOT l.content_known AND l.outcome = 'in-step') OR s.booted_at > l.tried_at)
     ORDER BY l.tried_at LIMIT $2`, [now, limit]);
  return rows.map((row) => row.id);
}
