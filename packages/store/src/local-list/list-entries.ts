import { LocalListEntry } from '@csms/contracts/commands/local-list';
import type { ListUpdate } from '@csms/domain/local-list/list-update';
import { cardKey } from '@csms/domain/local-list/wanted-list';
import type { Queryable } from '../forecast/queryable.ts';

interface EntryRow { tokenUid: string; status: string; validUntil: Date | null; parentUid: string | null }

/** The list that a station accepted, card by card. */
export async function readListEntries(db: Queryable, stationId: string): Promise<LocalListEntry[]> {
  const { rows } = await db.query<EntryRow>(`SELECT token_uid AS "tokenUid", status, valid_until AS "validUntil", parent_uid AS "parentUid" FROM local_list_entry WHERE station_id = $1 ORDER BY card_key`, [stationId]);
  return rows.map((row) => LocalListEntry.parse({ ...row, validUntil: row.validUntil?.toISOString() ?? null }));
}

/** Keeps what a station has after it accepted an update (1.6, 5.15). */
export async function keepListUpdate(db: Queryable, stationId: string, update: ListUpdate): Promise<void> {
  const isFull = update.updateType === 'full';
  const gone = update.entries.filter((entry) => entry.status === null).map((entry) => cardKey(entry.tokenUid));
  await db.query('DELETE FROM local_list_entry WHERE station_id = $1 AND ($2 OR card_key = ANY($3::text[]))', [stationId, isFull, gone]);
  const kept = update.entries.filter((entry) => entry.status !== null);
  const column = <T>(pick: (entry: LocalListEntry) => T): T[] => kept.map(pick);
  await db.query(
    `INSERT INTO local_list_entry AS e (tenant_id, station_id, card_key, token_uid, status, valid_until, parent_uid)
     SELECT current_setting('app.tenant'), $1, r.* FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) AS r
     ON CONFLICT (tenant_id, station_id, card_key) DO UPDATE SET token_uid = excluded.token_uid, status = excluded.status, valid_until = excluded.valid_until, parent_uid = excluded.parent_uid`,
    [stationId, column((entry) => cardKey(entry.tokenUid)), column((entry) => entry.tokenUid), column((entry) => entry.status), column((entry) => entry.validUntil), column((entry) => entry.parentUid)]);
}
