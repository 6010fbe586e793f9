import { StoredCommand } from '@csms/contracts/stored-command';
import type pg from 'pg';
import { requestHash } from '../commands/command-row.ts';
import type { TenantCards } from './card-keys.ts';
import { actionsWithCards, referencedCommand, sealedCommand } from './command-cards.ts';

/** Rows of each table that one call replaces at most: a call is one transaction, and cards wait for none that is long. */
const rowsAtOnce = 500;

/** True where a row from before still has a number: one look into small indexes and the list of cards. */
export async function hasCardNumbers(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(`SELECT EXISTS (SELECT 1 FROM token WHERE uid NOT LIKE 'card:%' OR parent_uid NOT LIKE 'card:%')
    OR EXISTS (SELECT 1 FROM session WHERE token_uid NOT LIKE 'card:%' OR stop_token_uid NOT LIKE 'card:%') OR EXISTS (SELECT 1 FROM orphan_stop WHERE token_uid NOT LIKE 'card:%')
    OR EXISTS (SELECT 1 FROM reservation WHERE token_uid NOT LIKE 'card:%' OR parent_uid NOT LIKE 'card:%') OR EXISTS (SELECT 1 FROM local_list_entry WHERE token_uid NOT LIKE 'card:%') AS there`);
  return rows[0]?.there === true;
}

/**
 * Replaces card numbers of rows from before by references, and seals anew what is sealed under an older key; within the tenant's transaction. Resolves with how
 * many rows it changed: 0 when nothing is left to do. Can be called again at any time, and by several processes at once: each row is locked or passed over.
 */
export async function sealCards(client: pg.ClientBase, cards: TenantCards): Promise<number> {
  const { tenantId, keys } = cards;
  const sealed = (text: string | null): string | null => (text === null || keys.open(tenantId, text) === null ? text : keys.seal(tenantId, text));
  const reference = (text: string | null): string | null => (text === null ? null : keys.reference(tenantId, text));
  /** By the newest lookup key where the number is known. */
  const today = (sealedText: string | null, uid: string | null): string | null => reference(sealedText === null ? uid : keys.open(tenantId, sealedText) ?? uid);
  const isStale = (sealedText: string | null, uid: string | null): boolean => uid !== null && (sealedText === null ? keys.open(tenantId, uid) !== null : !keys.isCurrent(tenantId, sealedText) && keys.open(tenantId, sealedText) !== null);
  let changed = 0;

  for (const { table, key } of [{ table: 'token', key: 'id' }, { table: 'local_list_entry', key: 'card_key' }] as const) {
    const uid = table === 'token' ? 'uid' : 'token_uid';
    const { rows } = await client.query<{ key: string; station: string | null; uid: string; sealed_uid: string | null; parent: string | null; sealed_parent: string | null }>(
      `SELECT ${key}::text AS key, ${table === 'token' ? 'NULL' : 'station_id::text'} AS station, ${uid} AS uid, sealed_uid, parent_uid AS parent, sealed_parent FROM ${table}`);
    const stale = rows.filter((row) => isStale(row.sealed_uid, row.uid) || isStale(row.sealed_parent, row.parent)).slice(0, rowsAtOnce);
    for (const row of stale) {
      const [next, parent] = [today(row.sealed_uid, row.uid)!, today(row.sealed_parent, row.parent)];
      const values = [row.key, next, sealed(row.sealed_uid ?? row.uid), parent, sealed(row.sealed_parent ?? row.parent)];
      // Two rows of one card, of which one is from before: the older one stays as it is and is found by nobody.
      const { rowCount } = table === 'token'
        ? await client.query('UPDATE token t SET uid = $2, sealed_uid = $3, parent_uid = $4, sealed_parent = $5 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM token o WHERE o.uid_key = lower($2) AND o.id <> t.id)', values)
        : await client.query(`UPDATE local_list_entry e SET token_uid = $2, card_key = lower($2), sealed_uid = $3, parent_uid = $4, sealed_parent = $5
            WHERE card_key = $1 AND station_id = $6 AND NOT EXISTS (SELECT 1 FROM local_list_entry o WHERE o.station_id = e.station_id AND o.card_key = lower($2) AND o.card_key <> e.card_key)`, [...values, row.station]);
      changed += rowCount ?? 0;
    }
  }

  const groups = await client.query<{ id: string; parent: string; sealed: string }>('SELECT id, parent_uid AS parent, sealed_parent AS sealed FROM card_group');
  for (const row of groups.rows.filter((each) => isStale(each.sealed, each.parent))) {
    await client.query('UPDATE card_group SET parent_uid = $2, sealed_parent = $3 WHERE id = $1', [row.id, today(row.sealed, row.parent), sealed(row.sealed)]);
    changed += 1;
  }

  for (const { table, columns } of [{ table: 'session', columns: ['token_uid', 'stop_token_uid'] }, { table: 'orphan_stop', columns: ['token_uid'] }, { table: 'reservation', columns: ['token_uid', 'parent_uid'] }] as const) {
    const { rows } = await client.query<Record<string, string | null>>(
      `SELECT id, ${columns.join(', ')} FROM ${table} WHERE ${columns.map((column) => `${column} NOT LIKE 'card:%'`).join(' OR ')} LIMIT ${rowsAtOnce} FOR UPDATE SKIP LOCKED`);
    if (rows.length === 0) continue;
    const column = (name: string): (string | null)[] => rows.map((row) => reference(row[name] ?? null));
    await client.query(`UPDATE ${table} t SET ${columns.map((name) => `${name} = r.${name}`).join(', ')} FROM unnest($1::uuid[], ${columns.map((_, i) => `$${i + 2}::text[]`).join(', ')}) AS r(id, ${columns.join(', ')}) WHERE t.id = r.id`,
      [rows.map((row) => row['id']), ...columns.map(column)]);
    changed += rows.length;
  }
  return changed + await sealCommands(client, cards);
}

/** Commands from before; those that have ended need no number again. What fits no schema of today stays as it is. */
async function sealCommands(client: pg.ClientBase, { tenantId, keys }: TenantCards): Promise<number> {
  const { rows } = await client.query<{ id: string; station_id: string; payload: unknown; live: boolean }>(
    `SELECT id, station_id, payload, state IN ('queued', 'sent', 'unknown') AS live FROM command
     WHERE action IN (${actionsWithCards.map((action) => `'${action}'`).join(', ')}) AND payload::text NOT LIKE '%card:%' AND NOT (action = 'send-local-list' AND payload -> 'entries' = '[]') LIMIT ${rowsAtOnce} FOR UPDATE SKIP LOCKED`);
  let changed = 0;
  for (const row of rows) {
    const command = StoredCommand.safeParse(row.payload);
    if (!command.success) continue;
    const next = row.live ? sealedCommand(keys, tenantId, command.data) : referencedCommand(keys, tenantId, command.data);
    await client.query('UPDATE command SET payload = $2, request_hash = $3 WHERE id = $1', [row.id, JSON.stringify(next), requestHash(row.station_id, referencedCommand(keys, tenantId, command.data))]);
    changed += 1;
  }
  return changed;
}
