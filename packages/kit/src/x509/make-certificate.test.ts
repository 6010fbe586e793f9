import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from './make-certificate.ts';

const times = { notBefore: new Date('2026-11-24T00:00:00Z'), notAfter: new Date('2027-11-24T00:00:00Z') };

describe('certificates of our making', () => {
  it.each(['ecdsa', 'rsa'] as const)('a server\'s certificate (%s) names its hosts and is signed by its authority, as OpenSSL reads it', async (key) => {
    const authority = await makeAuthority({ commonName: 'Test CA', organization: 'Charge-IT', ...times, key });
    const server = await makeCertificate({ commonName: 'csms.example.com', usage: 'server', hostNames: ['csms.example.com', 'localhost'], ipAddresses: ['127.0.0.1'], key, ...times }, authority);
    const [ca, leaf] = [new X509Certificate(authority.certificatePem), new X509Certificate(server.certificatePem)];
    expect(ca.ca).toBe(true);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkIssued(ca)).toBe(true);
    expect([leaf.checkHost('localhost'), leaf.checkIP('127.0.0.1'), leaf.checkHost('other.example.com')]).toEqual(['localhost', '127.0.0.1', undefined]);
    expect(leaf.validToDate).toEqual(times.notAfter);
    expect(leaf.publicKey.asymmetricKeyType).toBe(key === 'rsa' ? 'rsa' : 'ec');
  });

  it('a client\'s certificate carries its organisation and its name', async () => {
    const authority = await makeAuthority({ commonName: 'Test CA', ...times });
    const client = new X509Certificate((await makeCertificate({ commonName: 'CP_1', organization: 'Charge-IT', usage: 'client', ...times }, authority)).certificatePem);
    expect(client.subject).toBe('O=Charge-IT\nCN=CP_1');
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });
});
