import type { z } from 'zod';
import type { Enrolment } from '@csms/contracts/http/drivers';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, maskUid, type PageRead, type PageRequest } from '../read-models/page.ts';
import { AlreadyRegistered, audit, type Actor } from '../register.ts';
import type { CardKeys } from './card-keys.ts';

/**
 * Offers a card to the window that is open at its station, where there is one and the card is nobody's; true where it was taken. The first card is offered and
 * no later one. For whoever calls with a card that authorization does not know.
 */
export async function offerCard(client: pg.ClientBase, cards: CardKeys, seen: { tenantId: string; stationId: string; tokenUid: string; at: Date }): Promise<boolean> {
  const { tenantId, stationId, tokenUid, at } = seen;
  // The row is looked for before anything is computed: a stranger's card costs one look into an index that is nearly always empty.
  const { rows: [open] } = await client.query<{ id: string }>(`SELECT id FROM enrolment WHERE station_id = $1 AND state = 'open' AND expires_at > $2 AND opened_at <= $2 FOR UPDATE SKIP LOCKED`, [stationId, at]);
  if (open === undefined) return false;
  const { rowCount } = await client.query(
    `UPDATE enrolment SET state = 'offered', card_uid = $2, sealed_uid = $3, offered_at = $4 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM token WHERE uid_key = ANY($5))`,
    [open.id, cards.reference(tenantId, tokenUid), cards.seal(tenantId, tokenUid), at, cards.spellings(tenantId, tokenUid).map((each) => each.toLowerCase())]);
  if (rowCount !== 1) return false;
  await announce(client, { id: open.id, stationId, state: 'offered' }, at);
  return true;
}

/** Opens a window at a station until then. Throws AlreadyRegistered while another one is open or offered there. */
export async function openEnrolment(client: pg.ClientBase, window: { id: string; stationId: string; until: Date }, actor: Actor): Promise<void> {
  await client.query(`UPDATE enrolment SET state = 'cancelled', ended_at = $2, sealed_uid = NULL WHERE station_id = $1 AND state IN ('open', 'offered') AND expires_at <= $2`, [window.stationId, actor.now]);
  const { rowCount } = await client.query(
    `INSERT INTO enrolment (tenant_id, id, station_id, opened_at, expires_at, opened_by) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, station_id) WHERE state IN ('open', 'offered') DO NOTHING`, [window.id, window.stationId, actor.now, window.until, actor.name]);
  if (rowCount === 0) throw new AlreadyRegistered('another enrolment is open at this station');
  await audit(client, actor, 'enrolment.open', window.id, { stationId: window.stationId });
  await announce(client, { id: window.id, stationId: window.stationId, state: 'open' }, actor.now);
}

/** What was offered and is not taken yet, locked; null: nothing of that id. */
export async function offeredCard(client: pg.ClientBase, id: string): Promise<{ state: string; sealedUid: string | null; stationId: string; expiresAt: Date } | null> {
  const { rows } = await client.query<{ state: string; sealedUid: string | null; stationId: string; expiresAt: Date }>(
    `SELECT state, sealed_uid AS "sealedUid", station_id AS "stationId", expires_at AS "expiresAt" FROM enrolment WHERE id = $1 FOR UPDATE`, [id]);
  return rows[0] ?? null;
}

/** Ends a window: with the card that it became, or without one. The number that was offered is kept nowhere then. */
export async function endEnrolment(client: pg.ClientBase, end: { id: string; stationId: string; tokenId: string | null }, actor: Actor): Promise<void> {
  const state = end.tokenId === null ? 'cancelled' : 'accepted';
  await client.query('UPDATE enrolment SET state = $2, token_id = $3, ended_at = $4, sealed_uid = NULL WHERE id = $1', [end.id, state, end.tokenId, actor.now]);
  await audit(client, actor, `enrolment.${state === 'accepted' ? 'accept' : 'cancel'}`, end.id, end.tokenId === null ? null : { tokenId: end.tokenId });
  await announce(client, { id: end.id, stationId: end.stationId, state }, actor.now);
}

async function announce(client: pg.ClientBase, changed: { id: string; stationId: string; state: string }, at: Date): Promise<void> {
  await client.query(`INSERT INTO outbox (tenant_id, changes) VALUES (current_setting('app.tenant'), $1)`, [JSON.stringify([{ kind: 'enrolment', enrolmentId: changed.id, stationId: changed.stationId, state: changed.state, at: at.toISOString() }])]);
}

type EnrolmentRead = z.infer<typeof Enrolment>;
interface Row { id: string; station_id: string; identity: string; state: 'open' | 'offered' | 'accepted' | 'cancelled'; opened_at: Date; expires_at: Date; opened_by: string; card_uid: string | null; offered_at: Date | null; token_id: string | null; key_at: string }

const select = `SELECT e.*, st.identity, ${keyTime('e.opened_at')} AS key_at FROM enrolment e JOIN station st ON st.tenant_id = e.tenant_id AND st.id = e.station_id`;

/** Windows for unknown cards, latest first; an open one whose time is over is shown as expired. */
export async function listEnrolments(db: Queryable, request: PageRequest, filter: { stationId?: string | undefined }, now: Date): Promise<PageRead<EnrolmentRead>> {
  const where = new Where();
  if (filter.stationId) where.add('e.station_id = ?', filter.stationId);
  if (request.after) where.add('(e.opened_at, e.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<Row>(`${select} ${where.sql} ORDER BY e.opened_at DESC, e.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => enrolmentOf(row, now));
}

/** One window, or null. */
export async function readEnrolment(db: Queryable, id: string, now: Date): Promise<EnrolmentRead | null> {
  const { rows } = await db.query<Row>(`${select} WHERE e.id = $1`, [id]);
  return rows[0] ? enrolmentOf(rows[0], now) : null;
}

/** How long an offered card waits for somebody's word. */
export const acceptWithinMs = 10 * 60_000;

/** Forgets the numbers of cards that nobody took in their time: they are somebody's, and not ours. */
export async function forgetOffers(client: pg.ClientBase, now: Date): Promise<number> {
  const { rowCount } = await client.query('UPDATE enrolment SET sealed_uid = NULL WHERE sealed_uid IS NOT NULL AND expires_at <= $1', [new Date(now.getTime() - acceptWithinMs)]);
  return rowCount ?? 0;
}

/** True where nobody may take it any more. */
export function isOver(enrolment: { state: string; expiresAt: Date }, now: Date): boolean {
  return enrolment.state === 'open' ? enrolment.expiresAt <= now : enrolment.state !== 'offered' || enrolment.expiresAt.getTime() + acceptWithinMs <= now.getTime();
}

function enrolmentOf(row: Row, now: Date): EnrolmentRead {
  const over = isOver({ state: row.state, expiresAt: row.expires_at }, now);
  return {
    id: row.id, stationId: row.station_id, stationIdentity: row.identity, state: over && (row.state === 'open' || row.state === 'offered') ? 'expired' : row.state,
    openedAt: iso(row.opened_at), expiresAt: iso(row.expires_at), openedBy: row.opened_by, uidMasked: row.card_uid === null ? null : maskUid(row.card_uid), offeredAt: isoOrNull(row.offered_at), tokenId: row.token_id,
  };
}
