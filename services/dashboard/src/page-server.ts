import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import fastifyStatic from '@fastify/static';
import type { Logger } from '@csms/kit';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Acting, actingRoutes } from './acting.ts';
import { createApiProxy } from './api-proxy.ts';
import { IssuerUnavailable, SignInRefused, newSignInAttempt, type Issuer } from './issuer.ts';
import { problem, type PageProblemCode } from './problem.ts';
import { isOwnRequest, ownPath } from './same-origin.ts';
import { securityHeaders } from './security-headers.ts';
import { SignInAttempt, SignedIn, createCookieVault } from './session-cookie.ts';

const refreshBeforeMs = 60_000;
const attemptLifetimeMs = 15 * 60_000;
/** How long a used refresh token's answer is kept for requests that were on their way with the old cookie. */
const refreshMemoryMs = 60_000;

export interface PageServerOptions {
  /** Public origin, e.g. https://bandung.example.com: cookies are `__Host-` and secure when it is https. */
  publicUrl: string;
  apiUrl: string;
  cookieSecret: string;
  issuer: Issuer;
  /** The built page: index.html and assets/. */
  pageDir: string;
  log: Logger;
  /** The clock that tokens are held against. */
  nowMs?: () => number;
}

/**
 * Serves the page, signs people in and out, and passes /api/v1 on with their token. Routes: GET /sign-in?return=, GET /auth/callback, POST /sign-out
 * (answers { location }; `?everywhere=true` ends every session of theirs), POST and DELETE /impersonation, ANY /api/v1/*; every other path is the page.
 */
