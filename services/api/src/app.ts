import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { legacySiteHeader } from '@csms/contracts/http/legacy';
import { lastOutboxId, readOutbox } from '@csms/store';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { openCallers } from './access/callers.ts';
import { useGuard } from './access/guard.ts';
import type { Api, ApiParts } from './api-parts.ts';
import { openTenantStreams } from './live/tenant-streams.ts';
import { useApiDocument } from './document.ts';
import { ApiProblem } from './problems/api-problem.ts';
import { sendProblem, useProblems } from './problems/error-handler.ts';
import { answerCompiler } from './records/answer-compiler.ts';
import { openUnreadableLog } from './records/unreadable-log.ts';
import { registerRoutes } from './routes/index.ts';
import { prototypeRoutes } from './routes/prototype.ts';

/**
 * The API as one fastify instance that listens nowhere yet: every route of the contracts' table under /api/v1, the prototype's at the root too, its description at
 * /api/v1/openapi.json and a page to read it at /api/docs. Closing it ends the live streams; the pool and the bus stay their owner's.
 */
export async function buildApp(parts: ApiParts): Promise<Api> {
  const log: FastifyBaseLogger = parts.log;
  const app = Fastify({
    loggerInstance: log, logController: new LogController({ disableRequestLogging: true }), bodyLimit: 1_048_576, genReqId: traceIdOf, trustProxy: [...parts.trustedProxies],
    forceCloseConnections: true, exposeHeadRoutes: false,
    // What fastify refuses before a route is found (a URL that cannot be read).
    frameworkErrors: (_error, request, reply) => { void sendProblem(request, reply, new ApiProblem('invalid-request')); },
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  const unreadable = openUnreadableLog(parts.log);
  app.setSerializerCompiler(answerCompiler(unreadable));
  app.removeContentTypeParser('text/plain');
  useProblems(app);
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    strictTransportSecurity: parts.mode === 'production' ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    crossOriginResourcePolicy: { policy: 'same-site' },
  });
  await app.register(cors, { origin: [...parts.corsOrigins], methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], allowedHeaders: ['authorization', 'content-type', 'idempotency-key', 'last-event-id'], exposedHeaders: [legacySiteHeader], maxAge: 600 });
  await useApiDocument(app);

  const streams = await openTenantStreams({
    outbox: { read: (tenant, afterId, limit) => readOutbox(parts.pool, tenant, afterId, limit, (rowId, err) => unreadable.leftOut(`outbox of ${tenant}`, rowId, err)), lastId: (tenant) => lastOutboxId(parts.pool, tenant) },
    bus: parts.bus, log: parts.log,
  });
  app.addHook('onClose', () => streams.close());
  await app.register((scope, _options, done) => {
    const callers = openCallers({ ...parts, onUnchecked: (err) => { parts.log.warn({ event: 'caller_unchecked', err }, 'the issuer could not be asked about a caller: the token alone was believed'); } });
    useGuard(scope, { callers, limits: parts.limits, sharedCount: (key, windowMs) => parts.bus.countInWindow(key, windowMs) });
    scope.addHook('onSend', async (_request, reply) => { if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store'); });
    scope.register((api, _none, ready) => {
      registerRoutes(api.withTypeProvider<ZodTypeProvider>(), { ...parts, streams });
      ready();
    }, { prefix: '/api/v1' });
    // Where the prototype's pages ask for them; behind the same guard and under the same limits.
    prototypeRoutes(scope.withTypeProvider<ZodTypeProvider>(), parts);
    done();
  });
  return app;
}

/** The trace that the caller began (W3C traceparent), or a new one: what a problem names and the log has. */
function traceIdOf(request: IncomingMessage): string {
  const given = request.headers['traceparent'];
  return (typeof given === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(given)?.[1] : undefined) ?? randomBytes(16).toString('hex');
}
