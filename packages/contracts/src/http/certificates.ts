import { z } from 'zod';
import { CertificateHash, CertificateUse } from '../commands/certificates.ts';
import { PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

/** `issued`: signed, not with the station yet. `origin`: signed here for a request of the station, or seen when it came in with it. */
export const CertificateState = z.enum(['issued', 'installed', 'rejected', 'revoked']);
export const StationCertificate = z.object({
  id: Uuid, stationId: Uuid, identity: z.string(), state: CertificateState, origin: z.enum(['signed-here', 'seen']), issuer: z.string(), serialNumber: z.string(),
  fingerprintSha256: z.string(), notBefore: Timestamp, notAfter: Timestamp, detail: z.string().nullable(), createdAt: Timestamp, deliveries: z.number().int(),
  installedAt: Timestamp.nullable(), firstUsedAt: Timestamp.nullable(), renewalAskedAt: Timestamp.nullable(), revokedAt: Timestamp.nullable(), revocationReason: z.string().nullable(),
  certificatePem: z.string().describe('public; leaf first'),
});
export type StationCertificate = z.infer<typeof StationCertificate>;
export const StationCertificatePage = pageOf(StationCertificate);
export const CertificateListQuery = PageQuery.extend({
  stationId: Uuid.optional(), state: CertificateState.optional(), expiringWithinDays: z.coerce.number().int().min(0).max(3_650).optional(),
}).strict();

export const CertificateRevocation = z.object({ reason: z.string().min(1).max(200).optional() }).strict();

export const SigningRequestEntry = z.object({
  id: Uuid, stationId: Uuid, identity: z.string(), requestedAt: Timestamp, state: z.enum(['pending', 'signed', 'refused']), detail: z.string().nullable(), settledAt: Timestamp.nullable(),
});
export type SigningRequestEntry = z.infer<typeof SigningRequestEntry>;
export const SigningRequestPage = pageOf(SigningRequestEntry);
export const SigningRequestListQuery = PageQuery.extend({ stationId: Uuid.optional() }).strict();

/** Public certificates of whom a tenant believes; `signs`: new certificates are signed with it. */
export const CertificateAuthority = z.object({
  fingerprintSha256: z.string(), subject: z.string(), operatorName: z.string().describe('what O must be: CpoName'), notBefore: Timestamp, notAfter: Timestamp, signs: z.boolean(),
  state: z.enum(['active', 'retired']), certificatePem: z.string(),
});
export type CertificateAuthority = z.infer<typeof CertificateAuthority>;
export const CertificateAuthorityPage = pageOf(CertificateAuthority);

/** A root that a station has, as it names it; the subject is known where we sent it. */
export const InstalledCertificate = CertificateHash.extend({ use: CertificateUse, subject: z.string().nullable(), seenAt: Timestamp });
export type InstalledCertificate = z.infer<typeof InstalledCertificate>;
export const InstalledCertificatePage = pageOf(InstalledCertificate);

/** Certificates as text of 5,500 characters at most (InstallCertificate.req). */
export const InstallCertificate = z.object({ use: CertificateUse.default('CentralSystemRootCertificate'), certificatePem: z.string().min(1).max(5_500) }).strict();
export const ListInstalledCertificates = z.object({ use: CertificateUse.default('CentralSystemRootCertificate') }).strict();
export const DeleteInstalledCertificate = z.object({
  hash: z.object({ hashAlgorithm: CertificateHash.shape.hashAlgorithm, issuerNameHash: z.string().min(1).max(128), issuerKeyHash: z.string().min(1).max(128), serialNumber: z.string().min(1).max(40) }).strict(),
}).strict();
