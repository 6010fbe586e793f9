import type { GuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { readRevocationList, revocationListUrls } from '@csms/kit/x509/revocation-list';
import { foreignCertificates, markRevoked } from '@csms/store/certificates/revocation-rows';
import { inTenant } from '@csms/store/in-tenant';
import { listAuthorities } from '@csms/store/read-models/certificates';
import type pg from 'pg';

export interface RevocationListParts {
  pool: pg.Pool;
  /** Lists may be had by plain http: they are signed. Hosts of a list alone. */
  fetch: GuardedFetch;
  now: () => Date;
  log: { warn(fields: object, text: string): void };
}

/** A URL is asked once a run, however many certificates name it, and so many in all. */
const urlsMax = 50;
const certificatesMax = 5_000;

/**
 * One run: the revocation lists that certificates of other authorities name are read, and what is on them is on the books, where every gateway looks. A list
 * that cannot be had, or that the certificate's own authority did not sign, changes nothing: what was known stays known.
 */
export async function readRevocationLists(parts: RevocationListParts): Promise<void> {
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
  }
}
