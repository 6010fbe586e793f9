// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import { createPrivateKey, sign } from 'node:crypto';
import { BasicOCSPResponse, CertStatus, KeyHash, OCSPResponse, OCSPResponseStatus, ResponderID, ResponseBytes, ResponseData, RevokedInfo, SingleResponse } from '@peculiar/asn1-ocsp';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509';
import type { KeyAndCertificate } from '../make-certificate.ts';
import { certIdOf } from '../ocsp.ts';
import { readCertificate, type ReadCertificate } from '../read-certificate.ts';

/** `by`: whose key (P-256) signs; `certs`: what is sent along; `revokedAt` null: the certificate is good. */
export interface OcspAnswerInput { about: ReadCertificate; issuer: ReadCertificate; by: KeyAndCertificate; certs?: readonly KeyAndCertificate[]; revokedAt?: Date | null; thisUpdate: Date; nextUpdate?: Date }

/** An answer as a responder writes it (RFC 6960, 4.2), DER. */
export async function makeOcspAnswer(input: OcspAnswerInput): Promise<Buffer> {
  const { about, issuer, by, certs = [], revokedAt = null, thisUpdate, nextUpdate } = input;
  const certStatus = revokedAt === null ? new CertStatus({ good: null }) : new CertStatus({ revoked: new RevokedInfo({ revocationTime: revokedAt }) });
  const tbsResponseData = new ResponseData({
    responderID: new ResponderID({ byKey: new KeyHash(new Uint8Array(20)) }), producedAt: thisUpdate,
    responses: [new SingleResponse({ certID: await certIdOf(about, issuer), certStatus, thisUpdate, ...(nextUpdate === undefined ? {} : { nextUpdate }) })],
  });
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbsResponseData)), createPrivateKey(by.keyPem));
  const basic = new BasicOCSPResponse({
    tbsResponseData, signatureAlgorithm: new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' }), signature: new Uint8Array(signature).buffer,
    ...(certs.length === 0 ? {} : { certs: certs.map((each) => AsnConvert.parse(new Uint8Array(readCertificate(each.certificatePem)!.openssl.raw).buffer, Certificate)) }),
  });
  return Buffer.from(AsnConvert.serialize(new OCSPResponse({
    responseStatus: OCSPResponseStatus.successful, responseBytes: new ResponseBytes({ responseType: '1.3.6.1.5.5.7.48.1.1', response: new OctetString(AsnConvert.serialize(basic)) }),
  })));
}
