import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { tlsServerOptions, type TlsMaterial } from './tls-context.ts';

export interface ListenerAddress {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Several processes may share the port; the kernel spreads new connections over those that listen. */
  reusePort: boolean;
  /** After how long whoever connects and says nothing is cut; absent: 10 s. */
  silentMs?: number;
}

export interface ListenerSide {
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Asked for each new connection, before a byte of it is read and before any cost of TLS. False: it is cut. */
  admitsConnection: (remoteAddress: string, tls: boolean) => boolean;
  /** A TLS handshake came to nothing. */
  handshakeFailed: (remoteAddress: string, error: Error) => void;
}

export interface Listener {
  readonly tls: boolean;
  /** Opens the port, and resolves with its number. Rejects when it is taken. */
  listen(): Promise<number>;
  /** From now on new connections get these certificates; open ones keep theirs. Throws, and changes nothing, where they cannot be used. */
  useCertificates(material: TlsMaterial): void;
  /** Takes no new connection. */
  close(): void;
}

export interface TlsListenerOptions {
  material: TlsMaterial;
  /** Offer the suites without forward secrecy as well (tls-context.ts). */
  plainRsaExchange: boolean;
  /** Within which a handshake has to be done. */
  handshakeTimeoutMs: number;
}

/** One port for stations, plain or TLS. */
export function createListener(address: ListenerAddress, tls: TlsListenerOptions | null, side: ListenerSide): Listener {
  const http = tls === null ? createHttpServer(httpLimits, sayUpgrade) : createTlsServer(tls, side);
  http.on('upgrade', (request, socket, head) => {
    // From here on the door has its own limits of time.
    request.socket.setTimeout(0);
    side.upgrade(request, socket, head);
  });
  // Who connects and says nothing at all; the limits of a request begin with its first byte.
  http.timeout = address.silentMs ?? 10_000;
  // A request that is no HTTP at all.
  http.on('clientError', (_error, socket) => { if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'); else socket.destroy(); });
  // The HTTP server gets its sockets from us and never listens; this is what starts its watch over requests that take too long.
  http.emit('listening');
  const tcp = createTcpServer({ noDelay: true, allowHalfOpen: tls === null }, (socket) => {
    socket.on('error', () => socket.destroy());
    if (side.admitsConnection(socket.remoteAddress ?? '', tls !== null)) http.emit('connection', socket);
    else socket.destroy();
  });

  return {
    tls: tls !== null,
    listen: () => new Promise((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ host: address.host, port: address.port, reusePort: address.reusePort, backlog: 4096 }, () => {
        tcp.removeListener('error', reject);
        resolve((tcp.address() as AddressInfo).port);
      });
    }),
    useCertificates: (material) => {
      if (tls === null) return;
      (http as ReturnType<typeof createHttpsServer>).setSecureContext(tlsServerOptions(material, tls.plainRsaExchange));
    },
    close: () => { tcp.close(); http.close(); },
  };
}

const httpLimits = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 5_000 };

const sayUpgrade: RequestListener = (_request, response) => {
  response.writeHead(426, { connection: 'close', upgrade: 'websocket', 'content-type': 'text/plain' }).end('stations connect here with a WebSocket\n');
};

/** A certificate of the station's own is asked for and not judged here: the door does, against the authority of the tenant that the path names. */
function createTlsServer(tls: TlsListenerOptions, side: ListenerSide): HttpServer {
  const server = createHttpsServer({
    ...httpLimits, ...tlsServerOptions(tls.material, tls.plainRsaExchange), handshakeTimeout: tls.handshakeTimeoutMs, requestCert: true, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'],
  }, sayUpgrade);
  server.on('tlsClientError', (error, socket) => {
    side.handshakeFailed((socket as Socket).remoteAddress ?? '', error);
    socket.destroy();
  });
  return server;
}
