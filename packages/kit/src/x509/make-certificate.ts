// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its private key, both PEM (the key as PKCS #8). */
export interface KeyAndCertificate { certificatePem: string; keyPem: string }

/** The kinds of key that OCPP's security profiles know: P-256, or RSA of 2048 bits (A00.FR.503). `rsa-1024` is one that nobody may accept: for tests. */
export type KeyKind = 'ecdsa' | 'rsa' | 'rsa-1024';

export interface CertificateSubject {
  commonName: string;
  organization?: string;
  notBefore: Date;
  notAfter: Date;
  key?: KeyKind;
}

/** A self-signed certificate authority. */
export async function makeAuthority(subject: CertificateSubject): Promise<KeyAndCertificate> {
  const keys = await newKeys(subject.key ?? 'ecdsa');
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerialNumber(), name: nameOf(subject), notBefore: subject.notBefore, notAfter: subject.notAfter, keys, signingAlgorithm: signingOf(keys.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
    ],
  }, webcrypto);
  return { certificatePem: certificate.toString('pem'), keyPem: await pemOf(keys.privateKey) };
}

const purposes = { server: x509.ExtendedKeyUsage.serverAuth, client: x509.ExtendedKeyUsage.clientAuth, ocsp: x509.ExtendedKeyUsage.ocspSigning };

/** A certificate for a server (its names and addresses go in), for a client or for a responder of OCSP, with a new key, signed by `issuer`. */
export async function makeCertificate(
  subject: CertificateSubject & { usage: 'server' | 'client' | 'ocsp'; hostNames?: string[]; ipAddresses?: string[]; revocationListUrl?: string; ocspUrl?: string }, issuer: KeyAndCertificate,
): Promise<KeyAndCertificate> {
  const keys = await newKeys(subject.key ?? 'ecdsa');
  const names = [...(subject.hostNames ?? []).map((value) => ({ type: 'dns' as const, value })), ...(subject.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value }))];
  const certificate = await signCertificate({ ...subject, publicKey: keys.publicKey, extensions: [
    new x509.ExtendedKeyUsageExtension([purposes[subject.usage]]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ...(subject.ocspUrl === undefined ? [] : [new x509.AuthorityInfoAccessExtension({ ocsp: subject.ocspUrl })]),
    ...(subject.revocationListUrl === undefined ? [] : [new x509.CRLDistributionPointsExtension([subject.revocationListUrl])]),
  ] }, issuer);
  return { certificatePem: certificate.toString('pem'), keyPem: await pemOf(keys.privateKey) };
}

/** An authority below another one, under which `pathLength` more authorities may stand. */
export async function makeSubordinateAuthority(subject: CertificateSubject & { pathLength?: number }, issuer: KeyAndCertificate): Promise<KeyAndCertificate> {
  const keys = await newKeys(subject.key ?? 'ecdsa');
  const signingKey = await readKey(issuer.keyPem);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(), subject: nameOf(subject), issuer: new x509.X509Certificate(issuer.certificatePem).subjectName, notBefore: subject.notBefore, notAfter: subject.notAfter,
    publicKey: keys.publicKey, signingKey, signingAlgorithm: signingOf(signingKey),
    extensions: [new x509.BasicConstraintsExtension(true, subject.pathLength, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true)],
  }, webcrypto);
  return { certificatePem: certificate.toString('pem'), keyPem: await pemOf(keys.privateKey) };
}

/** A certificate over a public key that is there already, of no authority, signed by `issuer`. */
export async function signCertificate(
  subject: Omit<CertificateSubject, 'key'> & { publicKey: x509.PublicKeyType; extensions: x509.Extension[] }, issuer: KeyAndCertificate,
): Promise<x509.X509Certificate> {
  const authority = new x509.X509Certificate(issuer.certificatePem);
  const signingKey = await readKey(issuer.keyPem);
  return x509.X509CertificateGenerator.create({
    serialNumber: newSerialNumber(), subject: nameOf(subject), issuer: authority.subjectName, notBefore: subject.notBefore, notAfter: subject.notAfter,
    publicKey: subject.publicKey, signingKey, signingAlgorithm: signingOf(signingKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey, false, webcrypto),
      ...subject.extensions,
    ],
  }, webcrypto);
}

function nameOf({ commonName, organization }: Pick<CertificateSubject, 'commonName' | 'organization'>): x509.Name {
  return new x509.Name([...(organization === undefined ? [] : [{ O: [organization] }]), { CN: [commonName] }]);
}

/** 128 random bits, positive (RFC 5280, 4.1.2.2). */
function newSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) };

async function newKeys(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  const algorithm = kind === 'ecdsa' ? ecdsa : { ...rsa, modulusLength: kind === 'rsa' ? 2048 : 1024 };
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function readKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const key = createPrivateKey(keyPem);
  return webcrypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), key.asymmetricKeyType === 'rsa' ? rsa : ecdsa, true, ['sign']);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

function signingOf(key: webcrypto.CryptoKey): { name: string; hash: string } {
  return { name: key.algorithm.name, hash: 'SHA-256' };
}

/** A revocation list of this authority, DER, valid from `thisUpdate` to `nextUpdate`. Serial numbers in hex. */
export async function makeRevocationList(list: { serialNumbers: readonly string[]; thisUpdate: Date; nextUpdate: Date }, issuer: KeyAndCertificate): Promise<Buffer> {
  const signingKey = await readKey(issuer.keyPem);
  const made = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(issuer.certificatePem).subjectName, thisUpdate: list.thisUpdate, nextUpdate: list.nextUpdate, signingKey, signingAlgorithm: signingOf(signingKey),
    entries: list.serialNumbers.map((serialNumber) => ({ serialNumber, revocationDate: list.thisUpdate, reason: x509.X509CrlReason.keyCompromise })),
  }, webcrypto);
  return Buffer.from(made.rawData);
}
