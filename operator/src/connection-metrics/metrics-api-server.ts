import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ConnectionCounts } from './connection-counts.ts';
import type { FrontProxy } from './front-proxy.ts';
import { answerMetrics, refusal } from './metrics-api.ts';
import type { ApiAnswer } from './metrics-api.ts';

/** The server's certificate with its chain, and its key; PEM. */
export interface ServerCertificate {
  cert: string;
  key: string;
}

export interface MetricsApiServer {
  port: number;
  /** New connections are held to these from now on. Throws, and changes nothing, where they cannot be used. */
  use(certificate: ServerCertificate, frontProxy: FrontProxy): void;
  close(): Promise<void>;
}

/**
 * Serves the metrics API over TLS to the API server's front proxy and to nobody else. The API server has judged its own client before it passes a
 * request on (authorization by the request's path), so whose the request is need not be asked again.
 */
export function startMetricsApiServer(options: { port: number; host: string; certificate: ServerCertificate; frontProxy: FrontProxy; counts: ConnectionCounts }): Promise<MetricsApiServer> {
  let { frontProxy } = options;
  const secure = (certificate: ServerCertificate): Record<string, unknown> => ({ ...certificate, ca: frontProxy.authorityPem, minVersion: 'TLSv1.2' });
  // Judged by request and not at the handshake, so that whoever is refused is told why.
  const server = createServer({ ...secure(options.certificate), requestCert: true, rejectUnauthorized: false, headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    const say = ({ status, body }: ApiAnswer): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    request.resume();
    const refused = refusalOf(request.socket, frontProxy);
    if (refused !== undefined) return say(refused);
    answerMetrics(request.method ?? '', request.url ?? '/', options.counts).then(say, () => say(refusal(500, 'InternalError', 'The metrics cannot be told.')));
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => resolve({
      port: (server.address() as AddressInfo).port,
      use: (certificate, next) => {
        const before = frontProxy;
        frontProxy = next;
        try {
          server.setSecureContext(secure(certificate));
        } catch (error) {
          frontProxy = before;
          throw error;
        }
      },
      close: () => new Promise((done) => { server.close(() => done()); server.closeAllConnections(); }),
    }));
  });
}

/** Why whoever is at the other end may not ask; undefined: they may. */
function refusalOf(socket: unknown, { allowedNames }: FrontProxy): ApiAnswer | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return refusal(401, 'Unauthorized', 'Ask through the API server: this needs the certificate of its front proxy.');
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  if (allowedNames.length > 0 && !(typeof name === 'string' && allowedNames.includes(name))) return refusal(403, 'Forbidden', 'This certificate is not one of those that may speak for the API server.');
  return undefined;
}
