import { OCSPRequest } from '@peculiar/asn1-ocsp';
import { AsnConvert } from '@peculiar/asn1-schema';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate, type KeyAndCertificate } from './make-certificate.ts';
import { ocspQuestion, ocspUrl, readOcspAnswer } from './ocsp.ts';
import { readCertificate, type ReadCertificate } from './read-certificate.ts';
import { makeOcspAnswer, type OcspAnswerInput } from './testing/ocsp-answer.ts';

const now = new Date('2026-11-24T10:00:00Z');
const times = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
let ours: KeyAndCertificate;
let theirs: KeyAndCertificate;
let issuer: ReadCertificate;
let certificate: ReadCertificate;
let other: ReadCertificate;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([makeAuthority({ commonName: 'CA', ...times }), makeAuthority({ commonName: 'CA', ...times })]);
  issuer = readCertificate(ours.certificatePem)!;
  [certificate, other] = (await Promise.all(['CP_1', 'CP_2'].map((commonName) => makeCertificate({ commonName, usage: 'client', ...times, ocspUrl: 'http://ocsp.example/' }, ours)))).map((made) => readCertificate(made.certificatePem)!) as [ReadCertificate, ReadCertificate];
});

/** An answer of our own authority that the certificate is good, unless told otherwise. */
const anAnswer = (given: Partial<OcspAnswerInput> = {}) => makeOcspAnswer({ about: certificate, issuer, by: ours, thisUpdate: new Date('2026-11-24T09:00:00Z'), ...given });
const verdictOn = async (given: Partial<OcspAnswerInput> = {}) => readOcspAnswer(await anAnswer(given), certificate, issuer, now);

describe('OCSP', () => {
  it('is asked where the certificate says, after the certificate', async () => {
    expect(ocspUrl(certificate)).toBe('http://ocsp.example/');
    expect(ocspUrl(issuer)).toBeNull();
    const asked = AsnConvert.parse(new Uint8Array(await ocspQuestion(certificate, issuer)).buffer, OCSPRequest).tbsRequest.requestList;
    expect(asked.map(({ reqCert }) => Buffer.from(reqCert.serialNumber).toString('hex'))).toEqual([certificate.parsed.serialNumber]);
  });

  it('is believed of the issuer, and of a responder that the issuer made for it', async () => {
    const revokedAt = new Date('2026-11-01T00:00:00Z');
    expect(await verdictOn()).toEqual({ status: 'good' });
    expect(await verdictOn({ revokedAt })).toEqual({ status: 'revoked', revokedAt });
    const responder = await makeCertificate({ commonName: 'responder', usage: 'ocsp', ...times }, ours);
    expect(await verdictOn({ by: responder, certs: [responder], revokedAt })).toEqual({ status: 'revoked', revokedAt });
  });

  it('is not believed of anybody else, about another certificate, of another day, or garbled', async () => {
    const client = await makeCertificate({ commonName: 'CP_3', usage: 'client', ...times }, ours);
    const foreign = await makeCertificate({ commonName: 'responder', usage: 'ocsp', ...times }, theirs);
    expect(await verdictOn({ by: theirs })).toBeNull();
    expect(await verdictOn({ by: client, certs: [client] })).toBeNull();
    expect(await verdictOn({ by: foreign, certs: [foreign] })).toBeNull();
    expect(await verdictOn({ about: other })).toBeNull();
    expect(await verdictOn({ thisUpdate: new Date('2026-11-22T00:00:00Z') })).toBeNull();
    expect(await verdictOn({ thisUpdate: new Date('2026-11-25T00:00:00Z') })).toBeNull();
    expect(await verdictOn({ thisUpdate: new Date('2026-11-22T00:00:00Z'), nextUpdate: new Date('2026-11-24T09:59:59Z') })).toBeNull();
    expect(await verdictOn({ thisUpdate: new Date('2026-11-22T00:00:00Z'), nextUpdate: new Date('2026-11-25T00:00:00Z') })).toEqual({ status: 'good' });
    const answer = await anAnswer();
    const changed = Buffer.from(answer);
    changed[changed.length - 1] = changed[changed.length - 1]! ^ 1;
    for (const each of [changed, answer.subarray(0, 60), Buffer.alloc(0), Buffer.from('nonsense')]) expect(await readOcspAnswer(each, certificate, issuer, now)).toBeNull();
  });
});
