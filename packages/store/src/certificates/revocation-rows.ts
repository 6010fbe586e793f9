import type pg from 'pg';
import { z } from 'zod';
import { audit, type Actor } from '../register.ts';

const CertificateRow = z.object({ issuer: z.string(), serial_number: z.string(), station_id: z.string(), state: z.string() });

/** Revokes a certificate of a station; its socket is closed at the gateway's next recheck. Null: there is none of that id; false: it is revoked already. */
export async function revokeCertificate(client: pg.ClientBase, certificateId: string, reason: string | null, actor: Actor): Promise<boolean | null> {
  const { rows } = await client.query('SELECT issuer, serial_number, station_id, state FROM station_certificate WHERE id = $1 FOR UPDATE', [certificateId]);
  if (rows.length === 0) return null;
  const certificate = CertificateRow.parse(rows[0]);
  if (certificate.state === 'revoked') return false;
  await markRevoked(client, [{ issuer: certificate.issuer, serialNumber: certificate.serial_number, revokedAt: actor.now, reason }], 'operator');
  await audit(client, actor, 'certificate.revoke', certificateId, { stationId: certificate.station_id, serialNumber: certificate.serial_number, reason });
  return true;
}

export interface Revocation { issuer: string; serialNumber: string; revokedAt: Date; reason: string | null }

/** Writes revocations, of ours or read from a list; one that is known stays as it is. Resolves with how many were new. */
export async function markRevoked(client: pg.ClientBase, revocations: readonly Revocation[], source: 'operator' | 'list'): Promise<number> {
  if (revocations.length === 0) return 0;
  const { rowCount } = await client.query(
    `INSERT INTO revoked_certificate (tenant_id, issuer, serial_number, revoked_at, source, reason)
     SELECT current_setting('app.tenant'), r.issuer, r.serial, r.at, $5, r.reason FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[]) AS r (issuer, serial, at, reason)
     ON CONFLICT (tenant_id, issuer, serial_number) DO NOTHING`,
    [revocations.map((each) => each.issuer), revocations.map((each) => each.serialNumber), revocations.map((each) => each.revokedAt), revocations.map((each) => each.reason), source]);
  await client.query(`UPDATE station_certificate AS c SET state = 'revoked', delivery_due_at = NULL FROM revoked_certificate r
    WHERE r.tenant_id = c.tenant_id AND r.issuer = c.issuer AND r.serial_number = c.serial_number AND c.state <> 'revoked'`);
  return rowCount ?? 0;
}

const SeenRow = z.object({ certificate_pem: z.string() });

/** Certificates that stations came in with and that somebody else signed: whose revocation lists are worth reading. */
export async function foreignCertificates(client: pg.ClientBase, now: Date, limit: number): Promise<string[]> {
  const { rows } = await client.query("SELECT certificate_pem FROM station_certificate WHERE request_id IS NULL AND state = 'installed' AND not_after > $1 ORDER BY first_used_at DESC LIMIT $2", [now, limit]);
  return z.array(SeenRow).parse(rows).map((row) => row.certificate_pem);
}
