import type { GuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { ocspQuestion, ocspUrl, readOcspAnswer } from '@csms/kit/x509/ocsp';
import { readCertificate, type ReadCertificate } from '@csms/kit/x509/read-certificate';
import { readRevocationList, revocationListUrls } from '@csms/kit/x509/revocation-list';
import { foreignCertificates, markRevoked } from '@csms/store/certificates/revocation-rows';
import { inTenant } from '@csms/store/in-tenant';
import { listAuthorities } from '@csms/store/read-models/certificates';
import type pg from 'pg';

export interface RevocationParts {
  pool: pg.Pool;
  /** Lists and answers may be had by plain http: they are signed. Hosts of a list alone. */
  fetch: GuardedFetch;
  now: () => Date;
  log: { warn(fields: object, text: string): void };
}

/** A URL is asked once a run, however many certificates name it, and so many in all. */
const urlsMax = 50;
const certificatesMax = 5_000;

/** So many certificates are asked about by OCSP in one run and tenant: those that came in last. */
const questionsMax = 200;

/**
 * One run: the revocation lists that certificates of other authorities name are read, and where a certificate names no list its issuer is asked by OCSP. What is
 * revoked is on the books, where every gateway looks. A list or an answer that cannot be had, or that the certificate's own authority did not sign, changes
 * nothing: what was known stays known.
 */
export async function readRevocations(parts: RevocationParts): Promise<void> {
  const { rows: tenants } = await parts.pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
  for (const { id: tenant } of tenants) {
    const { pems, authorities } = await inTenant(parts.pool, tenant, async (client) => ({
      pems: await foreignCertificates(client, parts.now(), certificatesMax), authorities: (await listAuthorities(client, { after: null, limit: 100 })).items,
    }));
    const believed = authorities.filter((each) => each.state === 'active').map((each) => readCertificate(each.certificatePem)).filter((each) => each !== null);
    for (const url of [...new Set(pems.flatMap(revocationListUrls))].slice(0, urlsMax)) {
      try {
        const { status, body } = await parts.fetch({ url });
        const lists = status === 200 ? await Promise.all(believed.map((issuer) => readRevocationList(body, issuer, parts.now()))) : [];
        const list = lists.find((each) => each !== null);
        if (list === undefined || list === null) throw new Error(status === 200 ? 'it is no valid list of an authority of this tenant' : `it was answered with ${status}`);
        await inTenant(parts.pool, tenant, (client) => markRevoked(client, list.revoked.map((each) => ({ ...each, issuer: list.issuer })), 'list'));
      } catch (err) {
        parts.log.warn({ event: 'revocation_list_unread', tenant, err }, 'a revocation list could not be read; what was known stays known');
      }
    }
    for (const pem of pems.filter((each) => revocationListUrls(each).length === 0).slice(0, questionsMax)) {
      const certificate = readCertificate(pem);
      const issuer = believed.find((each) => certificate?.openssl.checkIssued(each.openssl) === true);
      if (certificate !== null && issuer !== undefined) await askIssuer(parts, tenant, certificate, issuer);
    }
  }
}

async function askIssuer(parts: RevocationParts, tenant: string, certificate: ReadCertificate, issuer: ReadCertificate): Promise<void> {
  const url = ocspUrl(certificate);
  if (url === null) return;
  try {
    const { status, body } = await parts.fetch({ url, method: 'POST', headers: { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' }, body: await ocspQuestion(certificate, issuer) });
    const verdict = status === 200 ? await readOcspAnswer(body, certificate, issuer, parts.now()) : null;
    if (verdict === null) throw new Error(status === 200 ? 'the answer proves nothing' : `it was answered with ${status}`);
    if (verdict.status !== 'revoked') return;
    await inTenant(parts.pool, tenant, (client) => markRevoked(client, [{ issuer: certificate.issuer, serialNumber: certificate.serialNumber, revokedAt: verdict.revokedAt, reason: 'OCSP' }], 'list'));
  } catch (err) {
    parts.log.warn({ event: 'ocsp_unanswered', tenant, err }, 'an issuer could not be asked about a certificate; what was known stays known');
  }
}
