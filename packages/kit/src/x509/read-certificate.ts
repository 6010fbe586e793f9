// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import { X509Certificate, createHash, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate read twice: by OpenSSL, which checks signatures, and by a library that shows every name and extension. */
export interface ReadCertificate {
  openssl: X509Certificate;
  parsed: x509.X509Certificate;
  /** Each CN and each O of the subject, in order; a well-made certificate of a station has one of either. */
  commonNames: string[];
  organizations: string[];
  /** Subject and issuer as RFC 4514 text. */
  subject: string;
  issuer: string;
  /** Upper-case hex without leading zeros. */
  serialNumber: string;
  notBefore: Date;
  notAfter: Date;
  fingerprintSha256: string;
  pem: string;
}

/** Reads one certificate, DER or PEM; null when it is none. */
export function readCertificate(source: Buffer | string): ReadCertificate | null {
  try {
    const openssl = new X509Certificate(source);
    // OpenSSL's own copy, so that both read the same bytes and nothing that may follow them.
    const parsed = new x509.X509Certificate(new Uint8Array(openssl.raw));
    return {
      openssl, parsed, commonNames: parsed.subjectName.getField('CN'), organizations: parsed.subjectName.getField('O'), subject: parsed.subject, issuer: parsed.issuer,
      serialNumber: canonicalSerial(parsed.serialNumber), notBefore: parsed.notBefore, notAfter: parsed.notAfter,
      fingerprintSha256: createHash('sha256').update(openssl.raw).digest('hex'), pem: openssl.toString(),
    };
  } catch {
    return null;
  }
}

/** The certificates of a PEM bundle, in order; null when one of them, or the whole, cannot be read, or when there are more than ten. */
export function readBundle(pem: string): ReadCertificate[] | null {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > 10) return null;
  const read = blocks.map((block) => readCertificate(block));
  return read.every((each) => each !== null) ? read : null;
}

export function canonicalSerial(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, '');
}

/** RSA of at least 2048 bits, or an elliptic curve of at least 256 (security whitepaper, A00.FR.503). */
export function isStrongKey(key: KeyObject): boolean {
  if (key.asymmetricKeyType === 'rsa') return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048;
  return key.asymmetricKeyType === 'ec' && ['prime256v1', 'secp384r1', 'secp521r1'].includes(key.asymmetricKeyDetails?.namedCurve ?? '');
}
