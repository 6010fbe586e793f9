import type { z } from 'zod';
import type { CardGroup, Driver } from '@csms/contracts/http/drivers';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, maskUid, type PageRead, type PageRequest } from '../read-models/page.ts';
import { AlreadyRegistered, audit, type Actor } from '../register.ts';
import { forgetCachedCards } from './card-cache.ts';
import type { TenantCards } from './card-keys.ts';

export interface DriverInput { name: string; email: string | null; phone: string | null; externalRef: string | null; validFrom: Date | null; validUntil: Date | null }

/** A driver. Throws AlreadyRegistered where another has the same external reference. Audit rows name the id and no person. */
export async function addDriver(client: pg.ClientBase, driver: DriverInput, actor: Actor): Promise<string> {
  const id = uuidv7();
  const { rowCount } = await client.query(
    `INSERT INTO driver (tenant_id, id, name, email, phone, external_ref, valid_from, valid_until) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, external_ref) WHERE external_ref IS NOT NULL DO NOTHING`, [id, driver.name, driver.email, driver.phone, driver.externalRef, driver.validFrom, driver.validUntil]);
  if (rowCount === 0) throw new AlreadyRegistered('a driver with this external reference is registered already');
  await audit(client, actor, 'driver.register', id, null);
  return id;
}

export interface DriverChange { name?: string | undefined; email?: string | null | undefined; phone?: string | null | undefined; status?: 'active' | 'blocked' | undefined; validFrom?: Date | null | undefined; validUntil?: Date | null | undefined }
const driverColumns: readonly [keyof DriverChange, string][] = [['name', 'name'], ['email', 'email'], ['phone', 'phone'], ['status', 'status'], ['validFrom', 'valid_from'], ['validUntil', 'valid_until']];

/** Changes what is given and nothing else; false where there is no such driver. What takes something from cards makes stations forget them. */
export async function changeDriver(client: pg.ClientBase, id: string, change: DriverChange, actor: Actor): Promise<boolean> {
  return changeRow(client, { table: 'driver', word: 'driver', id, columns: driverColumns, change }, actor);
}

export interface TokenChange { status?: 'active' | 'blocked' | undefined; driverId?: string | null | undefined; groupId?: string | null | undefined; validFrom?: Date | null | undefined; validUntil?: Date | null | undefined }
const tokenColumns: readonly [keyof TokenChange, string][] = [['status', 'status'], ['driverId', 'driver_id'], ['groupId', 'group_id'], ['validFrom', 'valid_from'], ['validUntil', 'valid_until']];

/** The same for a card. */
export async function changeToken(client: pg.ClientBase, id: string, change: TokenChange, actor: Actor): Promise<boolean> {
  return changeRow(client, { table: 'token', word: 'token', id, columns: tokenColumns, change }, actor);
}

/** The same for a group, of which only the status changes. */
export async function changeGroup(client: pg.ClientBase, id: string, change: { status?: 'active' | 'blocked' | undefined }, actor: Actor): Promise<boolean> {
  return changeRow(client, { table: 'card_group', word: 'card-group', id, columns: [['status', 'status']], change }, actor);
}

/** Table and columns come from the lists above and from nowhere else. */
async function changeRow<Change extends { status?: string | undefined }>(
  client: pg.ClientBase, what: { table: 'driver' | 'token' | 'card_group'; word: string; id: string; columns: readonly (readonly [keyof Change & string, string])[]; change: Change }, actor: Actor,
): Promise<boolean> {
  const given = what.columns.filter(([field]) => what.change[field] !== undefined);
  if (given.length === 0) return (await client.query(`SELECT 1 FROM ${what.table} WHERE id = $1`, [what.id])).rowCount === 1;
  const { rowCount } = await client.query(`UPDATE ${what.table} SET ${given.map(([, column], i) => `${column} = $${i + 2}`).join(', ')} WHERE id = $1`, [what.id, ...given.map(([field]) => what.change[field])]);
  if (rowCount !== 1) return false;
  // A card that was given something may be tried by who holds it; one from which something was taken must not go on by a station's memory.
  if (what.change.status !== 'active' || given.length > 1) await forgetCachedCards(client);
  const { status } = what.change;
  if (status !== undefined) await audit(client, actor, `${what.word}.${status === 'blocked' ? 'block' : 'free'}`, what.id, null);
  if (given.some(([field]) => field !== 'status')) await audit(client, actor, `${what.word}.change`, what.id, { fields: given.map(([field]) => field) });
  return true;
}

/** Takes a card off the books; what was charged with it stays. False where there is none. */
export async function removeToken(client: pg.ClientBase, id: string, actor: Actor): Promise<boolean> {
  if ((await client.query('DELETE FROM token WHERE id = $1', [id])).rowCount !== 1) return false;
  await forgetCachedCards(client);
  await audit(client, actor, 'token.remove', id, null);
  return true;
}

/** Takes a driver off the books, and all of their cards with them. False where there is none. */
export async function removeDriver(client: pg.ClientBase, id: string, actor: Actor): Promise<boolean> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM token WHERE driver_id = $1 FOR UPDATE', [id]);
  for (const token of rows) await removeToken(client, token.id, actor);
  if ((await client.query('DELETE FROM driver WHERE id = $1', [id])).rowCount !== 1) return false;
  await audit(client, actor, 'driver.remove', id, { cards: rows.length });
  return true;
}

