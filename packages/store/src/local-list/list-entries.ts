import { LocalListEntry } from '@csms/contracts/commands/local-list';
import type { ListUpdate } from '@csms/domain/local-list/list-update';
import { cardKey } from '@csms/domain/local-list/wanted-list';
import type { TenantCards } from '../cards/card-keys.ts';
import { isCardText, referenceIn } from '../cards/card-text.ts';
import type { Queryable } from '../forecast/queryable.ts';

interface EntryRow { tokenUid: string; sealedUid: string | null; status: string; validUntil: Date | null; parentUid: string | null; sealedParent: string | null }

/** The list that a station accepted, card by card, with the numbers opened; null where one of them cannot be, so that nobody can say what is there. */
export async function readListEntries(db: Queryable, stationId: string, cards: TenantCards | null): Promise<LocalListEntry[] | null> {
  const { rows } = await db.query<EntryRow>(
    `SELECT token_uid AS "tokenUid", sealed_uid AS "sealedUid", status, valid_until AS "validUntil", parent_uid AS "parentUid", sealed_parent AS "sealedParent" FROM local_list_entry WHERE station_id = $1 ORDER BY card_key`, [stationId]);
  const entries: LocalListEntry[] = [];
  for (const { tokenUid, sealedUid, status, validUntil, parentUid, sealedParent } of rows) {
    const number = numberOf(sealedUid ?? tokenUid, cards);
    const parent = parentUid === null ? undefined : numberOf(sealedParent ?? parentUid, cards);
    if (number === null || parent === null) return null;
    entries.push(LocalListEntry.parse({ tokenUid: number, status, validUntil: validUntil?.toISOString() ?? null, parentUid: parent ?? null }));
  }
  return entries;
}

function numberOf(text: string, cards: TenantCards | null): string | null {
  return cards === null ? (isCardText(text) ? null : text) : cards.keys.open(cards.tenantId, text);
}

/** Keeps what a station has after it accepted an update (1.6, 5.15); the update as the ledger has it, its numbers sealed. */
export async function keepListUpdate(db: Queryable, stationId: string, update: ListUpdate): Promise<void> {
  const isFull = update.updateType === 'full';
  const keyOf = (entry: LocalListEntry): string => cardKey(referenceIn(entry.tokenUid));
  const gone = update.entries.filter((entry) => entry.status === null).map(keyOf);
  await db.query('DELETE FROM local_list_entry WHERE station_id = $1 AND ($2 OR card_key = ANY($3::text[]))', [stationId, isFull, gone]);
  const kept = update.entries.filter((entry) => entry.status !== null);
  const column = <T>(pick: (entry: LocalListEntry) => T): T[] => kept.map(pick);
  const reference = (text: string | null): string | null => (text === null ? null : referenceIn(text));
  const sealed = (text: string | null): string | null => (text !== null && isCardText(text) ? text : null);
  await db.query(
    `INSERT INTO local_list_entry AS e (tenant_id, station_id, card_key, token_uid, status, valid_until, parent_uid, sealed_uid, sealed_parent)
     SELECT current_setting('app.tenant'), $1, r.* FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[]) AS r
     ON CONFLICT (tenant_id, station_id, card_key) DO UPDATE SET token_uid = excluded.token_uid, status = excluded.status, valid_until = excluded.valid_until, parent_uid = excluded.parent_uid,
       sealed_uid = excluded.sealed_uid, sealed_parent = excluded.sealed_parent`,
    [stationId, column(keyOf), column((entry) => reference(entry.tokenUid)), column((entry) => entry.status), column((entry) => entry.validUntil), column((entry) => reference(entry.parentUid)),
      column((entry) => sealed(entry.tokenUid)), column((entry) => sealed(entry.parentUid))]);
}
