import type { ClientCertificates } from './client-certificate.ts';

/** For a gateway that knows no authority of client certificates: nobody comes in with one. */
export const noClientCertificates: ClientCertificates = {
  presented: () => [],
  verify: async () => ({ ok: false, reason: 'untrusted' }),
  stillGood: async () => false,
};
