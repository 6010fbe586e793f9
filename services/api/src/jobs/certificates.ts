import { refusalOfRequest } from '@csms/domain/certificate/judge';
import type { GuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { readSigningRequest } from '@csms/kit/x509/signing-request';
import { publishAuthorities } from '@csms/store/certificates/authority-rows';
import { earliestExpiry, takeDueDeliveries, takeDueRenewals } from '@csms/store/certificates/delivery-rows';
import { keepSigned, pendingRequests, refuseRequest, type PendingRequest } from '@csms/store/certificates/signing-rows';
import { inTenant } from '@csms/store/in-tenant';
import type { StationCommand } from '@csms/domain';
import type pg from 'pg';
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
const publishAgainMs = 600_000;
const signAgainMs = 30_000;

interface Ends { station: Date | null; authority: Date | null }

/**
 * What is done about certificates; call `run` every few seconds. One run over all tenants that have an authority: what is believed is on the books, what stations
 * asked for is signed, what was signed is delivered, and what ends soon is renewed. Any number of processes may run it: each piece of work is one's. Commands to
 * stations are followed beyond the run. It remembers, between runs, only what it has published and what could not be signed.
 */
export function createCertificateJobs(parts: CertificateJobParts): { run(): Promise<void> } {
  const { pool, log, dir } = parts;
  const published = new Map<string, { what: string; at: number }>();
  const failedAt = new Map<string, number>();

  async function runFor(authority: TenantAuthority): Promise<Ends> {
    const { tenantId: tenant, signer } = authority;
    const at = parts.now().getTime();
    const publication = publicationOf(authority);
    const [what, last] = [JSON.stringify(publication), published.get(tenant)];
    // Also now and then where nothing changed: the books may have been put back from a copy.
    const toPublish = last?.what !== what || at - last.at >= publishAgainMs;
    for (const [id, failed] of failedAt) if (at - failed >= signAgainMs) failedAt.delete(id);
    const { pending, due, ends } = await inTenant(pool, tenant, async (client) => {
      if (toPublish) await publishAuthorities(client, publication, parts.now());
      return { pending: signer === null ? [] : await pendingRequests(client, [...failedAt.keys()], perRun), due: await takeDue(client, parts.now()), ends: await earliestExpiry(client) };
    });
    if (toPublish) published.set(tenant, { what, at });
    sendDue(parts, tenant, due);
    if (pending.length > 0 && await signAll(parts, authority, pending, (id) => failedAt.set(id, at))) sendDue(parts, tenant, await inTenant(pool, tenant, (client) => takeDue(client, parts.now())));
    return ends;
  }

  return {
    async run() {
      const earliest: Ends = { station: null, authority: null };
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenant');
      const tenants = new Set(rows.map(({ id }) => id));
      for (const authority of readAuthorities(dir, (tenant, err) => log.error({ event: 'authority_unusable', tenant, err }, 'the authority of a tenant cannot be used'))) {
        if (!tenants.has(authority.tenantId)) continue;
        const ends = await runFor(authority);
        for (const kind of ['station', 'authority'] as const) if (ends[kind] !== null && (earliest[kind] === null || ends[kind] < earliest[kind])) earliest[kind] = ends[kind];
      }
      for (const kind of ['station', 'authority'] as const) parts.onExpiry?.(kind, earliest[kind]);
    },
  };
}

function publicationOf({ certificates, operatorName, signer }: TenantAuthority) {
  return certificates.map((each, index) => ({
    fingerprintSha256: each.fingerprintSha256, subject: each.subject, operatorName, certificatePem: each.pem, notBefore: each.notBefore, notAfter: each.notAfter, signs: signer !== null && index === 0,
  }));
}

/** True when one of them was signed. */
async function signAll(parts: CertificateJobParts, authority: TenantAuthority, pending: readonly PendingRequest[], onFailed: (requestId: string) => void): Promise<boolean> {
  let signed = false;
  for (const request of pending) {
    try {
      signed = await signOne(parts, authority, request) || signed;
    } catch (err) {
      // It stays on the books and comes again: a signer that is away costs time, never a request. Others go first meanwhile.
      onFailed(request.id);
      parts.log.warn({ event: 'not_signed', err, tenant: authority.tenantId, station: request.identity }, 'a certificate could not be signed; it comes again');
    }
  }
  return signed;
}

async function signOne(parts: CertificateJobParts, authority: TenantAuthority, request: PendingRequest): Promise<boolean> {
  const now = parts.now();
  const { tenantId: tenant, operatorName } = authority;
  // Judged again by the one who signs: what the gateway let through is no reason to sign it.
  const read = await readSigningRequest(request.csrPem);
  const refusal = read === null ? 'it is no signing request' : refusalOfRequest(read, { identity: request.identity, operatorName });
  if (refusal !== null) {
    await inTenant(parts.pool, tenant, (client) => refuseRequest(client, request.id, refusal, now));
    return false;
  }
  const { chainPem, leaf } = await signFor(authority, request, now, parts.fetch);
  return inTenant(parts.pool, tenant, (client) => keepSigned(client, request, {
    issuer: leaf.issuer, serialNumber: leaf.serialNumber, fingerprintSha256: leaf.fingerprintSha256, chainPem, notBefore: leaf.notBefore, notAfter: leaf.notAfter,
  }, now));
}

async function takeDue(client: pg.PoolClient, now: Date) {
  return { deliveries: await takeDueDeliveries(client, now, perRun), renewals: await takeDueRenewals(client, now, perRun) };
}

function sendDue(parts: CertificateJobParts, tenant: string, { deliveries, renewals }: Awaited<ReturnType<typeof takeDue>>): void {
  for (const { id, stationId, chainPem, attempt } of deliveries) send(parts, tenant, stationId, { action: 'certificate-signed', chainPem }, `certificate/${id}/${attempt}`);
  for (const { id, stationId } of renewals) send(parts, tenant, stationId, { action: 'extended-trigger', message: 'SignChargePointCertificate', evseId: null }, `renewal/${id}/${parts.now().toISOString().slice(0, 10)}`);
}

function send(parts: CertificateJobParts, tenant: string, stationId: string, command: StationCommand, idempotencyKey: string): void {
  askStation(parts, { tenant, stationId, command, createdBy: 'certificates', timeoutMs, idempotencyKey })
    .catch((err: unknown) => parts.log.warn({ event: 'command_unfollowed', err, tenant, stationId }, 'a command about a certificate was left to the sweep'));
}
