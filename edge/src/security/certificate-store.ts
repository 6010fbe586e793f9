import { readCertificate, type ReadCertificate } from '@csms/kit/x509/read-certificate';
import { z } from 'zod';
import type { ClockPort } from '../ports.ts';
import type { Configuration } from '../station/configuration.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import { hashOfCertificate, isSameCertificate, type CertificateHash } from './certificate-hash.ts';

export type { CertificateHash } from './certificate-hash.ts';

export const rootUses = ['CentralSystemRootCertificate', 'ManufacturerRootCertificate'] as const;
export type RootUse = (typeof rootUses)[number];

export interface CertificateStoreParts {
  kept: KeptValues;
  configuration: Pick<Configuration, 'integer' | 'isOn'>;
  clock: Pick<ClockPort, 'nowMs'>;
}

export interface CertificateStore {
  /** Roots that were installed for this use, PEM. */
  roots(use: RootUse): string[];
  /** InstallCertificate (security whitepaper, M05). */
  install(use: RootUse, pem: string): 'Accepted' | 'Failed' | 'Rejected';
  /** DeleteCertificate (M04); `mayNot` are certificates without which the charger would lose its line. */
  remove(asked: CertificateHash, mayNot: readonly string[]): 'Accepted' | 'Failed' | 'NotFound';
  /** GetInstalledCertificateIds (M03). */
  ids(use: RootUse): CertificateHash[];
}

const Kept = z.array(z.object({ use: z.enum(rootUses), pem: z.string() }));
const keptName = 'rootCertificates';

/** The roots that the CSMS has installed here. */
export function createCertificateStore({ kept, configuration, clock }: CertificateStoreParts): CertificateStore {
  let installed = kept.read(keptName, Kept) ?? [];
  const ofUse = (use: RootUse) => installed.filter((one) => one.use === use).map(({ pem }) => pem);

  function keep(next: typeof installed): void {
    installed = next;
    kept.write(keptName, installed);
  }

  function hashOf(pem: string, algorithm: CertificateHash['hashAlgorithm']): CertificateHash | undefined {
    const certificate = readCertificate(pem);
    if (!certificate) return undefined;
    const issuer = installed.map((one) => readCertificate(one.pem)).find((one) => one !== null && certificate.openssl.checkIssued(one.openssl));
    return hashOfCertificate(certificate, issuer ?? certificate, algorithm);
  }

  /** With AdditionalRootCertificateCheck a new root of the CSMS has to be signed by the present one (A00.FR.604). */
  function isVouchedFor(certificate: ReadCertificate): boolean {
    const present = ofUse('CentralSystemRootCertificate').map((pem) => readCertificate(pem)).filter((one) => one !== null);
    return present.length === 0 || present.some((root) => certificate.openssl.checkIssued(root.openssl) && certificate.openssl.verify(root.openssl.publicKey));
  }

  return {
    roots: ofUse,
    install(use, pem) {
      const certificate = readCertificate(pem);
      if (!certificate?.openssl.ca || certificate.notAfter.getTime() <= clock.nowMs()) return 'Rejected';
      if (installed.some((one) => one.use === use && readCertificate(one.pem)?.fingerprintSha256 === certificate.fingerprintSha256)) return 'Accepted';
      const isChecked = use === 'CentralSystemRootCertificate' && configuration.isOn('AdditionalRootCertificateCheck');
      if (isChecked && !isVouchedFor(certificate)) return 'Rejected';
      if (installed.length >= configuration.integer('CertificateStoreMaxLength')) return 'Failed';
      keep([...installed, { use, pem: certificate.pem }]);
      return 'Accepted';
    },
    remove(asked, mayNot) {
      const found = installed.find(({ pem }) => {
        const hash = hashOf(pem, asked.hashAlgorithm);
        return hash !== undefined && isSameCertificate(hash, asked);
      });
      if (!found) return 'NotFound';
      if (mayNot.includes(found.pem)) return 'Failed';
      keep(installed.filter((one) => one !== found));
      return 'Accepted';
    },
    ids: (use) => ofUse(use).flatMap((pem) => hashOf(pem, 'SHA256') ?? []),
  };
}
