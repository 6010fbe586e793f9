import type { IncomingHttpHeaders } from 'node:http';
import type { CertificateName } from '@csms/domain';

/** Why a client certificate does not let a station in. The station is told none of it (C-06); the knock log and a security event are. */
export type ClientCertificateRefusal =
  | 'no-certificate' | 'unreadable' | 'untrusted' | 'not-yet-valid' | 'expired' | 'not-for-clients' | 'weak-key' | 'weak-signature'
  | 'wrong-name' | 'wrong-operator' | 'revoked';

export type ClientCertificateVerdict = { ok: true; certificate: CertificateName & { notAfter: Date } } | { ok: false; reason: ClientCertificateRefusal };

/** Who comes with which certificate, as the door asks it (security profile 3, C-04). */
export interface ClientCertificates {
  /**
   * The chain that the station itself presented, DER, leaf first: of the TLS peer, or, where that peer is one of the configured TLS proxies and proves it with
   * its own certificate, of the header that it set. A header from anybody else is as if it were not there. Empty: there is none.
   */
  presented(request: { peerChain: readonly Buffer[]; headers: IncomingHttpHeaders; now: Date }): Buffer[];
  /** Does this chain prove that the caller is this station of this tenant? Never rejects for what the chain holds; rejects when the books cannot be asked at all. */
  verify(claim: { tenantId: string; identity: string; chain: readonly Buffer[]; now: Date }): Promise<ClientCertificateVerdict>;
  /** Was a certificate that let somebody in revoked, or has it expired since? For sockets that are open. */
  stillGood(tenantId: string, certificate: CertificateName & { notAfter?: Date }, now: Date): Promise<boolean>;
}
