import { createHash } from 'node:crypto';
import type { ReadCertificate } from '@csms/kit/x509/read-certificate';

/** How a certificate is named in GetInstalledCertificateIds and DeleteCertificate (security whitepaper, CertificateHashDataType). */
export interface CertificateHash {
  hashAlgorithm: 'SHA256' | 'SHA384' | 'SHA512';
  /** Hash of the DER of the issuer's name. */
  issuerNameHash: string;
  /** Hash of the issuer's public key: the bits of its subjectPublicKey, without tag, length and unused bits (RFC 6960, 4.1.1). */
  issuerKeyHash: string;
  /** Hex without leading zeros. */
  serialNumber: string;
}

/** @param issuer the certificate's issuer; itself for a root */
export function hashOfCertificate(certificate: ReadCertificate, issuer: ReadCertificate, hashAlgorithm: CertificateHash['hashAlgorithm']): CertificateHash {
  const hash = (bytes: Uint8Array) => createHash(hashAlgorithm.toLowerCase()).update(bytes).digest('hex');
  return {
    hashAlgorithm,
    issuerNameHash: hash(new Uint8Array(certificate.parsed.issuerName.toArrayBuffer())),
    issuerKeyHash: hash(publicKeyBits(Buffer.from(issuer.parsed.publicKey.rawData))),
    serialNumber: certificate.serialNumber.toLowerCase(),
  };
}

export function isSameCertificate(a: CertificateHash, b: CertificateHash): boolean {
  const plain = (hex: string) => hex.toLowerCase().replace(/^0+(?=.)/, '');
  return a.issuerNameHash.toLowerCase() === b.issuerNameHash.toLowerCase() && a.issuerKeyHash.toLowerCase() === b.issuerKeyHash.toLowerCase()
    && plain(a.serialNumber) === plain(b.serialNumber);
}

/** SubjectPublicKeyInfo is a sequence of an algorithm and a bit string (RFC 5280, 4.1); the content of the latter. */
export function publicKeyBits(spki: Buffer): Buffer {
  const outer = element(spki, 0);
  const algorithm = element(spki, outer.contentAt);
  const bits = element(spki, algorithm.endAt);
  return spki.subarray(bits.contentAt + 1, bits.endAt);
}

/** One DER element: where its content begins and where it ends (X.690, 8.1). */
function element(der: Buffer, at: number): { contentAt: number; endAt: number } {
  const first = der.readUInt8(at + 1);
  if (first < 0x80) return { contentAt: at + 2, endAt: at + 2 + first };
  const lengthBytes = first & 0x7f;
  const contentAt = at + 2 + lengthBytes;
  return { contentAt, endAt: contentAt + der.readUIntBE(at + 2, lengthBytes) };
}
