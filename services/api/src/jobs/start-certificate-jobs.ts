import { Gauge, type Registry } from '@csms/kit';
import { createGuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import type { AskingParts } from '../ask-station.ts';
import { createCertificateJobs } from './certificates.ts';
import { repeat } from './repeat.ts';
import { readRevocations } from './revocations.ts';

export interface CertificateSettings { CSMS_CA_DIR?: string | undefined; CSMS_SIGNER_HOSTS: string[]; CSMS_SIGNER_ADDRESSES: string[]; CSMS_SIGNER_AUTHORITIES?: string | undefined; CSMS_REVOCATION_HOSTS: string[] }

const usualPace = { runEveryMs: 2_000, revocationsEveryMs: 3_600_000 };

/** Starts what this process does about certificates; without CSMS_CA_DIR only revocation lists, without hosts for those nothing. Returns how to stop. */
export function startCertificateJobs(parts: AskingParts, config: CertificateSettings, registry: Registry, pace: Partial<typeof usualPace> = {}): () => Promise<void> {
  const { runEveryMs, revocationsEveryMs } = { ...usualPace, ...pace };
  const expiry = new Gauge({ name: 'csms_certificate_expiry_timestamp_seconds', help: 'The earliest end of a certificate of this kind, in seconds since 1970', labelNames: ['kind'], registers: [registry] });
  const failed = (event: string) => (err: unknown) => { parts.log.warn({ event, err }, 'a job of the API failed; it comes again'); };
  const stops: (() => Promise<void>)[] = [];
  const dir = config.CSMS_CA_DIR;
  if (dir !== undefined) {
    const fetch = createGuardedFetch({ allowedHosts: config.CSMS_SIGNER_HOSTS, alsoAddresses: config.CSMS_SIGNER_ADDRESSES, ...(config.CSMS_SIGNER_AUTHORITIES === undefined ? {} : { authorities: config.CSMS_SIGNER_AUTHORITIES }) });
    const onExpiry = (kind: string, earliest: Date | null): void => { if (earliest === null) expiry.remove({ kind }); else expiry.set({ kind }, earliest.getTime() / 1_000); };
    const jobs = createCertificateJobs({ ...parts, dir, fetch, onExpiry });
    stops.push(repeat({ everyMs: runEveryMs, onError: failed('certificates_failed'), job: () => jobs.run() }));
  }
  if (config.CSMS_REVOCATION_HOSTS.length > 0) {
    const fetch = createGuardedFetch({ allowedHosts: config.CSMS_REVOCATION_HOSTS, plainHttp: true });
    stops.push(repeat({ everyMs: revocationsEveryMs, onError: failed('revocations_failed'), job: () => readRevocations({ ...parts, fetch }) }));
  }
  return async () => { await Promise.all(stops.map((stop) => stop())); };
}
