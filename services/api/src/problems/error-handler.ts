import { AlreadyRegistered } from '@csms/store';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { DirectoryUnavailable, LoginTaken } from '../people/people-directory.ts';
import { ApiProblem, problemDocument } from './api-problem.ts';
import { problemTable } from './table.ts';

/** Every error, whoever threw it, leaves as a problem document of the table; what is ours to mend is logged with its stack. */
export function useProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    const { status } = problemTable[problem.code];
    // Also where a row of the books, not the caller, made a query fail: nobody else would hear of it.
    if (isRefusedByBooks(error)) request.log.warn({ event: 'refused_by_books', err: error, url: request.routeOptions.url }, 'PostgreSQL refused a value');
    if (status >= 500 && problem.code !== 'model-missing') request.log.error({ event: 'request_failed', code: problem.code, err: error, url: request.routeOptions.url }, 'a request could not be answered');
    return sendProblem(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new ApiProblem('not-found')));
}

export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: ApiProblem): FastifyReply {
  const { status } = problemTable[problem.code];
  if (problem.retryAfterS !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(problem.retryAfterS))));
  if (status === 401) void reply.header('www-authenticate', 'Bearer realm="csms"');
  // Serialised here: the response schema of the route is that of its success.
  return reply.code(status).type('application/problem+json').serializer((text: unknown) => String(text)).send(JSON.stringify(problemDocument(problem, request.id)));
}

function problemOf(error: FastifyError): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof DirectoryUnavailable) return new ApiProblem('people-unavailable', { cause: error, retryAfterS: 2 });
  if (error instanceof LoginTaken) return new ApiProblem('already-registered', { detail: error.message });
  if (error instanceof AlreadyRegistered) return new ApiProblem('already-registered', { detail: error.message });
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = error.validationContext ?? 'body';
    return new ApiProblem('invalid-request', {
      errors: error.validation.slice(0, 20).map((issue) => ({ path: `${where}${issue.instancePath.replaceAll('/', '.')}`, message: issue.message ?? 'not valid' })),
    });
  }
  if (isResponseSerializationError(error)) return new ApiProblem('internal-error', { cause: error });
  switch (error.code) {
    case 'FST_ERR_CTP_INVALID_JSON_BODY': case 'FST_ERR_CTP_EMPTY_JSON_BODY': case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH': return new ApiProblem('unreadable-body');
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return new ApiProblem('body-too-large');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return new ApiProblem('media-type-unsupported');
    // PostgreSQL: a foreign key that names nothing.
    case '23503': return new ApiProblem('reference-missing', { cause: error });
    default: break;
  }
  if (isRefusedByBooks(error)) return new ApiProblem('invalid-request', { cause: error });
  if (isAwayFromBooks(error)) return new ApiProblem('books-unavailable', { cause: error, retryAfterS: 2 });
  // What fastify and its plugins refuse of a request before a route sees it (a bad URL, a bad header).
  return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? new ApiProblem('invalid-request', { cause: error }) : new ApiProblem('internal-error', { cause: error });
}

/** SQLSTATE class 22, a value that PostgreSQL cannot take (a NUL byte, a number beyond its column, a time of no calendar), and 23514, one that a check refuses. */
function isRefusedByBooks(error: FastifyError): boolean {
  return /^(22[0-9A-Z]{3}|23514)$/.test(error.code);
}

const Coded = z.object({ code: z.string() });
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);
/** SQLSTATE classes: 08 connection, 53 resources, 57P shutdown; 57014 is a query over its time. */
function isAwayFromBooks(error: Error): boolean {
  const coded = Coded.safeParse(error);
  if (coded.success && (networkCodes.has(coded.data.code) || /^(08|53|57P|57014)/.test(coded.data.code))) return true;
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/.test(error.message);
}
