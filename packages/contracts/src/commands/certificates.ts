import { z } from 'zod';

export const CertificateUse = z.enum(['CentralSystemRootCertificate', 'ManufacturerRootCertificate']);

/** What names a certificate on a station (security whitepaper, CertificateHashDataType). */
export const CertificateHash = z.object({
  hashAlgorithm: z.enum(['SHA256', 'SHA384', 'SHA512']), issuerNameHash: z.string(), issuerKeyHash: z.string(), serialNumber: z.string(),
});

/** Commands about certificates (OCPP 1.6 security whitepaper), as the ledger keeps them. */
export const certificateCommands = [
  z.object({ action: z.literal('certificate-signed'), chainPem: z.string() }),
  z.object({ action: z.literal('install-certificate'), use: CertificateUse, pem: z.string() }),
  z.object({ action: z.literal('delete-certificate'), hash: CertificateHash }),
  z.object({ action: z.literal('get-installed-certificate-ids'), use: CertificateUse }),
] as const;
