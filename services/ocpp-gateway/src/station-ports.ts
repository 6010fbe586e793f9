import { ConfigError } from '@csms/kit';
import type { z } from 'zod';
import type { settings } from './settings.ts';
import type { ListenersOptions } from './sockets/listeners.ts';
import type { StationServer, StationServerOptions } from './sockets/station-server.ts';
import { readTlsFiles, watchTlsFiles, type TlsFiles } from './sockets/tls-files.ts';

type Config = z.infer<z.ZodObject<typeof settings>>;
interface Log { info(fields: object, text: string): void; warn(fields: object, text: string): void; error(fields: object, text: string): void }

/**
 * The ports that this configuration asks for. In production no port is plain, whatever is configured: one that is asked for stays closed and an error line says
 * so (C-02). Throws ConfigError where TLS files cannot be used, or where production has none.
 */
export async function stationPorts(config: Config, log: Log): Promise<ListenersOptions & { tlsFiles: TlsFiles | null }> {
  const lab = config.CSMS_MODE === 'lab';
  const tlsFiles = config.CSMS_TLS_CERT_FILE.length === 0 ? null
    : { certificateFiles: config.CSMS_TLS_CERT_FILE, keyFiles: config.CSMS_TLS_KEY_FILE, ticketKeyFile: config.CSMS_TLS_TICKET_KEY_FILE ?? null };
  if (tlsFiles === null && !lab) throw new ConfigError('CSMS_TLS_CERT_FILE is not set: production lets stations in over TLS alone');
  const material = tlsFiles === null ? null : await readTlsFiles(tlsFiles).catch((error: unknown) => { throw new ConfigError(error instanceof Error ? error.message : String(error)); });
  if (!lab && config.CSMS_OCPP_PORT !== undefined) log.error({ event: 'plain_port_refused', port: config.CSMS_OCPP_PORT }, 'CSMS_OCPP_PORT asks for a plain port; in production it stays closed');
  const [usable, refused] = [config.CSMS_OCPP_PORTS.filter((each) => lab || each.tls), config.CSMS_OCPP_PORTS.filter((each) => !lab && !each.tls)];
  for (const { port } of refused) log.error({ event: 'plain_port_refused', port }, 'CSMS_OCPP_PORTS asks for a plain port; in production it stays closed');
  return {
    host: config.CSMS_OCPP_HOST ?? (lab ? '127.0.0.1' : '0.0.0.0'), reusePort: true, port: lab ? config.CSMS_OCPP_PORT ?? 9220 : null,
    tls: material === null ? null : { port: config.CSMS_OCPPS_PORT, material, plainRsaExchange: config.CSMS_TLS_PLAIN_RSA, handshakeTimeoutMs: 10_000 },
    mappedPorts: usable, tenantsByHost: new Map(Object.entries(config.CSMS_OCPP_HOSTS)),
    defaultTenant: config.CSMS_DEFAULT_TENANT ?? null,
    versionWithoutOffer: config.CSMS_OCPP_WITHOUT_SUBPROTOCOL === 'reject' ? null : config.CSMS_OCPP_WITHOUT_SUBPROTOCOL,
    tlsFiles,
  };
}

/** How much one station, or one address, may do (C-08). A lab has few stations that do much. */
export function stationLimits(config: Config): Required<Pick<StationServerOptions, 'admission' | 'messageRate'>> {
  const lab = config.CSMS_MODE === 'lab';
  const perSecond = config.CSMS_STATION_MESSAGES_PER_SECOND ?? (lab ? 2_000 : 10);
  return {
    admission: {
      failuresAMinuteIdentity: config.CSMS_FAILURES_PER_MINUTE_IDENTITY, failuresAMinuteSource: config.CSMS_FAILURES_PER_MINUTE_ADDRESS ?? (lab ? 1_000 : 30),
      tlsFailuresAMinuteSource: config.CSMS_TLS_FAILURES_PER_MINUTE_ADDRESS, connectionsAnHourStation: config.CSMS_STATION_CONNECTIONS_PER_HOUR ?? (lab ? 3_600 : 60),
    },
    messageRate: { perSecond, burst: 5 * perSecond, overloadMs: config.CSMS_STATION_OVERLOAD_SECONDS * 1000 },
  };
}

/** Gives the server its certificates anew when their files change. Returns how to stop. */
export function renewCertificates(ports: Awaited<ReturnType<typeof stationPorts>>, server: Pick<StationServer, 'useCertificates'>, everyMs: number, log: Log): () => void {
  if (ports.tlsFiles === null || !ports.tls) return () => {};
  return watchTlsFiles(ports.tlsFiles, {
    everyMs, current: ports.tls.material,
    onChanged: (material) => { server.useCertificates(material); log.info({ event: 'certificates_renewed' }, 'new connections get the new certificates'); },
    onError: (err) => log.error({ event: 'certificates_unusable', err }, 'the TLS files changed and cannot be used; the old certificates stay'),
  });
}
