import type { OutgoingProfile } from './outgoing-table.ts';

/** OCPP 1.6 security whitepaper: certificates, to the charge point. */
export const certificateCommands16 = {
  'certificate-signed': ({ chainPem }) => ({ action: 'CertificateSigned', payload: { certificateChain: chainPem } }),
  'install-certificate': ({ use, pem }) => ({ action: 'InstallCertificate', payload: { certificateType: use, certificate: pem } }),
  'delete-certificate': ({ hash }) => ({ action: 'DeleteCertificate', payload: { certificateHashData: hash } }),
  'get-installed-certificate-ids': ({ use }) => ({ action: 'GetInstalledCertificateIds', payload: { certificateType: use } }),
} satisfies OutgoingProfile<'ocpp1.6'>;
