import type { CertificateAuthority, InstalledCertificate, SigningRequestEntry, StationCertificate } from '@csms/contracts/http/certificates';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from './page.ts';

export const certificateKey = ['time', 'uuid'] as const;
export const authorityKey = ['text'] as const;
export const installedKey = ['text', 'text', 'text', 'text', 'text'] as const;

export interface CertificateFilter { stationId?: string | undefined; state?: StationCertificate['state'] | undefined; expiringWithinDays?: number | undefined; id?: string | undefined }

interface CertificateRow {
  id: string; station_id: string; identity: string; request_id: string | null; issuer: string; serial_number: string; fingerprint_sha256: string; certificate_pem: string; not_before: Date; not_after: Date;
  state: StationCertificate['state']; detail: string | null; created_at: Date; deliveries: number; installed_at: Date | null; first_used_at: Date | null; renewal_asked_at: Date | null;
  revoked_at: Date | null; reason: string | null; key_at: string;
}

/** Certificates of stations, the newest first. `now`: what an end within so many days is counted from. */
export async function listCertificates(db: Queryable, request: PageRequest, filter: CertificateFilter, now: Date): Promise<PageRead<StationCertificate>> {
  const where = new Where();
  if (filter.id) where.add('c.id = ?', filter.id);
  if (filter.stationId) where.add('c.station_id = ?', filter.stationId);
  if (filter.state) where.add('c.state = ?', filter.state);
  if (filter.expiringWithinDays !== undefined) where.add(`c.state IN ('issued', 'installed') AND c.not_after <= ?::timestamptz + ?::integer * interval '1 day'`, now, filter.expiringWithinDays);
  if (request.after) where.add('(c.created_at, c.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<CertificateRow>(
    `SELECT c.*, st.identity, r.revoked_at, r.reason, ${keyTime('c.created_at')} AS key_at
     FROM station_certificate c JOIN station st ON st.tenant_id = c.tenant_id AND st.id = c.station_id
     LEFT JOIN revoked_certificate r ON r.tenant_id = c.tenant_id AND r.issuer = c.issuer AND r.serial_number = c.serial_number
     ${where.sql} ORDER BY c.created_at DESC, c.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => ({
    id: row.id, stationId: row.station_id, identity: row.identity, state: row.state, origin: row.request_id === null ? 'seen' : 'signed-here', issuer: row.issuer, serialNumber: row.serial_number,
    fingerprintSha256: row.fingerprint_sha256, notBefore: iso(row.not_before), notAfter: iso(row.not_after), detail: row.detail, createdAt: iso(row.created_at), deliveries: row.deliveries,
    installedAt: isoOrNull(row.installed_at), firstUsedAt: isoOrNull(row.first_used_at), renewalAskedAt: isoOrNull(row.renewal_asked_at), revokedAt: isoOrNull(row.revoked_at), revocationReason: row.reason,
    certificatePem: row.certificate_pem,
  }));
}

export async function readCertificateRow(db: Queryable, id: string, now: Date): Promise<StationCertificate | null> {
  return (await listCertificates(db, { after: null, limit: 1 }, { id }, now)).items[0] ?? null;
}

/** What stations asked to have signed, latest first. */
export async function listSigningRequests(db: Queryable, request: PageRequest, filter: { stationId?: string | undefined }): Promise<PageRead<SigningRequestEntry>> {
  const where = new Where();
  if (filter.stationId) where.add('r.station_id = ?', filter.stationId);
  if (request.after) where.add('(r.requested_at, r.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<{ id: string; station_id: string; identity: string; requested_at: Date; state: SigningRequestEntry['state']; detail: string | null; settled_at: Date | null; key_at: string }>(
    `SELECT r.id, r.station_id, st.identity, r.requested_at, r.state, r.detail, r.settled_at, ${keyTime('r.requested_at')} AS key_at
     FROM signing_request r JOIN station st ON st.tenant_id = r.tenant_id AND st.id = r.station_id ${where.sql} ORDER BY r.requested_at DESC, r.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => ({
    id: row.id, stationId: row.station_id, identity: row.identity, requestedAt: iso(row.requested_at), state: row.state, detail: row.detail, settledAt: isoOrNull(row.settled_at),
  }));
}

export async function listAuthorities(db: Queryable, request: PageRequest): Promise<PageRead<CertificateAuthority>> {
  const where = new Where();
  if (request.after) where.add('a.fingerprint_sha256 > ?', ...request.after);
  const { rows } = await db.query<{ fingerprint_sha256: string; subject: string; operator_name: string; certificate_pem: string; not_before: Date; not_after: Date; signs: boolean; state: CertificateAuthority['state'] }>(
    `SELECT a.* FROM certificate_authority a ${where.sql} ORDER BY a.fingerprint_sha256 LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.fingerprint_sha256], (row) => ({
    fingerprintSha256: row.fingerprint_sha256, subject: row.subject, operatorName: row.operator_name, notBefore: iso(row.not_before), notAfter: iso(row.not_after), signs: row.signs, state: row.state, certificatePem: row.certificate_pem,
  }));
}

type InstalledRow = { use: InstalledCertificate['use']; hash_algorithm: InstalledCertificate['hashAlgorithm']; issuer_name_hash: string; issuer_key_hash: string; serial_number: string; subject: string | null; seen_at: Date };

/** What a station has installed, as it said last. */
export async function listInstalledCertificates(db: Queryable, request: PageRequest, stationId: string): Promise<PageRead<InstalledCertificate>> {
  const where = new Where().add('i.station_id = ?', stationId);
  const key = '(i.use, i.hash_algorithm, i.issuer_name_hash, i.issuer_key_hash, i.serial_number)';
  if (request.after) where.add(`${key} > (?, ?, ?, ?, ?)`, ...request.after);
  const { rows } = await db.query<InstalledRow>(`SELECT i.* FROM installed_certificate i ${where.sql} ORDER BY i.use, i.hash_algorithm, i.issuer_name_hash, i.issuer_key_hash, i.serial_number LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.use, row.hash_algorithm, row.issuer_name_hash, row.issuer_key_hash, row.serial_number], (row) => ({
    use: row.use, hashAlgorithm: row.hash_algorithm, issuerNameHash: row.issuer_name_hash, issuerKeyHash: row.issuer_key_hash, serialNumber: row.serial_number, subject: row.subject, seenAt: iso(row.seen_at),
  }));
}
