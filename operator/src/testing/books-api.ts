import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { SiteUpsert } from '@csms/contracts/http/sites';

/** A small issuer and books API over HTTP: what the operator needs of both, kept in memory, with the requests that came. */
export interface BooksApi {
  url: string;
  port: number;
  sites: Map<string, SiteUpsert>;
  removed: string[];
  /** Stations that GET and PUT report, by `namespace/name`. */
  stations: Map<string, number>;
  /** How many requests came, those for tokens included. */
  requests(): number;
  close(): Promise<void>;
}

export async function startBooksApi(port = 0): Promise<BooksApi> {
  const sites = new Map<string, SiteUpsert>();
  const removed: string[] = [];
  const stations = new Map<string, number>();
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    void (async () => {
      const url = new URL(request.url ?? '/', 'http://books');
      const reply = (status: number, body: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (url.pathname === '/.well-known/openid-configuration')
        return reply(200, { issuer: address(), token_endpoint: `${address()}/token`, jwks_uri: `${address()}/jwks`, response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] });
      if (url.pathname === '/token') return reply(200, { access_token: 'platform-token', token_type: 'bearer', expires_in: 300 });
      if (request.headers.authorization !== 'Bearer platform-token') return reply(401, { title: 'Who are you?' });
      const key = url.pathname.replace('/api/v1/sites/by-resource/', '');
      if (request.method === 'PUT') {
        const parsed = SiteUpsert.safeParse(JSON.parse(await textOf(request)));
        if (!parsed.success) return reply(422, { detail: parsed.error.message });
        sites.set(key, parsed.data);
      } else if (url.searchParams.get('tenant') !== sites.get(key)?.tenant) return reply(404, { title: 'No such site' });
      if (request.method === 'DELETE') {
        sites.delete(key);
        removed.push(key);
        return void response.writeHead(204).end();
      }
      const count = stations.get(key) ?? 0;
      return reply(200, {
        id: '0193a3c4-0000-7000-8000-000000000001',
        tenant: sites.get(key)?.tenant,
        stations: count,
        connectedStations: count,
        activeSessions: 0,
        training: { lastSuccess: '2026-01-01T00:00:00Z', status: 'ok', model: { kind: 'blend', rmse: 4.2, skill: 0.31 } },
      });
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const address = (): string => {
    const bound = server.address();
    return `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: address(),
    port: Number(new URL(address()).port),
    sites,
    removed,
    stations,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
