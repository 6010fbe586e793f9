import type { CertificateBooks, SigningRequestOutcome } from '@csms/domain';
import { isDueForRenewal, signingRequestsADayMax } from '@csms/domain/certificate/judge';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { z } from 'zod';
import { RevocationLookup } from './revocation-lookup.ts';

const AuthorityRow = z.object({ operator_name: z.string(), certificate_pem: z.string() });
const RequestState = z.object({ recent: z.number().int(), signs: z.boolean() });
const ChainRow = z.object({ certificate_pem: z.string() });
type Ask = <T>(operation: string, tenantId: string, work: (client: pg.PoolClient) => Promise<T>) => Promise<T>;
const KnownRequest = z.object({ certificate_id: z.string().nullable(), not_after: z.date().nullable() });

/** The gateway's side of certificates. `ask` runs one transaction of a tenant and turns a lost database into BooksUnavailable. */
export function openCertificateBooks(ask: Ask): CertificateBooks {
  const revocations = new RevocationLookup(ask);
  return {
    trust: (tenantId) => ask('a look-up of authorities', tenantId, async (client) => {
      const { rows } = await client.query("SELECT operator_name, certificate_pem FROM certificate_authority WHERE state = 'active' ORDER BY signs DESC, updated_at DESC, fingerprint_sha256");
      const authorities = z.array(AuthorityRow).parse(rows);
      const [first] = authorities;
      return first === undefined ? null : { operatorName: first.operator_name, authorities: authorities.map((each) => each.certificate_pem) };
    }),

    isRevoked: (tenantId, certificate) => revocations.isRevoked(tenantId, certificate),

    seen: (tenantId, certificate, at) => ask('a note of a certificate', tenantId, async (client) => {
      await client.query(
        `INSERT INTO station_certificate AS c (tenant_id, id, station_id, issuer, serial_number, fingerprint_sha256, certificate_pem, not_before, not_after, state, created_at, installed_at, first_used_at)
         SELECT st.tenant_id, $1, st.id, $3, $4, $5, $6, $7, $8, 'installed', $9, $9, $9 FROM station st WHERE st.identity = $2
         ON CONFLICT (tenant_id, station_id, fingerprint_sha256) DO UPDATE SET first_used_at = coalesce(c.first_used_at, excluded.first_used_at),
           installed_at = coalesce(c.installed_at, excluded.installed_at),
           certificate_pem = CASE WHEN c.request_id IS NULL AND length(excluded.certificate_pem) > length(c.certificate_pem) THEN excluded.certificate_pem ELSE c.certificate_pem END,
           state = CASE WHEN c.state = 'revoked' THEN c.state ELSE 'installed' END`,
        [uuidv7(), certificate.identity, certificate.issuer, certificate.serialNumber, certificate.fingerprintSha256, certificate.certificatePem, certificate.notBefore, certificate.notAfter, at]);
    }),

    chainOf: (tenantId, identity, fingerprintSha256) => ask('a look-up of a chain', tenantId, async (client) => {
      const { rows } = await client.query('SELECT c.certificate_pem FROM station st JOIN station_certificate c ON c.station_id = st.id WHERE st.identity = $1 AND c.fingerprint_sha256 = $2', [identity, fingerprintSha256]);
      return z.array(ChainRow).parse(rows)[0]?.certificate_pem ?? null;
    }),

    requestSigning: (source, request) => ask('a signing request', source.tenantId, async (client) => {
      // One station's requests are counted one after the other, also when they come through two gateways.
      await client.query('SELECT 1 FROM station WHERE id = $1 FOR UPDATE', [source.stationId]);
      const known = await client.query(`SELECT c.id AS certificate_id, c.not_after FROM signing_request r LEFT JOIN station_certificate c ON c.request_id = r.id AND c.state <> 'revoked'
        WHERE r.station_id = $1 AND r.csr_sha256 = $2`, [source.stationId, request.csrSha256]);
      if (known.rows.length > 0) return askedAgain(client, KnownRequest.parse(known.rows[0]), source.receivedAt);
      const { rows } = await client.query(
        `SELECT (SELECT count(*)::int FROM signing_request WHERE station_id = $1 AND requested_at > $2::timestamptz - interval '24 hours') AS recent,
           EXISTS (SELECT 1 FROM certificate_authority WHERE state = 'active' AND signs) AS signs`, [source.stationId, source.receivedAt]);
      const now = RequestState.parse(rows[0]);
      if (!now.signs) return 'no-authority';
      if (now.recent >= signingRequestsADayMax) return 'too-many';
      await client.query(`INSERT INTO signing_request (tenant_id, id, station_id, csr_sha256, csr_pem, requested_at) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5)`,
        [uuidv7(), source.stationId, request.csrSha256, request.csrPem, source.receivedAt]);
      return 'accepted';
    }),
  };
}

/** The same request once more: its certificate, where there is one, is sent again. A renewal needs a new key (security whitepaper, A02), and so a new request. */
async function askedAgain(client: pg.PoolClient, known: z.infer<typeof KnownRequest>, now: Date): Promise<SigningRequestOutcome> {
  if (known.certificate_id === null || known.not_after === null) return 'accepted';
  if (isDueForRenewal({ notAfter: known.not_after }, now)) return 'key-reused';
  await client.query("UPDATE station_certificate SET state = 'issued', delivery_due_at = $2, deliveries = least(deliveries, 1) WHERE id = $1 AND state <> 'revoked'", [known.certificate_id, now]);
  return 'accepted';
}
