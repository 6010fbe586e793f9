import type { FactSource } from '../station/station.ts';

/** What names a certificate among those of one issuer, and across issuers: the issuer's name as RFC 4514 text, the serial number as upper-case hex. */
export interface CertificateName { issuer: string; serialNumber: string }

/** Whom a tenant lets sign its stations' certificates, and the name of the charging station operator that these carry in O. */
export interface TenantTrust {
  operatorName: string;
  /** Public certificates of the authorities, PEM. A key is never here. */
  authorities: readonly string[];
}

/** What the books keep of a station's certificate when it is seen for the first time, whoever signed it. */
export interface SeenCertificate extends CertificateName {
  identity: string;
  /** With what stood between it and the authority, itself first. */
  certificatePem: string;
  fingerprintSha256: string;
  notBefore: Date;
  notAfter: Date;
}

/** A station's request for a certificate, read and judged. */
export interface SigningRequest { csrPem: string; csrSha256: string }

/**
 * `too-many`: the station asked more often than `signingRequestsADayMax` in 24 hours. A request that is on the books already is accepted again and is one;
 * `key-reused`: it is, and its certificate is about to end.
 */
export type SigningRequestOutcome = 'accepted' | 'too-many' | 'no-authority' | 'key-reused';

/** The gateway's side of certificates. Every promise resolves after commit and rejects with BooksUnavailable when the books cannot be reached. */
export interface CertificateBooks {
  /** Null: this tenant has no authority, so no station of it can come with a certificate. */
  trust(tenantId: string): Promise<TenantTrust | null>;
  isRevoked(tenantId: string, certificate: CertificateName): Promise<boolean>;
  /** A station came in with this certificate. */
  seen(tenantId: string, certificate: SeenCertificate, at: Date): Promise<void>;
  /** The chain that a station came in with, PEM, its own certificate first; null where none is known. */
  chainOf(tenantId: string, identity: string, fingerprintSha256: string): Promise<string | null>;
  requestSigning(source: FactSource, request: SigningRequest): Promise<SigningRequestOutcome>;
}
