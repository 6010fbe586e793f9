import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeAuthority } from './make-certificate.ts';
import { makeSigningRequest, readSigningRequest, signRequest } from './signing-request.ts';

const times = { notBefore: new Date('2026-11-24T00:00:00Z'), notAfter: new Date('2027-11-24T00:00:00Z') };
const wanted = { commonName: 'CP_1', organization: 'Demo' };

describe('a certificate signing request', () => {
  it.each(['ecdsa', 'rsa'] as const)('is read, and signed for a client alone, under the name that was checked (%s)', async (key) => {
    const { csrPem, keyPem } = await makeSigningRequest({ ...wanted, key });
    expect(await readSigningRequest(csrPem)).toMatchObject({ commonNames: ['CP_1'], organizations: ['Demo'], strongKey: true, asksTooMuch: false });
    const authority = await makeAuthority({ commonName: 'CA', ...times });
    const certificate = new X509Certificate(await signRequest({ csrPem, ...wanted, ...times }, authority));
    expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
    expect(certificate.verify(new X509Certificate(authority.certificatePem).publicKey)).toBe(true);
    expect([certificate.subject, certificate.ca, certificate.keyUsage]).toEqual(['O=Demo\nCN=CP_1', false, ['1.3.6.1.5.5.7.3.2']]);
  });

  it('with a short key or a wish to be an authority says so', async () => {
    expect(await readSigningRequest((await makeSigningRequest({ ...wanted, key: 'rsa-1024' })).csrPem)).toMatchObject({ strongKey: false });
    expect(await readSigningRequest((await makeSigningRequest({ ...wanted, authority: true })).csrPem)).toMatchObject({ asksTooMuch: true });
  });

  it('that is none, is too long or is signed by another key is nothing', async () => {
    const { csrPem } = await makeSigningRequest(wanted);
    const der = Buffer.from(csrPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    der[der.length - 1] = der[der.length - 1]! ^ 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`;
    for (const pem of ['', 'garbage', forged, csrPem.slice(0, 200), `${csrPem}${' '.repeat(10_240)}`, '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----']) expect(await readSigningRequest(pem)).toBeNull();
  });
});
