import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface AdminServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves /livez (200 while the process runs), /healthz (the same, or 503 with the reason of `healthy`: what only a restart heals), /readyz (200 or 503 with the reason of `ready`, which answers null or a sentence) and /metrics.
 */
export function startAdminServer(options: {
  port: number;
  ready: () => string | null | Promise<string | null>;
  /** What a ready process has to say of itself all the same, in a sentence; null: nothing. */
  remark?: () => string | null;
  /** What is wrong with the process that a restart would heal, in a sentence; null: nothing. */
  healthy?: () => string | null;
  metrics?: Registry;
  host?: string;
  /** More GET paths of this process, answered as JSON: a debug view, never a public one. */
  views?: Record<string, () => unknown>;
}): Promise<AdminServer> {
  const { ready, remark = () => null, healthy = () => null, metrics, views = {} } = options;
  const server = createServer((request, response) => {
    void answer(request.url ?? '/').then(
      ([status, body, type]) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.writeHead(500, { 'content-type': 'text/plain' }).end('internal error\n'),
    );
  });

  async function answer(url: string): Promise<[number, string, string]> {
    const path = url.split('?')[0] ?? '/';
    if (path === '/livez') return [200, 'ok\n', 'text/plain'];
    if (path === '/healthz') {
      const fault = healthy();
      return fault === null ? [200, 'ok\n', 'text/plain'] : [503, `${fault}\n`, 'text/plain'];
    }
    if (path === '/readyz') {
      const reason = await ready();
      if (reason !== null) return [503, `${reason}\n`, 'text/plain'];
      const said = remark();
      return [200, said === null ? 'ok\n' : `ok; ${said}\n`, 'text/plain'];
    }
    if (path === '/metrics' && metrics) return [200, await metrics.metrics(), metrics.contentType];
    const view = views[path];
    if (view) return [200, JSON.stringify(view()), 'application/json'];
    return [404, 'not found\n', 'text/plain'];
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () => new Promise((done) => { server.close(() => done()); server.closeAllConnections(); }),
      });
    });
  });
}
