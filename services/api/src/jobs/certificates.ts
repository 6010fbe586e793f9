import { refusalOfRequest } from '@csms/domain/certificate/judge';
import type { GuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { readSigningRequest } from '@csms/kit/x509/signing-request';
import { publishAuthorities } from '@csms/store/certificates/authority-rows';
import { earliestExpiry, takeDueDeliveries, takeDueRenewals } from '@csms/store/certificates/delivery-rows';
import { keepSigned, pendingRequests, refuseRequest, type PendingRequest } from '@csms/store/certificates/signing-rows';
import { inTenant } from '@csms/store/in-tenant';
import type { StationCommand } from '@csms/domain';
import { askStation, type AskingParts } from '../ask-station.ts';
import { readAuthorities, type TenantAuthority } from './authority-folder.ts';
import { signFor } from './sign-request.ts';

export interface CertificateJobParts extends AskingParts {
  /** Folder of the tenants' authorities. */
  dir: string;
  /** For signers that are services. */
  fetch: GuardedFetch;
  /** The earliest end of a certificate, by kind; null: there is none. */
  onExpiry?: (kind: 'station' | 'authority', earliest: Date | null) => void;
}

/** So many of each a tenant and run: a fleet that asks at once is served in turns. */
const perRun = 20;
/** How long a station has to answer. */
const timeoutMs = 30_000;

/**
 * One run over all tenants that have an authority: what is believed is on the books, what stations asked for is signed, what was signed is delivered, and what
 * ends soon is renewed. Any number of processes may run it: each piece of work is one's. Commands to stations are followed beyond the run.
 */
export async function runCertificateJobs(parts: CertificateJobParts): Promise<void> {
  const { pool, log, dir } = parts;
  const earliest = new Map<'station' | 'authority', Date | null>([['station', null], ['authority', null]]);
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenant');
  const tenants = new Set(rows.map(({ id }) => id));
  for (const authority of readAuthorities(dir, (tenant, err) => log.error({ event: 'authority_unusable', tenant, err }, 'the authority of a tenant cannot be used'))) {
    if (!tenants.has(authority.tenantId)) continue;
    await inTenant(pool, authority.tenantId, (client) => publishAuthorities(client, publicationOf(authority), parts.now()));
    if (authority.signer !== null) await signPending(parts, authority);
    await sendDue(parts, authority.tenantId);
    const ends = await inTenant(pool, authority.tenantId, earliestExpiry);
    for (const kind of ['station', 'authority'] as const) {
      const [known, end] = [earliest.get(kind) ?? null, ends[kind]];
      if (end !== null && (known === null || end < known)) earliest.set(kind, end);
    }
  }
  for (const [kind, end] of earliest) parts.onExpiry?.(kind, end);
}

function publicationOf({ certificates, operatorName, signer }: TenantAuthority) {
  return certificates.map((each, index) => ({
    fingerprintSha256: each.fingerprintSha256, subject: each.subject, operatorName, certificatePem: each.pem, notBefore: each.notBefore, notAfter: each.notAfter, signs: signer !== null && index === 0,
  }));
}

async function signPending(parts: CertificateJobParts, authority: TenantAuthority): Promise<void> {
  const { tenantId: tenant } = authority;
  for (const request of await inTenant(parts.pool, tenant, (client) => pendingRequests(client, perRun))) {
    try {
      await signOne(parts, authority, request);
    } catch (err) {
      // It stays on the books and comes again: a signer that is away costs time, never a request.
      parts.log.warn({ event: 'not_signed', err, tenant, station: request.identity }, 'a certificate could not be signed; it comes again');
    }
  }
}

async function signOne(parts: CertificateJobParts, authority: TenantAuthority, request: PendingRequest): Promise<void> {
  const now = parts.now();
  const { tenantId: tenant, operatorName } = authority;
  // Judged again by the one who signs: what the gateway let through is no reason to sign it.
  const read = await readSigningRequest(request.csrPem);
  const refusal = read === null ? 'it is no signing request' : refusalOfRequest(read, { identity: request.identity, operatorName });
  if (refusal !== null) {
    await inTenant(parts.pool, tenant, (client) => refuseRequest(client, request.id, refusal, now));
    return;
  }
  const { chainPem, leaf } = await signFor(authority, request, now, parts.fetch);
  await inTenant(parts.pool, tenant, (client) => keepSigned(client, request, {
    issuer: leaf.issuer, serialNumber: leaf.serialNumber, fingerprintSha256: leaf.fingerprintSha256, chainPem, notBefore: leaf.notBefore, notAfter: leaf.notAfter,
  }, now));
}

async function sendDue(parts: CertificateJobParts, tenant: string): Promise<void> {
  const { deliveries, renewals } = await inTenant(parts.pool, tenant, async (client) => ({
    deliveries: await takeDueDeliveries(client, parts.now(), perRun), renewals: await takeDueRenewals(client, parts.now(), perRun),
  }));
  for (const { id, stationId, chainPem, attempt } of deliveries) send(parts, tenant, stationId, { action: 'certificate-signed', chainPem }, `certificate/${id}/${attempt}`);
  for (const { id, stationId } of renewals) send(parts, tenant, stationId, { action: 'extended-trigger', message: 'SignChargePointCertificate', evseId: null }, `renewal/${id}/${parts.now().toISOString().slice(0, 10)}`);
}

function send(parts: CertificateJobParts, tenant: string, stationId: string, command: StationCommand, idempotencyKey: string): void {
  askStation(parts, { tenant, stationId, command, createdBy: 'certificates', timeoutMs, idempotencyKey })
    .catch((err: unknown) => parts.log.warn({ event: 'command_unfollowed', err, tenant, stationId }, 'a command about a certificate was left to the sweep'));
}
