import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { isOwnRequest } from './same-origin.ts';
import type { PageProblemCode } from './problem.ts';
import type { SignedIn } from './session-cookie.ts';

/** Staff of the platform acting for a tenant: what the browser carries beside the sign-in, readable by this server alone. */
export const Acting = z.object({ secret: z.string(), tenant: z.string(), expiresAtMs: z.number() });
export type Acting = z.infer<typeof Acting>;
const Started = z.object({ impersonation: z.object({ tenant: z.string(), expiresAt: z.iso.datetime() }), secret: z.string() });

export interface ActingParts {
  apiUrl: string;
  origin: string;
  session(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn | PageProblemCode>;
  acting(request: FastifyRequest): Promise<Acting | null>;
  keep(reply: FastifyReply, acting: Acting | null): Promise<void>;
  refuse(reply: FastifyReply, code: PageProblemCode, traceId: string): FastifyReply;
}

/**
 * POST /impersonation begins to act for a tenant (its body is that of the API's POST /impersonations), DELETE /impersonation ends it; both answer 204, or the
 * API's problem. While it lasts the page's requests go to the API with its secret, which the page itself never sees.
 */
export function actingRoutes(app: FastifyInstance, parts: ActingParts): void {
  const ask = (method: string, path: string, token: string, body?: unknown): Promise<Response | null> => fetch(`${parts.apiUrl.replace(/\/$/, '')}/api/v1${path}`, {
    method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }), redirect: 'error', signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  const passOn = async (reply: FastifyReply, answer: Response): Promise<FastifyReply> => reply.code(answer.status).type('application/problem+json').header('cache-control', 'no-store').send(await answer.text());

  app.post('/impersonation', async (request, reply) => {
    if (!isOwnRequest('POST', request.headers, parts.origin)) return parts.refuse(reply, 'cross-origin-request', request.id);
    const session = await parts.session(request, reply);
    if (typeof session === 'string') return parts.refuse(reply, session, request.id);
    const answer = await ask('POST', '/impersonations', session.accessToken, request.body);
    if (answer === null) return parts.refuse(reply, 'api-unreachable', request.id);
    if (!answer.ok) return passOn(reply, answer);
    const { impersonation, secret } = Started.parse(await answer.json());
    await parts.keep(reply, { secret, tenant: impersonation.tenant, expiresAtMs: Date.parse(impersonation.expiresAt) });
    return reply.code(204).header('cache-control', 'no-store').send();
  });

  app.delete('/impersonation', async (request, reply) => {
    if (!isOwnRequest('DELETE', request.headers, parts.origin)) return parts.refuse(reply, 'cross-origin-request', request.id);
    const acting = await parts.acting(request);
    // Gone from the browser whatever the API says: it ends by itself there.
    await parts.keep(reply, null);
    if (acting !== null) await ask('DELETE', '/impersonations/current', acting.secret);
    return reply.code(204).header('cache-control', 'no-store').send();
  });
}