/** A group of cards. `parentUid` null: one of our making, 20 characters that no card has. Throws AlreadyRegistered. */
export async function addGroup(client: pg.ClientBase, group: { name: string; parentUid: string | null }, cards: TenantCards, actor: Actor): Promise<string> {
  const id = uuidv7();
  const parent = group.parentUid ?? `G${id.replaceAll('-', '').slice(-19)}`;
  const { rowCount } = await client.query(
    `INSERT INTO card_group (tenant_id, id, name, parent_uid, sealed_parent) VALUES (current_setting('app.tenant'), $1, $2, $3, $4) ON CONFLICT (tenant_id, name) DO NOTHING`,
    [id, group.name, cards.keys.reference(cards.tenantId, parent), cards.keys.seal(cards.tenantId, parent)]);
  if (rowCount === 0) throw new AlreadyRegistered('a group of this name is there already');
  await audit(client, actor, 'card-group.register', id, { name: group.name });
  return id;
}

export type ConcurrentUse = 'refuse' | 'allow';

/** Whether one card may charge at two connectors at once (1.6, 7.2: ConcurrentTx); a tenant that never said so refuses. */
export async function readCardPolicy(db: Queryable): Promise<{ concurrentUse: ConcurrentUse }> {
  const { rows } = await db.query<{ concurrentUse: ConcurrentUse }>('SELECT concurrent_use AS "concurrentUse" FROM card_policy');
  return rows[0] ?? { concurrentUse: 'refuse' };
}

/** Sets the tenant's rule and leaves one row in the audit. */
export async function setCardPolicy(client: pg.ClientBase, policy: { concurrentUse: ConcurrentUse }, actor: Actor): Promise<void> {
  await client.query(`INSERT INTO card_policy (tenant_id, concurrent_use, updated_at) VALUES (current_setting('app.tenant'), $1, $2)
    ON CONFLICT (tenant_id) DO UPDATE SET concurrent_use = excluded.concurrent_use, updated_at = excluded.updated_at`, [policy.concurrentUse, actor.now]);
  await audit(client, actor, 'card-policy.set', 'card-policy', policy);
}

interface DriverRow { id: string; name: string; email: string | null; phone: string | null; external_ref: string | null; status: 'active' | 'blocked'; valid_from: Date | null; valid_until: Date | null; created_at: Date; cards: number; key_at: string }
const driverSelect = `SELECT d.*, (SELECT count(*)::int FROM token t WHERE t.tenant_id = d.tenant_id AND t.driver_id = d.id) AS cards, ${keyTime('d.created_at')} AS key_at FROM driver d`;

/** Drivers, newest first; `search`: only those whose name contains it. */
export async function listDrivers(db: Queryable, request: PageRequest, filter: { search?: string | undefined }): Promise<PageRead<Driver>> {
  const where = new Where();
  if (filter.search !== undefined) where.add('position(lower(?) in lower(d.name)) > 0', filter.search);
  if (request.after) where.add('(d.created_at, d.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<DriverRow>(`${driverSelect} ${where.sql} ORDER BY d.created_at DESC, d.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], driverOf);
}

/** A driver with the number of their cards, or null. */
export async function readDriver(db: Queryable, id: string): Promise<Driver | null> {
  const { rows } = await db.query<DriverRow>(`${driverSelect} WHERE d.id = $1`, [id]);
  return rows[0] ? driverOf(rows[0]) : null;
}

function driverOf(row: DriverRow): Driver {
  return { id: row.id, name: row.name, email: row.email, phone: row.phone, externalRef: row.external_ref, status: row.status, validFrom: isoOrNull(row.valid_from), validUntil: isoOrNull(row.valid_until), cards: row.cards, createdAt: iso(row.created_at) };
}

interface GroupRow { id: string; name: string; parent_uid: string; status: 'active' | 'blocked'; created_at: Date; cards: number; key_at: string }
const groupSelect = `SELECT g.*, (SELECT count(*)::int FROM token t WHERE t.tenant_id = g.tenant_id AND t.group_id = g.id) AS cards, ${keyTime('g.created_at')} AS key_at FROM card_group g`;

/** Groups of cards, newest first. */
export async function listGroups(db: Queryable, request: PageRequest): Promise<PageRead<z.infer<typeof CardGroup>>> {
  const where = new Where();
  if (request.after) where.add('(g.created_at, g.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<GroupRow>(`${groupSelect} ${where.sql} ORDER BY g.created_at DESC, g.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], groupOf);
}

/** A group of cards with how many are in it, its parent number masked, or null. */
export async function readGroup(db: Queryable, id: string): Promise<z.infer<typeof CardGroup> | null> {
  const { rows } = await db.query<GroupRow>(`${groupSelect} WHERE g.id = $1`, [id]);
  return rows[0] ? groupOf(rows[0]) : null;
}

function groupOf(row: GroupRow): z.infer<typeof CardGroup> {
  return { id: row.id, name: row.name, parentUidMasked: maskUid(row.parent_uid), status: row.status, cards: row.cards, createdAt: iso(row.created_at) };
}
