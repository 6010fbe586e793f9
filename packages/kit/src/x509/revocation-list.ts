// What the certificate library's own parts find each other with; has to be loaded before it.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { canonicalSerial, readCertificate, type ReadCertificate } from './read-certificate.ts';

export interface RevocationList { issuer: string; thisUpdate: Date; nextUpdate: Date | null; revoked: { serialNumber: string; revokedAt: Date; reason: string | null }[] }

const entriesMax = 100_000;
/** The clock of whoever made the list may be so far ahead. */
const clockAheadMs = 300_000;
/** An entry that takes a revocation back (RFC 5280, 5.3.1, removeFromCRL) is none. */
const takenBack = 8;

/**
 * Reads a revocation list (RFC 5280, 5), DER or PEM, that this authority signed. Null: it is none, it is another's, its signature is wrong, or it is out of
 * date by `now`. Never rejects.
 */
export async function readRevocationList(source: Buffer, issuer: ReadCertificate, now: Date): Promise<RevocationList | null> {
  try {
    const list = new x509.X509Crl(source.includes('-----BEGIN') ? source.toString('latin1') : new Uint8Array(source));
    if (list.issuer !== issuer.subject || !(await list.verify({ publicKey: issuer.parsed }, webcrypto))) return null;
    const nextUpdate = list.nextUpdate ?? null;
    if (list.thisUpdate.getTime() > now.getTime() + clockAheadMs || (nextUpdate !== null && nextUpdate < now) || list.entries.length > entriesMax) return null;
    return {
      issuer: list.issuer, thisUpdate: list.thisUpdate, nextUpdate,
      revoked: list.entries.filter((entry) => entry.reason !== takenBack).map((entry) => ({
        serialNumber: canonicalSerial(entry.serialNumber), revokedAt: entry.revocationDate, reason: entry.reason === undefined ? null : (x509.X509CrlReason[entry.reason] ?? null),
      })),
    };
  } catch {
    return null;
  }
}

/** Where a certificate says that the list of its issuer is; http and https alone, three at most. */
export function revocationListUrls(certificatePem: string): string[] {
  const extension = readCertificate(certificatePem)?.parsed.getExtension(x509.CRLDistributionPointsExtension) ?? null;
  const names = extension?.distributionPoints.flatMap((point) => point.distributionPoint?.fullName ?? []) ?? [];
  return names.flatMap((name) => name.uniformResourceIdentifier ?? []).filter((url) => /^https?:\/\//i.test(url)).slice(0, 3);
}
