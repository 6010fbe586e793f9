import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { z } from 'zod';
import { audit } from '../register.ts';

const PendingRow = z.object({ id: z.string(), station_id: z.string(), identity: z.string(), csr_pem: z.string() });

export interface PendingRequest { id: string; stationId: string; identity: string; csrPem: string }

/** Requests that wait for their certificate, oldest first, without those of `except`. */
export async function pendingRequests(client: pg.ClientBase, except: readonly string[], limit: number): Promise<PendingRequest[]> {
  const { rows } = await client.query(`SELECT r.id, r.station_id, st.identity, r.csr_pem FROM signing_request r JOIN station st ON st.tenant_id = r.tenant_id AND st.id = r.station_id
    WHERE r.state = 'pending' AND r.id <> ALL ($1::uuid[]) ORDER BY r.requested_at, r.id LIMIT $2`, [except, limit]);
  return z.array(PendingRow).parse(rows).map((row) => ({ id: row.id, stationId: row.station_id, identity: row.identity, csrPem: row.csr_pem }));
}

export async function refuseRequest(client: pg.ClientBase, requestId: string, detail: string, now: Date): Promise<void> {
  await client.query("UPDATE signing_request SET state = 'refused', detail = $2, settled_at = $3 WHERE id = $1 AND state = 'pending'", [requestId, detail.slice(0, 500), now]);
}

export interface SignedCertificate { issuer: string; serialNumber: string; fingerprintSha256: string; chainPem: string; notBefore: Date; notAfter: Date }

/**
 * Keeps what was signed for a request, to be delivered at once. False when the request has its certificate already: whoever signed twice throws its own away,
 * which nobody has seen.
 */
export async function keepSigned(client: pg.ClientBase, request: PendingRequest, signed: SignedCertificate, now: Date): Promise<boolean> {
  const settled = await client.query("UPDATE signing_request SET state = 'signed', settled_at = $2 WHERE id = $1 AND state = 'pending'", [request.id, now]);
  if (settled.rowCount !== 1) return false;
  const id = uuidv7();
  await client.query(
    `INSERT INTO station_certificate (tenant_id, id, station_id, request_id, issuer, serial_number, fingerprint_sha256, certificate_pem, not_before, not_after, state, created_at, delivery_due_at)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8, $9, 'issued', $10, $10)`,
    [id, request.stationId, request.id, signed.issuer, signed.serialNumber, signed.fingerprintSha256, signed.chainPem, signed.notBefore, signed.notAfter, now]);
  await audit(client, { name: 'certificates', now }, 'certificate.sign', id, { stationId: request.stationId, serialNumber: signed.serialNumber, notAfter: signed.notAfter });
  return true;
}