export async function buildPageServer(options: PageServerOptions): Promise<FastifyInstance> {
  const { issuer, log, nowMs = Date.now } = options;
  const origin = new URL(options.publicUrl).origin;
  const https = origin.startsWith('https:');
  const sessionCookie = `${https ? '__Host-' : ''}csms_session`;
  const actingCookie = `${https ? '__Host-' : ''}csms_acting`;
  const attemptCookie = `${https ? '__Host-' : ''}csms_sign_in`;
  const vault = createCookieVault(options.cookieSecret);
  const proxy = createApiProxy({ apiUrl: options.apiUrl });
  const refreshes = new Map<string, Promise<SignedIn>>();
  const nonces = new WeakMap<FastifyRequest, string>();

  const app = Fastify({ logger: false, trustProxy: false, forceCloseConnections: true, bodyLimit: 1_048_576, genReqId: () => randomBytes(16).toString('hex') });
  await app.register(cookie);
  app.addHook('onClose', async () => proxy.close());
  app.addHook('onRequest', async (request, reply) => {
    const nonce = randomBytes(16).toString('base64');
    reply.headers(securityHeaders({ nonce, https }));
    nonces.set(request, nonce);
  });

  const cookieAttributes = { path: '/', httpOnly: true, secure: https, sameSite: 'lax' } as const;
  // Written as headers at once: what the plugin would add at the end of a reply never reaches one that is handed to the proxy.
  function setCookie(reply: FastifyReply, name: string, value: string, maxAgeS?: number): void {
    const lifetime = value === '' ? { expires: new Date(0) } : maxAgeS === undefined ? {} : { maxAge: maxAgeS };
    reply.header('set-cookie', app.serializeCookie(name, value, { ...cookieAttributes, ...lifetime }));
  }
  async function setSealed(reply: FastifyReply, name: string, value: unknown, maxAgeS?: number): Promise<void> {
    for (const chunk of await vault.seal(name, value)) setCookie(reply, chunk.name, chunk.value, maxAgeS);
  }
  function clear(reply: FastifyReply, name: string): void {
    for (const chunkName of vault.names(name)) setCookie(reply, chunkName, '');
  }
  function refuse(reply: FastifyReply, code: PageProblemCode, traceId: string): FastifyReply {
    const body = problem(code, traceId);
    return reply.code(body.status).type('application/problem+json').header('cache-control', 'no-store').send(body);
  }

  /** One refresh for all requests that carry the same refresh token: issuers that rotate them take a second use for theft. */
  function refreshOnce(signedIn: SignedIn): Promise<SignedIn> {
    const key = createHash('sha256').update(signedIn.refreshToken ?? '').digest('base64');
    const running = refreshes.get(key);
    if (running) return running;
    const promise = issuer.refresh(signedIn);
    refreshes.set(key, promise);
    const forget = (): void => { refreshes.delete(key); };
    promise.then(() => setTimeout(forget, refreshMemoryMs).unref(), forget);
    return promise;
  }

  /** The session of a request with an access token that still lives, renewed when it is about to end; or the code of the problem. */
  async function currentSession(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn | PageProblemCode> {
    const signedIn = await vault.open(sessionCookie, SignedIn, request.cookies);
    if (!signedIn) return 'not-signed-in';
    if (signedIn.accessExpiresAtMs - nowMs() > refreshBeforeMs) return signedIn;
    const alive = signedIn.accessExpiresAtMs > nowMs();
    if (signedIn.refreshToken === null) return alive ? signedIn : 'not-signed-in';
    try {
      const renewed = await refreshOnce(signedIn);
      await setSealed(reply, sessionCookie, renewed);
      return renewed;
    } catch (error) {
      if (error instanceof SignInRefused) {
        clear(reply, sessionCookie);
        return 'not-signed-in';
      }
      log.warn({ event: 'refresh-failed', err: error }, 'a session could not be renewed');
      return alive ? signedIn : 'identity-unavailable';
    }
  }

  app.get<{ Querystring: { return?: string } }>('/sign-in', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const attempt = newSignInAttempt(ownPath(request.query.return));
    try {
      const url = await issuer.authorizationUrl(attempt);
      await setSealed(reply, attemptCookie, attempt, attemptLifetimeMs / 1_000);
      return reply.redirect(url.href, 303);
    } catch (error) {
      if (!(error instanceof IssuerUnavailable)) throw error;
      log.warn({ event: 'issuer-unavailable', err: error }, error.message);
      return reply.redirect('/?sign-in=unavailable', 303);
    }
  });

  app.get('/auth/callback', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const attempt = await vault.open(attemptCookie, SignInAttempt, request.cookies);
    clear(reply, attemptCookie);
    if (!attempt || nowMs() - attempt.startedAtMs > attemptLifetimeMs) return reply.redirect('/?sign-in=expired', 303);
    try {
      await setSealed(reply, sessionCookie, await issuer.exchange(new URL(request.url, origin), attempt));
      return reply.redirect(attempt.returnTo, 303);
    } catch (error) {
      const unavailable = error instanceof IssuerUnavailable;
      if (!unavailable && !(error instanceof SignInRefused)) throw error;
      log.warn({ event: 'sign-in-failed', err: error }, 'a sign-in ended without a session');
      return reply.redirect(unavailable ? '/?sign-in=unavailable' : '/?sign-in=refused', 303);
    }
  });

  app.post<{ Querystring: { everywhere?: string } }>('/sign-out', async (request, reply) => {
    if (!isOwnRequest('POST', request.headers, origin)) return refuse(reply, 'cross-origin-request', request.id);
    const signedIn = await vault.open(sessionCookie, SignedIn, request.cookies);
    if (request.query.everywhere === 'true') {
      const session = await currentSession(request, reply);
      if (typeof session === 'string') return refuse(reply, session, request.id);
      const answer = await fetch(`${options.apiUrl.replace(/\/$/, '')}/api/v1/me/sign-out-everywhere`, { method: 'POST', headers: { authorization: `Bearer ${session.accessToken}` }, redirect: 'error', signal: AbortSignal.timeout(10_000) }).catch(() => null);
      // Whoever asks for this must know when it did not happen.
      if (answer?.ok !== true) return refuse(reply, 'api-unreachable', request.id);
    }
    clear(reply, sessionCookie);
    clear(reply, actingCookie);
    const url = await issuer.endSessionUrl(signedIn);
    return reply.header('cache-control', 'no-store').send({ location: url?.href ?? '/' });
  });

  const actingOf = async (request: FastifyRequest): Promise<Acting | null> => {
    const acting = await vault.open(actingCookie, Acting, request.cookies);
    return acting !== null && acting.expiresAtMs > nowMs() ? acting : null;
  };
  actingRoutes(app, {
    apiUrl: options.apiUrl, origin, refuse, session: currentSession, acting: actingOf,
    keep: async (reply, acting) => { if (acting === null) clear(reply, actingCookie); else await setSealed(reply, actingCookie, acting, Math.max(1, Math.floor((acting.expiresAtMs - nowMs()) / 1_000))); },
  });

  await app.register(async (scope) => {
    // The body is passed on as it comes; the API parses and limits it.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    scope.all('/api/v1/*', async (request, reply) => {
      if (!isOwnRequest(request.method, request.headers, origin)) return refuse(reply, 'cross-origin-request', request.id);
      const session = await currentSession(request, reply);
      if (typeof session === 'string') return refuse(reply, session, request.id);
      try {
        await proxy.forward(request, reply, (await actingOf(request))?.secret ?? session.accessToken);
        return reply;
      } catch (error) {
        log.warn({ event: 'api-unreachable', err: error }, 'the API could not be reached');
        return refuse(reply, 'api-unreachable', request.id);
      }
    });
  });

  const template = readFileSync(join(options.pageDir, 'index.html'), 'utf8');
  await app.register(fastifyStatic, {
    root: join(options.pageDir, 'assets'), prefix: '/assets/', index: false, cacheControl: false,
    setHeaders: (response) => { response.setHeader('cache-control', 'public, max-age=31536000, immutable'); },
  });
  app.get('/favicon.svg', async (_request, reply) => reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(readFileSync(join(options.pageDir, 'favicon.svg'))));
  app.setNotFoundHandler(async (request, reply) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return reply.code(404).send();
    if (request.url.startsWith('/assets/')) return reply.code(404).type('text/plain').send('not found\n');
    const nonce = nonces.get(request) ?? '';
    return reply.code(200).type('text/html; charset=utf-8').header('cache-control', 'no-store').send(template.replaceAll('__CSP_NONCE__', nonce));
  });
  return app;
}
