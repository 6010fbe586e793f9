import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One answer of a scripted API server: it writes what it likes, and may leave the answer open or destroy the socket. */
export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/**
 * An API server at the level of bytes, for what a real one cannot be made to do: each request takes the next answer of the script, and the
 * last one answers all that come after it.
 */
export async function startScriptedServer(script: Answer[]): Promise<{ url: string; asked: string[]; close: () => Promise<void>; dropAll: () => void }> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const answer = script.length > 1 ? script.shift() : script[0];
    answer?.(response, request);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const dropAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    asked,
    dropAll,
    close: async () => {
      dropAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
