import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { FastifyReply, FastifyRequest } from 'fastify';

const requestHeaders = ['accept', 'accept-language', 'content-type', 'content-length', 'idempotency-key', 'if-none-match', 'last-event-id', 'traceparent'];
const responseHeaders = ['content-type', 'content-length', 'cache-control', 'content-disposition', 'etag', 'location', 'retry-after', 'traceparent', 'x-request-id', 'deprecation', 'link', 'x-accel-buffering'];
/** A reader that fell this far behind is cut off; it comes back with its last event id. */
const unreadBytesMax = 1_000_000;

export interface ApiProxy {
  /** Passes the request on with the token and streams the answer back. Rejects when the API cannot be reached before anything was answered. */
  forward(request: FastifyRequest, reply: FastifyReply, accessToken: string): Promise<void>;
  close(): void;
}

/**
 * The way to the API. Headers pass by name, never by default, so that no cookie of ours reaches the API and none of its own reaches the browser.
 * An event stream is passed on unbuffered, with a `ping` event every `pingMs` written between events: the page notices a dead connection by its absence.
 */
export function createApiProxy(options: { apiUrl: string; pingMs?: number }): ApiProxy {
  const base = new URL(options.apiUrl);
  const secure = base.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;

  return {
    close: () => agent.destroy(),
    forward(request, reply, accessToken) {
      return new Promise((resolve, reject) => {
        const headers: Record<string, string> = { authorization: `Bearer ${accessToken}` };
        for (const name of requestHeaders) {
          const value = request.headers[name];
          if (typeof value === 'string') headers[name] = value;
        }
        const path = base.pathname.replace(/\/$/, '') + request.url;
        const upstream = send({ agent, hostname: base.hostname, port: base.port, path, method: request.method, headers }, (answer) => {
          reply.hijack();
          passOn(answer, reply.raw, reply.getHeaders(), options.pingMs ?? 2_000);
          resolve();
        });
        upstream.once('error', reject);
        // Covers a browser that leaves: the API must not go on writing to nobody.
        reply.raw.once('close', () => upstream.destroy());
        request.raw.pipe(upstream);
      });
    },
  };
}

function passOn(answer: IncomingMessage, response: ServerResponse, ownHeaders: Record<string, unknown>, pingMs: number): void {
  for (const [name, value] of Object.entries(ownHeaders)) {
    if (typeof value === 'string' || Array.isArray(value)) response.setHeader(name, value);
  }
  for (const name of responseHeaders) {
    const value = answer.headers[name];
    if (value !== undefined) response.setHeader(name, value);
  }
  response.writeHead(answer.statusCode ?? 502);
  answer.once('error', () => response.destroy());
  if (!(answer.headers['content-type'] ?? '').startsWith('text/event-stream')) {
    answer.pipe(response);
    return;
  }
  // A stream ends with its token; the browser is told to be back at once, not after its own seconds.
  response.write('retry: 500\n\n');
  let between = true;
  const timer = setInterval(() => {
    if (between) response.write('event: ping\ndata: {}\n\n');
    if (response.writableLength > unreadBytesMax) response.destroy();
  }, pingMs);
  response.once('close', () => clearInterval(timer));
  answer.on('data', (chunk: Buffer) => {
    response.write(chunk);
    between = chunk.subarray(-2).toString() === '\n\n';
  });
  answer.once('end', () => response.end());
  answer.once('close', () => response.end());
}
