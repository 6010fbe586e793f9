import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { OcppVersion } from '@csms/ocpp';
import { createListener, type Listener, type ListenerSide, type TlsListenerOptions } from './listener.ts';
import type { StationWay } from './station-door.ts';
import type { TlsMaterial } from './tls-context.ts';

/** A port more, whose paths are all one tenant's: for chargers that only ever change their address. */
export interface MappedPort {
  port: number;
  tenant: string;
  /** `bare`: ws://host:port/<identity>. `ocpp`: as on the main port. */
  paths: 'ocpp' | 'bare';
  tls: boolean;
  /** Of a TLS port: the suites without forward secrecy too, so that old chargers have a port of their own for them. */
  plainRsa: boolean;
  /** What a charger that names no OCPP version on this port is taken for. */
  withoutSubprotocol: OcppVersion | null;
}

export interface ListenersOptions {
  host: string;
  /** Of the plain listener (security profiles 0 and 1, lab mode); null: there is none. 0 takes any free one. */
  port: number | null;
  reusePort: boolean;
  /** After how long whoever connects and says nothing is cut; absent: 10 s. */
  silentMs?: number;
  /** The TLS listener (profiles 2 and 3); absent or null: there is none. */
  tls?: (TlsListenerOptions & { port: number }) | null;
  mappedPorts?: readonly MappedPort[];
  /** Whose a path without a tenant is, by the host name that the charger asks for. */
  tenantsByHost?: ReadonlyMap<string, string>;
  defaultTenant: string | null;
  versionWithoutOffer?: OcppVersion | null;
}

export interface OpenPorts { plain: number | null; tls: number | null; mapped: number[] }

export interface Listeners {
  listen(): Promise<number>;
  ports(): OpenPorts;
  useCertificates(material: TlsMaterial): void;
  close(): void;
}

type Side = Omit<ListenerSide, 'upgrade'> & { upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, way: StationWay) => void };

/** All ports of a gateway. */
export function openListeners(options: ListenersOptions, side: Side): Listeners {
  const { host, reusePort, silentMs, tls = null, mappedPorts = [], tenantsByHost = new Map<string, string>() } = options;
  const tenantOfHost = (header: string | undefined): string | null => (header === undefined ? null : tenantsByHost.get(header.replace(/:\d+$/, '').toLowerCase()) ?? null);
  const open = (port: number, listenerTls: TlsListenerOptions | null, way: Omit<StationWay, 'tls'>): Listener =>
    createListener({ host, port, reusePort, silentMs }, listenerTls, { ...side, upgrade: (request, socket, head) => side.upgrade(request, socket, head, { ...way, tls: listenerTls !== null }) });

  const usual = { paths: 'ocpp' as const, defaultTenant: options.defaultTenant, versionWithoutOffer: options.versionWithoutOffer ?? null, tenantOfHost };
  const plain = options.port === null ? null : open(options.port, null, usual);
  const secure = tls === null ? null : open(tls.port, tls, usual);
  const mapped = mappedPorts.map((each) => {
    if (each.tls && tls === null) throw new Error(`port ${each.port} is to be TLS, and there is no certificate`);
    return open(each.port, each.tls && tls !== null ? { ...tls, plainRsaExchange: each.plainRsa || tls.plainRsaExchange } : null, { paths: each.paths, defaultTenant: each.tenant, versionWithoutOffer: each.withoutSubprotocol, tenantOfHost: () => null });
  });
  const all = [plain, secure, ...mapped].filter((listener) => listener !== null);
  const numbers: OpenPorts = { plain: null, tls: null, mapped: [] };

  return {
    listen: async () => {
      numbers.plain = await plain?.listen() ?? null;
      numbers.tls = await secure?.listen() ?? null;
      for (const listener of mapped) numbers.mapped.push(await listener.listen());
      const first = numbers.plain ?? numbers.tls ?? numbers.mapped[0];
      if (first === undefined) throw new Error('there is no port to listen on');
      return first;
    },
    ports: () => numbers,
    useCertificates: (material) => { for (const listener of all) listener.useCertificates(material); },
    close: () => { for (const listener of all) listener.close(); },
  };
}
