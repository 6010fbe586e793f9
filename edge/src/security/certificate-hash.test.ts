import { makeAuthority, makeCertificate, type KeyKind } from '@csms/kit/x509/make-certificate';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { X509Certificate, createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashOfCertificate, isSameCertificate, publicKeyBits } from './certificate-hash.ts';

const validity = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

it.each<KeyKind>(['ecdsa', 'rsa'])('names a certificate by its issuer\'s name and the bits of its issuer\'s %s key', async (key) => {
  const authority = await makeAuthority({ commonName: 'root', key, ...validity });
  const leaf = readCertificate((await makeCertificate({ commonName: 'leaf', ...validity, usage: 'server' }, authority)).certificatePem);
  const root = readCertificate(authority.certificatePem);
  if (!leaf || !root) throw new Error('unreadable');
  // The subject key identifier of the root is the SHA-1 of the same bits (RFC 5280, 4.2.1.2), made by the library.
  const bits = publicKeyBits(root.openssl.publicKey.export({ format: 'der', type: 'spki' }));
  expect(root.openssl.raw.includes(createHash('sha1').update(bits).digest())).toBe(true);
  const hash = hashOfCertificate(leaf, root, 'SHA256');
  expect(hash).toMatchObject({ issuerKeyHash: createHash('sha256').update(bits).digest('hex'), serialNumber: new X509Certificate(leaf.pem).serialNumber.toLowerCase() });
  expect(hash.issuerNameHash).toBe(hashOfCertificate(root, root, 'SHA256').issuerNameHash);
  expect(hashOfCertificate(leaf, root, 'SHA512').issuerNameHash).toHaveLength(128);
  expect(isSameCertificate(hash, { ...hash, serialNumber: `00${hash.serialNumber.toUpperCase()}` })).toBe(true);
  expect(isSameCertificate(hash, { ...hash, issuerKeyHash: hash.issuerNameHash })).toBe(false);
});
