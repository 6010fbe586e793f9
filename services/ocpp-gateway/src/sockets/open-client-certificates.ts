import type { CertificateBooks, StationBooks, TenantTrust } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { wrongName } from '@csms/domain/certificate/judge';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { verifyClientChain, type ChainVerdict } from '@csms/kit/x509/verify-chain';
import type { ClientCertificates, ClientCertificateVerdict } from './client-certificate.ts';
import { KnownChains } from './known-chains.ts';
import { isTrustedProxy, readForwardedChain, type TrustedProxies } from './proxy-certificate.ts';

export interface ClientCertificateParts {
  certificates: Pick<CertificateBooks, 'trust' | 'isRevoked' | 'seen' | 'chainOf'>;
  stations: Pick<StationBooks, 'securityEvent'>;
  /** Null: there are none, and no header is ever looked at. */
  proxies: TrustedProxies | null;
  /** A note could not be written; nobody's way in depends on it. */
  onError: (error: unknown) => void;
}

/** So many certificates are remembered: that they were good, for an outage of the books, and that they are noted there. */
const rememberedMax = 20_000;
/** How long a tenant's authorities are taken for what they were: a storm asks for them once. A revocation counts at once. */
const trustForMs = 5_000;
/** So many certificates wait to be noted as used; what finds no room, or fails, is noted when the station comes the next time. */
const notesMax = 20_000;

/**
 * Client certificates under each tenant's own authorities, as the books name them now (C-04). While the books cannot be reached, a station whose certificate
 * was good in this process before may come back with it; nobody else can be judged.
 */
export function openClientCertificates(parts: ClientCertificateParts): ClientCertificates {
  const { certificates, stations, proxies, onError } = parts;
  const trusts = new Map<string, { trust: TenantTrust; readAt: number }>();
  const good = new Set<string>();
  const noted = new Set<string>();
  const notes = new NoteQueue(notesMax, onError);
  const chains = new KnownChains((...asked) => certificates.chainOf(...asked));

  async function trustOf(tenantId: string, now: Date): Promise<TenantTrust | null> {
    const remembered = trusts.get(tenantId);
    if (remembered !== undefined && Math.abs(now.getTime() - remembered.readAt) < trustForMs) return remembered.trust;
    try {
      const trust = await certificates.trust(tenantId);
      if (trust === null) trusts.delete(tenantId); else trusts.set(tenantId, { trust, readAt: now.getTime() });
      return trust;
    } catch (error) {
      if (error instanceof BooksUnavailable && remembered !== undefined) return remembered.trust;
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

  function remember(known: Set<string>, key: string): void {
    known.delete(key);
    known.add(key);
    if (known.size > rememberedMax) for (const oldest of known) { known.delete(oldest); break; }
  }

  /** A certificate that comes alone, as in a TLS session that is resumed, is judged with what it came with before. */
  async function verifyCompleted(tenantId: string, identity: string, claim: Parameters<typeof verifyClientChain>[0]): Promise<ChainVerdict> {
    const verdict = verifyClientChain(claim);
    const [der] = claim.chain;
    if (verdict.ok || verdict.reason !== 'untrusted' || claim.chain.length !== 1 || der === undefined) return verdict;
    const leaf = readCertificate(der);
    const behind = leaf === null ? [] : await chains.behind(tenantId, identity, leaf);
    return behind.length === 0 ? verdict : verifyClientChain({ ...claim, chain: [der, ...behind] });
  }

  async function judge({ tenantId, identity, chain, now }: Parameters<ClientCertificates['verify']>[0]): Promise<ClientCertificateVerdict> {
    const trust = await trustOf(tenantId, now);
    if (trust === null) return { ok: false, reason: 'untrusted' };
    const verdict = await verifyCompleted(tenantId, identity, { chain, authorities: trust.authorities, now });
    if (!verdict.ok) return verdict;
    const { leaf, intermediates } = verdict;
    const wrong = wrongName(leaf, { identity, operatorName: trust.operatorName });
    if (wrong !== null) return { ok: false, reason: wrong };
    const key = `${tenantId}/${leaf.fingerprintSha256}`;
    const certificate = { issuer: leaf.issuer, serialNumber: leaf.serialNumber, notAfter: leaf.notAfter };
    if (await isRevoked(tenantId, certificate, key)) { good.delete(key); return { ok: false, reason: 'revoked' }; }
    remember(good, key);
    chains.remember(tenantId, leaf, intermediates);
    if (!noted.has(key)) {
      notes.add(async () => {
        await certificates.seen(tenantId, {
          identity, issuer: leaf.issuer, serialNumber: leaf.serialNumber, certificatePem: [leaf, ...intermediates].map(({ pem }) => pem.trimEnd() + '\n').join(''), fingerprintSha256: leaf.fingerprintSha256, notBefore: leaf.notBefore, notAfter: leaf.notAfter,
        }, now);
        remember(noted, key);
      });
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

/** Notes that nobody waits for, one after the other: a storm of stations leaves the connections to the books for their facts. */
class NoteQueue {
  readonly #max: number;
  readonly #onError: (error: unknown) => void;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = false;

  constructor(max: number, onError: (error: unknown) => void) {
    this.#max = max;
    this.#onError = onError;
  }

  add(note: () => Promise<void>): void {
    if (this.#waiting.length >= this.#max) return;
    this.#waiting.push(note);
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let note = this.#waiting.shift(); note !== undefined; note = this.#waiting.shift()) await note().catch(this.#onError);
    this.#running = false;
  }
}
