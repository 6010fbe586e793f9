import { usualPatience } from '../sockets/answer-call.ts';
import { silentObserver } from '../sockets/observer.ts';
import { createStationServer, type SessionSide, type StationServer, type StationServerOptions } from '../sockets/station-server.ts';
import { testPepper, type MemoryBooks } from './memory-books.ts';

/** A station server on a free port of this machine over books in memory; it ends with `await using`. */
export async function openGateway(books: MemoryBooks, given: Partial<StationServerOptions> = {}, side?: SessionSide): Promise<StationServer & AsyncDisposable & { port: number; tlsPort: number }> {
  const server = createStationServer({
    host: '127.0.0.1', port: 0, reusePort: false, pepper: testPepper, defaultTenant: 'demo', connectionsMax: 1_000, patience: usualPatience,
    books, observer: silentObserver, log: { warn: () => {}, error: () => {} }, ...given,
  });
  const port = await server.listen(side);
  return Object.assign(server, { port, tlsPort: server.ports().tls ?? 0, [Symbol.asyncDispose]: () => server.drain({ drainMs: 200 }) });
}
