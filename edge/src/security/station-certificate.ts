import { createPublicKey } from 'node:crypto';
import { readBundle } from '@csms/kit/x509/read-certificate';

/**
 * Why a chain is not this charger's new certificate (security whitepaper, A02.FR.06); undefined when it is.
 * @param chainPem leaf first
 * @param keyPem the private key for which it was asked
 */
export function faultOfChain(chainPem: string, keyPem: string | undefined, expected: { identity: string; charsMax: number; nowMs: number }): string | undefined {
  if (chainPem.length > expected.charsMax) return 'the chain is too long';
  const chain = readBundle(chainPem);
  const [leaf] = chain ?? [];
  if (!chain || !leaf) return 'the chain cannot be read';
  if (keyPem === undefined) return 'no certificate was asked for';
  if (!leaf.openssl.publicKey.equals(createPublicKey(keyPem))) return 'the certificate is for another key';
  if (!leaf.commonNames.includes(expected.identity)) return 'the certificate names somebody else';
  if (expected.nowMs < leaf.notBefore.getTime() || expected.nowMs > leaf.notAfter.getTime()) return 'the certificate is not valid now';
  const isBroken = chain.some((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !(certificate.openssl.checkIssued(issuer.openssl) && certificate.openssl.verify(issuer.openssl.publicKey));
  });
  return isBroken ? 'the chain does not hold together' : undefined;
}
