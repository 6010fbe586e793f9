import { credentialHmac, newCredential, uuidv7 } from '@csms/kit';
import type { SecurityProfile } from '@csms/domain';
import type pg from 'pg';
import { forgetCachedCards } from './cards/card-cache.ts';
import type { TenantCards } from './cards/card-keys.ts';
import { auditOrigin } from './audit-origin.ts';

/** Who asks for a change; every change leaves one audit row in the same transaction. */
export interface Actor { name: string; now: Date }

/** Something of that name is there already; `message` is a sentence for the caller. */
export class AlreadyRegistered extends Error { override name = 'AlreadyRegistered'; }

/** A tenant, on its first use; a name that is given later replaces the old one. Outside of any tenant's transaction. */
export async function registerTenant(db: pg.ClientBase | pg.Pool, tenant: { id: string; displayName: string }): Promise<void> {
  await db.query(`INSERT INTO tenant (id, display_name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, [tenant.id, tenant.displayName]);
}

export interface SiteInput {
  namespace: string; name: string; displayName: string; latitude: number | null; longitude: number | null; address: string | null; timeZone: string;
  gridMaxPowerW: number | null; heartbeatIntervalS: number; spec: Record<string, unknown>;
}

/** Creates or updates the site of a resource; the same namespace and name takes up the books that were kept. Resolves with its id. Audit only where something changed. */
export async function upsertSite(client: pg.ClientBase, site: SiteInput, actor: Actor): Promise<string> {
  const { rows } = await client.query<{ id: string; changed: boolean }>(
    `INSERT INTO site AS s (tenant_id, id, namespace, name, display_name, latitude, longitude, address, time_zone, grid_max_power_w, heartbeat_interval_s, spec)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     ON CONFLICT (tenant_id, namespace, name) DO UPDATE SET display_name = excluded.display_name, latitude = excluded.latitude, longitude = excluded.longitude, address = excluded.address,
       time_zone = excluded.time_zone, grid_max_power_w = excluded.grid_max_power_w, heartbeat_interval_s = excluded.heartbeat_interval_s, spec = excluded.spec, state = 'active', updated_at = $12
     WHERE (s.display_name, s.latitude, s.longitude, s.address, s.time_zone, s.grid_max_power_w, s.heartbeat_interval_s, s.spec, s.state)
       IS DISTINCT FROM (excluded.display_name, excluded.latitude, excluded.longitude, excluded.address, excluded.time_zone, excluded.grid_max_power_w, excluded.heartbeat_interval_s, excluded.spec, 'active')
     RETURNING id, true AS changed`,
    [uuidv7(), site.namespace, site.name, site.displayName, site.latitude, site.longitude, site.address, site.timeZone, site.gridMaxPowerW, site.heartbeatIntervalS, JSON.stringify(site.spec), actor.now]);
  if (rows[0]) {
    await audit(client, actor, 'site.upsert', rows[0].id, { namespace: site.namespace, name: site.name, spec: site.spec });
    await client.query(`INSERT INTO outbox (tenant_id, changes) VALUES (current_setting('app.tenant'), $1)`, [JSON.stringify([{ kind: 'site', siteId: rows[0].id, at: actor.now.toISOString() }])]);
    return rows[0].id;
  }
  const known = await client.query<{ id: string }>('SELECT id FROM site WHERE namespace = $1 AND name = $2', [site.namespace, site.name]);
  return known.rows[0]!.id;
}

/** A station of a site, with a password of our making that is returned here and never again. Throws AlreadyRegistered. */
export async function registerStation(client: pg.ClientBase, station: { siteId: string; identity: string; displayName: string | null; securityProfile?: SecurityProfile }, pepper: string, actor: Actor): Promise<{ id: string; password: string }> {
  const id = uuidv7();
  const password = newCredential();
  const { rowCount } = await client.query(
    `INSERT INTO station (tenant_id, id, site_id, identity, display_name, credential_hmac, security_profile) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6) ON CONFLICT (tenant_id, identity) DO NOTHING`,
    [id, station.siteId, station.identity, station.displayName, credentialHmac(pepper, password), station.securityProfile ?? 1]);
  if (rowCount === 0) throw new AlreadyRegistered(`a station with the identity ${station.identity} is registered already`);
  await client.query('DELETE FROM knocking_station WHERE identity = $1', [station.identity]);
  await audit(client, actor, 'station.register', id, { identity: station.identity, siteId: station.siteId });
  return { id, password };
}

/** A new password; the old one stays valid until the new one is used for the first time (G-33). Null: no such station. */
export async function rotateCredential(client: pg.ClientBase, stationId: string, pepper: string, actor: Actor): Promise<string | null> {
  const password = newCredential();
  const { rowCount } = await client.query(
    `UPDATE station SET credential_hmac_next = CASE WHEN credential_hmac IS NULL THEN NULL ELSE $2::bytea END, credential_hmac = coalesce(credential_hmac, $2::bytea), credential_sealed = NULL WHERE id = $1`,
    [stationId, credentialHmac(pepper, password)]);
  if (rowCount === 0) return null;
  await audit(client, actor, 'station.rotate-credential', stationId, null);
  return password;
}

export interface TokenInput {
  uid: string; kind: string; driverName: string | null; validUntil: Date | null; parentUid: string | null;
  driverId?: string | null; groupId?: string | null; validFrom?: Date | null;
}

/**
 * A card, its number sealed under `cards` (null: as it is, for tests and benches that audit it). Throws AlreadyRegistered. Audit rows name its id, never its
 * number.
 */
export async function registerToken(client: pg.ClientBase, token: TokenInput, actor: Actor, cards: TenantCards | null = null): Promise<string> {
  const id = uuidv7();
  const inBooks = (uid: string): string => cards?.keys.reference(cards.tenantId, uid) ?? uid;
  const sealed = (uid: string): string | null => cards?.keys.seal(cards.tenantId, uid) ?? null;
  const spellings = cards?.keys.spellings(cards.tenantId, token.uid) ?? [token.uid];
  const { rowCount } = await client.query(
    `INSERT INTO token (tenant_id, id, uid, sealed_uid, kind, driver_name, valid_until, parent_uid, sealed_parent, driver_id, group_id, valid_from)
     SELECT current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 WHERE NOT EXISTS (SELECT 1 FROM token WHERE uid_key = ANY($12)) ON CONFLICT (tenant_id, uid_key) DO NOTHING`,
    [id, inBooks(token.uid), sealed(token.uid), token.kind, token.driverName, token.validUntil, token.parentUid === null ? null : inBooks(token.parentUid), token.parentUid === null ? null : sealed(token.parentUid),
      token.driverId ?? null, token.groupId ?? null, token.validFrom ?? null, spellings.map((each) => each.toLowerCase())]);
  if (rowCount === 0) throw new AlreadyRegistered('a card with this number is registered already');
  await audit(client, actor, 'token.register', id, { kind: token.kind, driverName: token.driverName, driverId: token.driverId ?? null, groupId: token.groupId ?? null });
  return id;
}

/** Blocks or frees a card; false where there is none of that id. */
export async function setTokenStatus(client: pg.ClientBase, tokenId: string, status: 'active' | 'blocked', actor: Actor): Promise<boolean> {
  const { rowCount } = await client.query('UPDATE token SET status = $2 WHERE id = $1', [tokenId, status]);
  if (rowCount === 1 && status === 'blocked') await forgetCachedCards(client);
  if (rowCount === 1) await audit(client, actor, `token.${status === 'blocked' ? 'block' : 'free'}`, tokenId, null);
  return rowCount === 1;
}

export interface TariffInput {
  siteId: string | null; name: string; currency: string; energyPerKwhMinor: number; sessionFeeMinor: number; idlePerMinuteMinor: number; idleGraceMinutes: number; validFrom: Date; validUntil: Date | null;
}

export async function setTariff(client: pg.ClientBase, tariff: TariffInput, actor: Actor): Promise<string> {
  const id = uuidv7();
  await client.query(
    `INSERT INTO tariff (tenant_id, id, site_id, name, currency, energy_per_kwh_minor, session_fee_minor, idle_per_minute_minor, idle_grace_minutes, valid_from, valid_until)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [id, tariff.siteId, tariff.name, tariff.currency, tariff.energyPerKwhMinor, tariff.sessionFeeMinor, tariff.idlePerMinuteMinor, tariff.idleGraceMinutes, tariff.validFrom, tariff.validUntil]);
  await audit(client, actor, 'tariff.set', id, tariff);
  return id;
}

