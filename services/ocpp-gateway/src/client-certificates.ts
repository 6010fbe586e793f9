import type { Logger } from '@csms/kit';
import type { ClientCertificates } from './sockets/client-certificate.ts';
import { openClientCertificates, type ClientCertificateParts } from './sockets/open-client-certificates.ts';

interface ProxySettings { CSMS_TLS_PROXY_CA?: string | undefined; CSMS_TLS_PROXY_NAMES: string[]; CSMS_TLS_PROXY_HEADER: string }

/** Who judges the certificates of stations, as this process is configured. */
export function clientCertificatesOf(config: ProxySettings, books: Pick<ClientCertificateParts, 'certificates' | 'stations'>, log: Logger): ClientCertificates {
  return openClientCertificates({
    certificates: books.certificates, stations: books.stations,
    proxies: config.CSMS_TLS_PROXY_NAMES.length === 0 ? null : { names: config.CSMS_TLS_PROXY_NAMES, authorities: [config.CSMS_TLS_PROXY_CA ?? ''], header: config.CSMS_TLS_PROXY_HEADER },
    onError: (err) => log.warn({ event: 'certificate_not_noted', err }, 'a certificate, or what was wrong with one, was not written down'),
  });
}
