import { credentialHmac, newCredential, seal, unseal } from '@csms/kit';
import type { SecurityProfile } from '@csms/domain';
import type pg from 'pg';
import { audit, type Actor } from './register.ts';

/**
 * How a station comes in, and what is on its way to it: a new password that nobody has used yet is pushed by ourselves, or somebody was given it and carries it to
 * the station.
 */
export interface StationSecurity { securityProfile: SecurityProfile; securityProfileNext: SecurityProfile | null; credentialOnItsWay: 'pushed' | 'by-hand' | null }

export async function readStationSecurity(client: pg.ClientBase, stationId: string): Promise<StationSecurity | null> {
  const { rows } = await client.query<StationSecurity>(
    `SELECT security_profile AS "securityProfile", security_profile_next AS "securityProfileNext", CASE WHEN credential_sealed IS NOT NULL THEN 'pushed' WHEN credential_hmac_next IS NOT NULL THEN 'by-hand' END AS "credentialOnItsWay" FROM station WHERE id = $1 FOR UPDATE`, [stationId]);
  return rows[0] ?? null;
}

/** How the stations of a site come in where nobody says otherwise: what its resource asks for, and never less than over TLS. */
export async function siteSecurityProfile(client: pg.ClientBase, siteId: string): Promise<2 | 3> {
  const { rows } = await client.query<{ asked: string | null }>(`SELECT spec->'ocpp'->>'securityProfile' AS asked FROM site WHERE id = $1`, [siteId]);
  return rows[0]?.asked === '3' ? 3 : 2;
}

/**
 * Makes a new password for a station and keeps it sealed, for the gateway that will push it; the old one stays valid until the first use of the new one (G-33).
 * Where one is on its way already it stays that one: the station may have taken it without our knowing. False: no such station.
 */
export async function preparePush(client: pg.ClientBase, station: { tenantId: string; id: string }, pepper: string, actor: Actor): Promise<boolean> {
  const { rows } = await client.query<{ sealed: Buffer | null }>('SELECT credential_sealed AS sealed FROM station WHERE id = $1 FOR UPDATE', [station.id]);
  const [row] = rows;
  if (row === undefined) return false;
  if (row.sealed === null) {
    const password = newCredential();
    await client.query('UPDATE station SET credential_hmac_next = $2, credential_sealed = $3 WHERE id = $1', [station.id, credentialHmac(pepper, password), seal(pepper, contextOf(station), password)]);
  }
  await audit(client, actor, 'station.push-credential', station.id, null);
  return true;
}

/** The password that is on its way to a station; null: none is, or it was sealed under another pepper. */
export async function readPendingCredential(client: pg.ClientBase, station: { tenantId: string; id: string }, pepper: string): Promise<string | null> {
  const { rows } = await client.query<{ sealed: Buffer | null }>('SELECT credential_sealed AS sealed FROM station WHERE id = $1', [station.id]);
  const sealed = rows[0]?.sealed ?? null;
  return sealed === null ? null : unseal(pepper, contextOf(station), sealed);
}

/** Asks for a higher profile: from now on the station comes in under it or under the one that it has, and with the first time it is the only one (G-34). */
export async function askSecurityProfile(client: pg.ClientBase, stationId: string, profile: SecurityProfile, actor: Actor): Promise<void> {
  await client.query('UPDATE station SET security_profile_next = $2 WHERE id = $1 AND security_profile < $2', [stationId, profile]);
  await audit(client, actor, 'station.raise-security-profile', stationId, { profile });
}

function contextOf(station: { tenantId: string; id: string }): string {
  return `${station.tenantId}/${station.id}`;
}
