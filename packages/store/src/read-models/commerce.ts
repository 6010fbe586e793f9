import type { z } from 'zod';
import type { AuditEntry, BillRead, Tariff, Tenant, Token } from '@csms/contracts/http/index';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, maskUid, type PageRead, type PageRequest } from './page.ts';
import { readBillRow, type BillRow } from './sessions.ts';

export const byTimeKey = ['time', 'uuid'] as const;
export const tenantKey = ['text'] as const;

/** Bills, latest first. */
export async function listBills(db: Queryable, request: PageRequest): Promise<PageRead<BillRead>> {
  const where = new Where();
  if (request.after) where.add('(b.created_at, b.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<BillRow & { key_at: string }>(`SELECT b.*, ${keyTime('b.created_at')} AS key_at FROM bill b ${where.sql} ORDER BY b.created_at DESC, b.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], readBillRow);
}

export async function readBill(db: Queryable, id: string): Promise<BillRead | null> {
  const { rows } = await db.query<BillRow>('SELECT * FROM bill WHERE id = $1', [id]);
  return rows[0] ? readBillRow(rows[0]) : null;
}

interface TokenRow {
  id: string; uid: string; kind: Token['kind']; driver_name: string | null; driver_id: string | null; group_id: string | null; group_name: string | null; blocked_by: Token['blockedBy'];
  valid_from: Date | null; valid_until: Date | null; parent_uid: string | null; created_at: Date; key_at: string;
}
const tokenSelect = `SELECT t.id, t.uid, t.kind, coalesce(d.name, t.driver_name) AS driver_name, t.driver_id, t.group_id, g.name AS group_name,
    CASE WHEN t.status = 'blocked' THEN 'card' WHEN d.status = 'blocked' THEN 'driver' WHEN g.status = 'blocked' THEN 'group' END AS blocked_by,
    greatest(t.valid_from, d.valid_from) AS valid_from, least(t.valid_until, d.valid_until) AS valid_until, coalesce(g.parent_uid, t.parent_uid) AS parent_uid, t.created_at, ${keyTime('t.created_at')} AS key_at
  FROM token t LEFT JOIN driver d ON d.tenant_id = t.tenant_id AND d.id = t.driver_id LEFT JOIN card_group g ON g.tenant_id = t.tenant_id AND g.id = t.group_id`;

/** Cards and apps, newest first; their numbers masked. `spellings`: every way in which the wanted number may stand in the books. */
export async function listTokens(db: Queryable, request: PageRequest, filter: { driverId?: string | undefined; spellings?: readonly string[] | undefined } = {}): Promise<PageRead<Token>> {
  const where = new Where();
  if (filter.driverId !== undefined) where.add('t.driver_id = ?', filter.driverId);
  if (filter.spellings !== undefined) where.add('t.uid_key = ANY(?)', filter.spellings.map((each) => each.toLowerCase()));
  if (request.after) where.add('(t.created_at, t.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<TokenRow>(`${tokenSelect} ${where.sql} ORDER BY t.created_at DESC, t.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], tokenOf);
}

export async function readToken(db: Queryable, id: string): Promise<Token | null> {
  const { rows } = await db.query<TokenRow>(`${tokenSelect} WHERE t.id = $1`, [id]);
  return rows[0] ? tokenOf(rows[0]) : null;
}

function tokenOf(row: TokenRow): Token {
  return {
    id: row.id, uidMasked: maskUid(row.uid), kind: row.kind, driverName: row.driver_name, driverId: row.driver_id, groupId: row.group_id, groupName: row.group_name,
    status: row.blocked_by === null ? 'active' : 'blocked', blockedBy: row.blocked_by, validFrom: isoOrNull(row.valid_from), validUntil: isoOrNull(row.valid_until),
    parentUidMasked: row.parent_uid === null ? null : maskUid(row.parent_uid), createdAt: iso(row.created_at),
  };
}

interface TariffRow { id: string; site_id: string | null; name: string; currency: string; energy_per_kwh_minor: number; session_fee_minor: number; idle_per_minute_minor: number; idle_grace_minutes: number; valid_from: Date; valid_until: Date | null; key_at: string }

/** Tariffs, the one that began last first. */
export async function listTariffs(db: Queryable, request: PageRequest): Promise<PageRead<Tariff>> {
  const where = new Where();
  if (request.after) where.add('(t.valid_from, t.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<TariffRow>(`SELECT t.*, ${keyTime('t.valid_from')} AS key_at FROM tariff t ${where.sql} ORDER BY t.valid_from DESC, t.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], tariffOf);
}

export async function readTariff(db: Queryable, id: string): Promise<Tariff | null> {
  const { rows } = await db.query<TariffRow>(`SELECT t.*, '' AS key_at FROM tariff t WHERE t.id = $1`, [id]);
  return rows[0] ? tariffOf(rows[0]) : null;
}

function tariffOf(row: TariffRow): Tariff {
  return {
    id: row.id, siteId: row.site_id, name: row.name, currency: row.currency, energyPerKwhMinor: row.energy_per_kwh_minor, sessionFeeMinor: row.session_fee_minor,
    idlePerMinuteMinor: row.idle_per_minute_minor, idleGraceMinutes: row.idle_grace_minutes, validFrom: iso(row.valid_from), validUntil: isoOrNull(row.valid_until),
  };
}

/** Every tenant of the platform: for its staff, outside of any tenant's transaction. */
export async function listTenants(db: Queryable, request: PageRequest): Promise<PageRead<z.infer<typeof Tenant>>> {
  const where = new Where();
  if (request.after) where.add('id > ?', ...request.after);
  const { rows } = await db.query<{ id: string; display_name: string; currency: string; created_at: Date }>(`SELECT id, display_name, currency, created_at FROM tenant ${where.sql} ORDER BY id LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.id], (row) => ({ id: row.id, displayName: row.display_name, currency: row.currency, createdAt: iso(row.created_at) }));
}

/** The currency a tenant's money is in; IDR before the tenant is on the books. */
export async function currencyOf(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ currency: string }>(`SELECT currency FROM tenant WHERE id = current_setting('app.tenant')`);
  return rows[0]?.currency ?? 'IDR';
}

interface AuditRow { id: string; at: Date; actor: string; action: string; target: string; detail: unknown; address: string | null; trace_id: string | null; impersonation_id: string | null; key_at: string }
export interface AuditFilter { actor?: string | undefined; action?: string | undefined; target?: string | undefined; from?: string | undefined; until?: string | undefined }

/** Who changed what, latest first. */
export async function listAudit(db: Queryable, request: PageRequest, filter: AuditFilter = {}): Promise<PageRead<z.infer<typeof AuditEntry>>> {
  const where = new Where();
  if (request.after) where.add('(a.at, a.id) < (?, ?)', ...request.after);
  if (filter.actor !== undefined) where.add('strpos(lower(a.actor), lower(?)) > 0', filter.actor);
  if (filter.action !== undefined) where.add(`(a.action = ? OR starts_with(a.action, ? || '.'))`, filter.action, filter.action);
  if (filter.target !== undefined) where.add('a.target = ?', filter.target);
  if (filter.from !== undefined) where.add('a.at >= ?', filter.from);
  if (filter.until !== undefined) where.add('a.at < ?', filter.until);
  const { rows } = await db.query<AuditRow>(`SELECT a.*, ${keyTime('a.at')} AS key_at FROM audit a ${where.sql} ORDER BY a.at DESC, a.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => ({
    id: row.id, at: iso(row.at), actor: row.actor, action: row.action, target: row.target, detail: row.detail ?? null, address: row.address, traceId: row.trace_id, impersonationId: row.impersonation_id,
  }));
}
