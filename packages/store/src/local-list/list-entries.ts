import { LocalListEntry } from '@csms/contracts/commands/local-list';
import { cardKey } from '@csms/domain/local-list/wanted-list';
import type { Queryable } from '../forecast/queryable.ts';

interface EntryRow { tokenUid: string; status: string; validUntil: Date | null; parentUid: string | null }

/** The list that a station accepted, card by card. */
export async function readListEntries(db: Queryable, stationId: string): Promise<LocalListEntry[]> {
  const { rows } = await db.query<EntryRow>(`SELECT token_uid AS "tokenUid", status, valid_until AS "validUntil", parent_uid AS "parentUid" FROM local_list_entry WHERE station_id = $1 ORDER BY card_key`, [stationId]);
  return rows.map((row) => LocalListEntry.parse({ ...row, validUntil: row.validUntil?.toISOString() ?? null }));
}

/** Makes the kept list this one; rows that stay the same are not touched. */
export async function writeListEntries(db: Queryable, stationId: string, entries: readonly LocalListEntry[]): Promise<void> {
  const column = <T>(pick: (entry: LocalListEntry) => T): T[] => entries.map(pick);
  await db.query('DELETE FROM local_list_entry WHERE station_id = $1 AND NOT card_key = ANY($2::text[])', [stationId, column((entry) => cardKey(entry.tokenUid))]);
  await db.query(
    `INSERT INTO local_list_entry AS e (tenant_id, station_id, card_key, token_uid, status, valid_until, parent_uid)
     SELECT current_setting('app.tenant'), $1, r.* FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[]) AS r
     ON CONFLICT (tenant_id, station_id, card_key) DO UPDATE SET token_uid = excluded.token_uid, status = excluded.status, valid_until = excluded.valid_until, parent_uid = excluded.parent_uid
     WHERE (e.token_uid, e.status, e.valid_until, e.parent_uid) IS DISTINCT FROM (excluded.token_uid, excluded.status, excluded.valid_until, excluded.parent_uid)`,
    [stationId, column((entry) => cardKey(entry.tokenUid)), column((entry) => entry.tokenUid), column((entry) => entry.status), column((entry) => entry.validUntil), column((entry) => entry.parentUid)]);
}
