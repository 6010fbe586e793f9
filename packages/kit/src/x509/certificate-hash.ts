import { createHash, webcrypto } from 'node:crypto';
import type { ReadCertificate } from './read-certificate.ts';

/** CertificateHashDataType (OCPP 1.6 security whitepaper, edition 3: as in RFC 6960, CertID), in lower-case hex with SHA-256. */
export interface CertificateHashData { hashAlgorithm: 'SHA256'; issuerNameHash: string; issuerKeyHash: string; serialNumber: string }

/** What names a self-signed certificate on a station; null for one that another authority signed, whose key is not in it. */
export async function hashOfRoot(certificate: ReadCertificate): Promise<CertificateHashData | null> {
  const { parsed, openssl } = certificate;
  if (!openssl.checkIssued(openssl) || !openssl.verify(openssl.publicKey)) return null;
  const name = createHash('sha256').update(Buffer.from(parsed.issuerName.toArrayBuffer())).digest('hex');
  const key = Buffer.from(await parsed.publicKey.getKeyIdentifier('SHA-256', webcrypto)).toString('hex');
  return { hashAlgorithm: 'SHA256', issuerNameHash: name, issuerKeyHash: key, serialNumber: certificate.serialNumber.toLowerCase() };
}
