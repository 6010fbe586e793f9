// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import { createHash, verify, webcrypto } from 'node:crypto';
import { BasicOCSPResponse, CertID, OCSPRequest, OCSPResponse, OCSPResponseStatus, Request, TBSRequest, type SingleResponse } from '@peculiar/asn1-ocsp';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import * as x509 from '@peculiar/x509';
import { canonicalSerial, readCertificate, type ReadCertificate } from './read-certificate.ts';

export type OcspVerdict = { status: 'good' | 'unknown' } | { status: 'revoked'; revokedAt: Date };

const basicResponse = '1.3.6.1.5.5.7.48.1.1';
const ocspSigning = '1.3.6.1.5.5.7.3.9';
const sha1 = '1.3.14.3.2.26';
/** An answer that names no next one is believed for so long; and a responder's clock may be so far ahead. */
const answerForMs = 86_400_000;
const clockAheadMs = 300_000;

/** Signature algorithms that are believed: RSA (PKCS #1 v1.5) and ECDSA, with SHA-256 or longer. */
const digests: Record<string, string> = {
  '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512', '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512',
};

/** Where a certificate says that its issuer answers for it (RFC 5280, 4.2.2.1); null where it says nothing. */
export function ocspUrl(certificate: ReadCertificate): string | null {
  const url = certificate.parsed.getExtension(x509.AuthorityInfoAccessExtension)?.ocsp.find((name) => name.type === 'url')?.value;
  return url !== undefined && /^https?:\/\//i.test(url) ? url : null;
}

/** The question after one certificate (RFC 6960, 4.1), DER; sent as `application/ocsp-request`. */
export async function ocspQuestion(certificate: ReadCertificate, issuer: ReadCertificate): Promise<Buffer> {
  return Buffer.from(AsnConvert.serialize(new OCSPRequest({ tbsRequest: new TBSRequest({ requestList: [new Request({ reqCert: await certIdOf(certificate, issuer) })] }) })));
}

/** What names a certificate to a responder. SHA-1 is the hash that every responder knows (RFC 5019, 2.1.1), and nothing rests on its strength here. */
export async function certIdOf(certificate: ReadCertificate, issuer: ReadCertificate): Promise<CertID> {
  return new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha1, parameters: null }),
    issuerNameHash: new OctetString(createHash('sha1').update(Buffer.from(certificate.parsed.issuerName.toArrayBuffer())).digest()),
    issuerKeyHash: new OctetString(await issuer.parsed.publicKey.getKeyIdentifier('SHA-1', webcrypto)),
    serialNumber: exactly(Buffer.from(certificate.parsed.serialNumber, 'hex')),
  });
}

/**
 * What a responder's answer (RFC 6960, 4.2) says of this certificate, after it was held against its issuer: signed by it, or by a responder that it signed for
 * this purpose, and of today. Null: the answer proves nothing. Never rejects.
 */
export async function readOcspAnswer(body: Buffer, certificate: ReadCertificate, issuer: ReadCertificate, now: Date): Promise<OcspVerdict | null> {
  try {
    const answer = AsnConvert.parse(exactly(body), OCSPResponse);
    if (answer.responseStatus !== OCSPResponseStatus.successful || answer.responseBytes?.responseType !== basicResponse) return null;
    const basic = AsnConvert.parse(answer.responseBytes.response.buffer, BasicOCSPResponse);
    if (!isSigned(basic, issuer, now)) return null;
    const about = await certIdOf(certificate, issuer);
    const single = basic.tbsResponseData.responses.find((each) => isAbout(each, about));
    if (single === undefined || !isOfToday(single, now)) return null;
    const { revoked, good } = single.certStatus;
    if (revoked !== undefined) return { status: 'revoked', revokedAt: revoked.revocationTime };
    return { status: good === undefined ? 'unknown' : 'good' };
  } catch {
    return null;
  }
}

function isSigned(basic: BasicOCSPResponse, issuer: ReadCertificate, now: Date): boolean {
  const digest = digests[basic.signatureAlgorithm.algorithm];
  if (digest === undefined || basic.tbsResponseDataRaw === undefined) return false;
  const data = Buffer.from(basic.tbsResponseDataRaw);
  const delegates = (basic.certs ?? []).slice(0, 5).map((each) => readCertificate(Buffer.from(AsnConvert.serialize(each)))).filter((each) => each !== null && mayAnswerFor(each, issuer, now));
  return [issuer, ...delegates].some((each) => each !== null && verify(digest, data, each.openssl.publicKey, Buffer.from(basic.signature)));
}

function mayAnswerFor(responder: ReadCertificate, issuer: ReadCertificate, now: Date): boolean {
  const usages = responder.parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  return usages.includes(ocspSigning) && responder.notBefore <= now && now <= responder.notAfter
    && responder.openssl.checkIssued(issuer.openssl) && responder.openssl.verify(issuer.openssl.publicKey);
}

function isAbout({ certID }: SingleResponse, about: CertID): boolean {
  return certID.hashAlgorithm.algorithm === about.hashAlgorithm.algorithm && hex(certID.issuerNameHash.buffer) === hex(about.issuerNameHash.buffer)
    && hex(certID.issuerKeyHash.buffer) === hex(about.issuerKeyHash.buffer) && canonicalSerial(hex(certID.serialNumber)) === canonicalSerial(hex(about.serialNumber));
}

function isOfToday({ thisUpdate, nextUpdate }: SingleResponse, now: Date): boolean {
  const until = nextUpdate?.getTime() ?? thisUpdate.getTime() + answerForMs;
  return thisUpdate.getTime() <= now.getTime() + clockAheadMs && now.getTime() <= until;
}

const hex = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('hex');

/** The bytes of a Buffer alone, without those of the pool that it may lie in. */
function exactly(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
