import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Fleet, ManualAction } from './fleet.ts';

const Body = z.object({ connectorId: z.number().int().min(1).optional(), idTag: z.string().min(1).max(36).optional() });
const actions: readonly ManualAction[] = ['plug', 'unplug', 'tap', 'cut', 'restore', 'fault', 'clear'];

/**
 * The fleet's control, on loopback only and behind a bearer token: GET /state, GET /truth,
 * POST /stations/:identity/{plug,unplug,tap,cut,restore,fault,clear}.
 * @returns the port that was taken
 */
export async function serveControl(fleet: Fleet, options: { port: number; token: string }): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(fleet, options.token, request, response).catch(() => send(response, 500, { error: 'the fleet failed' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return { port: portOf(server), close: () => new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  }) };
}

async function answer(fleet: Fleet, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isBearer(request.headers.authorization, token)) return send(response, 401, { error: 'the bearer token is missing or wrong' });
  const [first, identity, action] = (request.url ?? '/').split('?', 1)[0]?.split('/').slice(1) ?? [];
  if (request.method === 'GET' && first === 'state') return send(response, 200, { stations: fleet.state() });
  if (request.method === 'GET' && first === 'truth') return send(response, 200, { transactions: fleet.truth() });
  const known = actions.find((candidate) => candidate === action);
  if (request.method !== 'POST' || first !== 'stations' || !identity || !known) return send(response, 404, { error: 'no such path' });
  const body = Body.safeParse(await readJson(request));
  if (!body.success) return send(response, 400, { error: body.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ') });
  try {
    fleet.act(decodeURIComponent(identity), known, body.data);
    send(response, 200, { ok: true });
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof URIError)) throw error;
    send(response, 404, { error: error.message });
  }
}

function isBearer(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > 10_000) return undefined;
    chunks.push(bytes);
  }
  if (size === 0) return {};
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the control server has no port');
  return address.port;
}
