import { CertificateHash } from '@csms/contracts/commands/certificates';
import { hashOfRoot } from '@csms/kit/x509/certificate-hash';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { z } from 'zod';
import type { CommandEffect } from '../commands/command-effects.ts';

/** The station took its certificate, or said why not; where nobody knows, it is sent again. */
export const certificateSignedEffect: CommandEffect<'certificate-signed'> = async (client, command, record, at) => {
  const of = [record.stationId, command.chainPem] as const;
  if (record.state === 'accepted') {
    await client.query(`UPDATE station_certificate SET state = 'installed', installed_at = coalesce(installed_at, $3), delivery_due_at = NULL, detail = NULL
      WHERE station_id = $1 AND certificate_pem = $2 AND state IN ('issued', 'rejected')`, [...of, at]);
  } else if (record.state === 'rejected' || record.state === 'failed') {
    await client.query(`UPDATE station_certificate SET state = 'rejected', delivery_due_at = NULL, detail = $3 WHERE station_id = $1 AND certificate_pem = $2 AND state = 'issued'`, [...of, (record.detail ?? record.state).slice(0, 500)]);
  } else if (record.state === 'not-connected' || record.state === 'expired') {
    // Nothing was written to the station: no reason to wait long.
    await client.query(`UPDATE station_certificate SET delivery_due_at = least(delivery_due_at, $3::timestamptz + interval '5 seconds') WHERE station_id = $1 AND certificate_pem = $2 AND state = 'issued'`, [...of, at]);
  }
};

const put = `INSERT INTO installed_certificate AS i (tenant_id, station_id, use, hash_algorithm, issuer_name_hash, issuer_key_hash, serial_number, subject, seen_at)
  VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (tenant_id, station_id, use, hash_algorithm, issuer_name_hash, issuer_key_hash, serial_number) DO UPDATE SET seen_at = excluded.seen_at, subject = coalesce(excluded.subject, i.subject)`;

/** A root that the station took is on its list, as the station would name it. One that is no root is known when the station lists it. */
export const installCertificateEffect: CommandEffect<'install-certificate'> = async (client, command, record, at) => {
  if (record.state !== 'accepted') return;
  const certificate = readCertificate(command.pem);
  const hash = certificate === null ? null : await hashOfRoot(certificate);
  if (certificate === null || hash === null) return;
  await client.query(put, [record.stationId, command.use, hash.hashAlgorithm, hash.issuerNameHash, hash.issuerKeyHash, hash.serialNumber, certificate.subject.slice(0, 500), at]);
};

/** Gone, or never there (NotFound): either way it is not on the station now. */
export const deleteCertificateEffect: CommandEffect<'delete-certificate'> = async (client, command, record) => {
  const { status } = Answer.safeParse(record.result).data ?? {};
  if (record.state !== 'accepted' && status !== 'NotFound') return;
  const { hash } = command;
  await client.query(`DELETE FROM installed_certificate WHERE station_id = $1 AND hash_algorithm = $2 AND lower(issuer_name_hash) = lower($3) AND lower(issuer_key_hash) = lower($4)
    AND ltrim(lower(serial_number), '0') = ltrim(lower($5), '0')`, [record.stationId, hash.hashAlgorithm, hash.issuerNameHash, hash.issuerKeyHash, hash.serialNumber]);
};

const listedMax = 100;
const Answer = z.object({ status: z.string().optional(), certificateHashData: z.array(z.unknown()).optional() });

/** What the station lists is what it has: the list of that use is replaced. What was known of a certificate that is still there is kept. */
export const installedCertificateIdsEffect: CommandEffect<'get-installed-certificate-ids'> = async (client, command, record, at) => {
  const answer = Answer.safeParse(record.result).data;
  if (answer?.status !== 'Accepted' && answer?.status !== 'NotFound') return;
  for (const each of (answer.certificateHashData ?? []).slice(0, listedMax)) {
    const hash = CertificateHash.safeParse(each).data;
    if (hash !== undefined) await client.query(put, [record.stationId, command.use, hash.hashAlgorithm, hash.issuerNameHash.slice(0, 128).toLowerCase(), hash.issuerKeyHash.slice(0, 128).toLowerCase(), hash.serialNumber.slice(0, 40).toLowerCase(), null, at]);
  }
  await client.query('DELETE FROM installed_certificate WHERE station_id = $1 AND use = $2 AND seen_at < $3', [record.stationId, command.use, at]);
};
