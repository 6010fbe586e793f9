// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import { createHash, createPublicKey, webcrypto, type KeyObject } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { signCertificate, type KeyAndCertificate } from './make-certificate.ts';
import { isStrongKey } from './read-certificate.ts';

/** The text of a certificate signing request may have so many characters. */
export const signingRequestCharsMax = 10_240;

/** What a PKCS #10 request (RFC 2986) says, after its own signature was checked: the asker holds the key. */
export interface SigningRequestFacts {
  commonNames: string[];
  organizations: string[];
  strongKey: boolean;
  /** It asks to become an authority, or for a use that is not a client's. */
  asksTooMuch: boolean;
  /** Of the key, name and extensions: the same request sent again has the same. */
  sha256: string;
}

/** Reads a PEM request. Null: it is none, it is too long, or its signature is not by its own key. Never rejects. */
export async function readSigningRequest(pem: string): Promise<SigningRequestFacts | null> {
  if (pem.length > signingRequestCharsMax) return null;
  const block = /-----BEGIN (NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END (NEW )?CERTIFICATE REQUEST-----/.exec(pem);
  if (block?.[2] === undefined) return null;
  try {
    const der = Buffer.from(block[2], 'base64');
    const request = new x509.Pkcs10CertificateRequest(new Uint8Array(der));
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    if (!(await request.verify(webcrypto))) return null;
    const constraints = request.getExtension('2.5.29.19');
    const extended = request.getExtension('2.5.29.37');
    return {
      commonNames: request.subjectName.getField('CN'), organizations: request.subjectName.getField('O'), strongKey: isStrongKey(key),
      asksTooMuch: (constraints instanceof x509.BasicConstraintsExtension && constraints.ca) || asksToSign(request)
        || (extended instanceof x509.ExtendedKeyUsageExtension && extended.usages.some((usage) => usage !== x509.ExtendedKeyUsage.clientAuth && usage !== x509.ExtendedKeyUsage.serverAuth)),
      sha256: createHash('sha256').update(der).digest('hex'),
    };
  } catch {
    return null;
  }
}

function asksToSign(request: x509.Pkcs10CertificateRequest): boolean {
  const usages = request.getExtension('2.5.29.15');
  return usages instanceof x509.KeyUsagesExtension && (usages.usages & (x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign)) !== 0;
}

/**
 * Signs a request that was read and judged before. Of the request only the key is taken; the name is the one that the caller has checked, and the
 * certificate is good for a client and for nothing else.
 */
export async function signRequest(input: { csrPem: string; commonName: string; organization: string; notBefore: Date; notAfter: Date }, issuer: KeyAndCertificate): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(input.csrPem);
  const certificate = await signCertificate({
    commonName: input.commonName, organization: input.organization, notBefore: input.notBefore, notAfter: input.notAfter, publicKey: request.publicKey,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  }, issuer);
  return certificate.toString('pem');
}

export interface NewSigningRequest { commonName: string; organization: string; key?: 'ecdsa' | 'rsa' | 'rsa-1024'; authority?: boolean }

/** A key and a request for it, as a station makes them (security whitepaper, A02); `authority` asks to become one, which nobody may grant. */
export async function makeSigningRequest(wanted: NewSigningRequest): Promise<{ csrPem: string; keyPem: string }> {
  const algorithm = wanted.key === 'rsa' || wanted.key === 'rsa-1024'
    ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: wanted.key === 'rsa' ? 2048 : 1024 }
    : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: new x509.Name([{ O: [wanted.organization] }, { CN: [wanted.commonName] }]), keys, signingAlgorithm: { name: algorithm.name, hash: 'SHA-256' },
    extensions: wanted.authority === true ? [new x509.BasicConstraintsExtension(true, undefined, true)] : [],
  }, webcrypto);
  return { csrPem: request.toString('pem'), keyPem: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') };
}

/** The public key of a request that was read before. */
export function keyOfRequest(csrPem: string): KeyObject {
  return createPublicKey({ key: Buffer.from(new x509.Pkcs10CertificateRequest(csrPem).publicKey.rawData), format: 'der', type: 'spki' });
}
