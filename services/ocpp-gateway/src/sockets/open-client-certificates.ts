import type { CertificateBooks, StationBooks, TenantTrust } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { wrongName } from '@csms/domain/certificate/judge';
import { verifyClientChain } from '@csms/kit/x509/verify-chain';
import type { ClientCertificates, ClientCertificateVerdict } from './client-certificate.ts';
import { isTrustedProxy, readForwardedChain, type TrustedProxies } from './proxy-certificate.ts';

export interface ClientCertificateParts {
  certificates: Pick<CertificateBooks, 'trust' | 'isRevoked' | 'seen'>;
  stations: Pick<StationBooks, 'securityEvent'>;
  /** Null: there are none, and no header is ever looked at. */
  proxies: TrustedProxies | null;
  /** A note could not be written; nobody's way in depends on it. */
  onError: (error: unknown) => void;
}

/** So many certificates that were good are remembered, for an outage of the books. */
const rememberedMax = 20_000;

/**
 * Client certificates under each tenant's own authorities, as the books name them now (C-04). While the books cannot be reached, a station whose certificate
 * was good in this process before may come back with it; nobody else can be judged.
 */
export function openClientCertificates(parts: ClientCertificateParts): ClientCertificates {
  const { certificates, stations, proxies, onError } = parts;
  const trusts = new Map<string, TenantTrust>();
  const good = new Map<string, true>();

  async function trustOf(tenantId: string): Promise<TenantTrust | null> {
    try {
      const trust = await certificates.trust(tenantId);
      if (trust === null) trusts.delete(tenantId); else trusts.set(tenantId, trust);
      return trust;
    } catch (error) {
      const remembered = trusts.get(tenantId);
      if (error instanceof BooksUnavailable && remembered !== undefined) return remembered;
      throw error;
    }
  }

  async function isRevoked(tenantId: string, certificate: { issuer: string; serialNumber: string }, key: string): Promise<boolean> {
    try {
      return await certificates.isRevoked(tenantId, certificate);
    } catch (error) {
      if (error instanceof BooksUnavailable && good.has(key)) return false;
      throw error;
    }
  }

  function remember(key: string): boolean {
    const known = good.delete(key);
    good.set(key, true);
    if (good.size > rememberedMax) for (const oldest of good.keys()) { good.delete(oldest); break; }
    return known;
  }

  async function judge({ tenantId, identity, chain, now }: Parameters<ClientCertificates['verify']>[0]): Promise<ClientCertificateVerdict> {
    const trust = await trustOf(tenantId);
    if (trust === null) return { ok: false, reason: 'untrusted' };
    const verdict = verifyClientChain({ chain, authorities: trust.authorities, now });
    if (!verdict.ok) return verdict;
    const { leaf } = verdict;
    const wrong = wrongName(leaf, { identity, operatorName: trust.operatorName });
    if (wrong !== null) return { ok: false, reason: wrong };
    const key = `${tenantId}/${leaf.fingerprintSha256}`;
    const certificate = { issuer: leaf.issuer, serialNumber: leaf.serialNumber, notAfter: leaf.notAfter };
    if (await isRevoked(tenantId, certificate, key)) { good.delete(key); return { ok: false, reason: 'revoked' }; }
    if (!remember(key)) {
      certificates.seen(tenantId, {
        identity, issuer: leaf.issuer, serialNumber: leaf.serialNumber, certificatePem: leaf.pem, fingerprintSha256: leaf.fingerprintSha256, notBefore: leaf.notBefore, notAfter: leaf.notAfter,
      }, now).catch((error: unknown) => { good.delete(key); onError(error); });
    }
    return { ok: true, certificate };
  }

  return {
    presented({ peerChain, headers, now }) {
      if (proxies !== null && isTrustedProxy(peerChain, proxies, now)) return readForwardedChain(headers, proxies.header);
      return [...peerChain];
    },

    async verify(claim) {
      const verdict = await judge(claim);
      if (!verdict.ok && verdict.reason !== 'no-certificate') {
        stations.securityEvent(claim.tenantId, { stationId: null, identity: claim.identity.slice(0, 48), kind: 'bad-certificate', detail: verdict.reason, at: claim.now }).catch(onError);
      }
      return verdict;
    },

    async stillGood(tenantId, certificate, now) {
      if (certificate.notAfter !== undefined && now.getTime() >= certificate.notAfter.getTime() + 1_000) return false;
      return !(await certificates.isRevoked(tenantId, certificate));
    },
  };
}
