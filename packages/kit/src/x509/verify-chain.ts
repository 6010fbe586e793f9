// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { isStrongKey, readBundle, readCertificate, type ReadCertificate } from './read-certificate.ts';

export type ChainRefusal = 'no-certificate' | 'unreadable' | 'untrusted' | 'not-yet-valid' | 'expired' | 'not-for-clients' | 'weak-key' | 'weak-signature';

export type ChainVerdict = { ok: true; leaf: ReadCertificate; issuer: ReadCertificate; /** Between the leaf and the anchor, from the leaf up. */ intermediates: ReadCertificate[] } | { ok: false; reason: ChainRefusal };

const certificatesMax = 6;
const certificateBytesMax = 16_384;

/**
 * Is this chain (DER, leaf first, in any order after it) a client's, valid now under one of these authorities (PEM)? The path rules of RFC 5280, 6.1:
 * names and signatures link up, every certificate is within its dates, issuers are authorities of sufficient path length, and an extension that is
 * critical and not understood refuses. Never throws.
 */
export function verifyClientChain(claim: { chain: readonly Buffer[]; authorities: readonly string[]; now: Date }): ChainVerdict {
  const refuse = (reason: ChainRefusal): ChainVerdict => ({ ok: false, reason });
  if (claim.chain.length === 0) return refuse('no-certificate');
  if (claim.chain.length > certificatesMax || claim.chain.some((der) => der.length > certificateBytesMax)) return refuse('unreadable');
  const [leaf, ...others] = claim.chain.map((der) => readCertificate(der));
  if (!leaf || others.some((each) => each === null)) return refuse('unreadable');
  const anchors = claim.authorities.flatMap((pem) => readBundle(pem) ?? []);

  try {
    const path = pathFrom(leaf, others.filter((each) => each !== null), anchors);
    if (path === null) return refuse('untrusted');
    for (const each of path) {
      if (claim.now < each.notBefore) return refuse('not-yet-valid');
      // A certificate is good to the end of the second that it names.
      if (claim.now.getTime() >= each.notAfter.getTime() + 1_000) return refuse('expired');
      if (!isStrongKey(each.openssl.publicKey)) return refuse('weak-key');
    }
    // What an anchor signed itself with proves nothing, so its hash does not matter.
    if (path.slice(0, -1).some((each) => !isStrongSignature(each.parsed))) return refuse('weak-signature');
    return isForClients(leaf.parsed) ? { ok: true, leaf, issuer: path[1]!, intermediates: path.slice(1, -1) } : refuse('not-for-clients');
  } catch {
    return refuse('unreadable');
  }
}

/** From the leaf to an anchor, both included; null when there is no such path. */
function pathFrom(leaf: ReadCertificate, others: readonly ReadCertificate[], anchors: readonly ReadCertificate[]): ReadCertificate[] | null {
  if (leaf.openssl.ca || !understood(leaf.parsed)) return null;
  const path = [leaf];
  while (path.length <= certificatesMax) {
    const last = path[path.length - 1]!;
    const below = path.length - 1;
    const anchor = anchors.find((each) => issued(each, last, below));
    if (anchor !== undefined) return [...path, anchor];
    const next = others.find((each) => !path.includes(each) && understood(each.parsed) && issued(each, last, below));
    if (next === undefined) return null;
    path.push(next);
  }
  return null;
}

/** `below`: how many authorities stand between this issuer and the leaf. */
function issued(issuer: ReadCertificate, subject: ReadCertificate, below: number): boolean {
  const constraints = issuer.parsed.getExtension(x509.BasicConstraintsExtension);
  if (constraints?.ca !== true || (constraints.pathLength !== undefined && constraints.pathLength < below)) return false;
  const usages = issuer.parsed.getExtension(x509.KeyUsagesExtension);
  if (usages !== null && (usages.usages & x509.KeyUsageFlags.keyCertSign) === 0) return false;
  return subject.openssl.checkIssued(issuer.openssl) && subject.openssl.verify(issuer.openssl.publicKey);
}

/** Basic constraints, key usage, extended key usage, subject alternative name: what the checks here take into account. */
const understoodCritical = new Set(['2.5.29.19', '2.5.29.15', '2.5.29.37', '2.5.29.17']);

function understood(certificate: x509.X509Certificate): boolean {
  return certificate.extensions.every((each) => !each.critical || understoodCritical.has(each.type));
}

function isForClients(certificate: x509.X509Certificate): boolean {
  const extended = certificate.getExtension(x509.ExtendedKeyUsageExtension);
  const usages = certificate.getExtension(x509.KeyUsagesExtension);
  return (extended === null || extended.usages.includes(x509.ExtendedKeyUsage.clientAuth)) && (usages === null || (usages.usages & x509.KeyUsageFlags.digitalSignature) !== 0);
}

function isStrongSignature(certificate: x509.X509Certificate): boolean {
  const { hash } = certificate.signatureAlgorithm;
  const name = typeof hash === 'string' ? hash : hash.name;
  return ['SHA-256', 'SHA-384', 'SHA-512'].includes(name);
}
