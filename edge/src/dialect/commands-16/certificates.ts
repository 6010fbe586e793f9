import { object, oneOf, text } from '../../fields.ts';
import { rootUses } from '../../security/certificate-store.ts';
import type { CommandTable } from '../dialect.ts';

const algorithms = ['SHA256', 'SHA384', 'SHA512'] as const;

/** OCPP 1.6, security whitepaper: certificates. */
export const certificateCommands = {
  CertificateSigned: (params, station) => ({ status: station.adoptCertificate(text(params, 'certificateChain')) }),
  InstallCertificate: (params, station) => ({ status: station.installCertificate(oneOf(params, 'certificateType', rootUses), text(params, 'certificate')) }),
  DeleteCertificate(params, station) {
    const hash = object(params['certificateHashData'], 'certificateHashData');
    return {
      status: station.deleteCertificate({
        hashAlgorithm: oneOf(hash, 'hashAlgorithm', algorithms), issuerNameHash: text(hash, 'issuerNameHash'), issuerKeyHash: text(hash, 'issuerKeyHash'), serialNumber: text(hash, 'serialNumber'),
      }),
    };
  },
  GetInstalledCertificateIds(params, station) {
    const certificateHashData = station.installedCertificates(oneOf(params, 'certificateType', rootUses));
    return certificateHashData.length === 0 ? { status: 'NotFound' } : { status: 'Accepted', certificateHashData };
  },
} satisfies CommandTable;