/** One row of the append-only audit, with the origin of the request that it belongs to (audit-origin.ts). */
export async function audit(client: pg.ClientBase, actor: Actor, action: string, target: string, detail: unknown): Promise<void> {
  const { address, traceId, impersonationId } = auditOrigin();
  await client.query(`INSERT INTO audit (tenant_id, id, at, actor, action, target, detail, address, trace_id, impersonation_id) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [uuidv7(), actor.now, actor.name, action, target, detail === null ? null : JSON.stringify(detail), address, traceId, impersonationId]);
}

/** Marks a site as deleted and keeps its books; null where there is none, or it is deleted already. */
export async function deleteSite(client: pg.ClientBase, site: { namespace: string; name: string }, actor: Actor): Promise<true | null> {
  const { rows } = await client.query<{ id: string }>(`UPDATE site SET state = 'deleted', updated_at = $3 WHERE namespace = $1 AND name = $2 AND state = 'active' RETURNING id`, [site.namespace, site.name, actor.now]);
  const id = rows[0]?.id;
  if (id === undefined) return null;
  await audit(client, actor, 'site.delete', id, site);
  await client.query(`INSERT INTO outbox (tenant_id, changes) VALUES (current_setting('app.tenant'), $1)`, [JSON.stringify([{ kind: 'site', siteId: id, at: actor.now.toISOString() }])]);
  return true;
}
