import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { endsWithTest } from './one-charger.ts';

export interface FileServer {
  url: string;
  /** What a GET gets, by path; a number is a status without a body. */
  files: Map<string, Buffer | number>;
  /** What was PUT, by path. */
  uploads: Map<string, string>;
  /** "GET /path", in order. */
  asked: string[];
}

/** An HTTP server that gives and takes files, ending with the test. */
export async function aFileServer(): Promise<FileServer> {
  const files: FileServer['files'] = new Map();
  const uploads: FileServer['uploads'] = new Map();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    asked.push(`${request.method} ${path}`);
    const found = files.get(path) ?? (request.method === 'PUT' ? 201 : 404);
    void bodyOf(request).then((body) => {
      if (request.method === 'PUT' && typeof found === 'number' && found < 300) uploads.set(path, body);
      response.statusCode = typeof found === 'number' ? found : 200;
      response.end(typeof found === 'number' ? '' : found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endsWithTest(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, files, uploads, asked };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}
