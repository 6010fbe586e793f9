import type { IncomingMessage } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { z } from 'zod';
import type { Api } from '../api-parts.ts';
import { ApiProblem } from '../problems/api-problem.ts';
import { fileBytesMax } from '@csms/contracts/http/files';
import type { FastifyRequest } from 'fastify';

/** Routes whose body is a file: it is handed on as it comes, whatever kind it calls itself. */
export function withRawBodies(app: Api, addRoutes: (scope: Api) => void): void {
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request: FastifyRequest, payload: IncomingMessage, parsed: (error: Error | null, body?: unknown) => void) => parsed(null, payload));
    addRoutes(scope as Api);
    done();
  });
}

/** A file that is not whole by then never will be. Shorter than the books hold an address for it. */
const receivingTimeoutMs = 14 * 60_000;

const Length = z.coerce.number().int().min(0);

/** The file in a request's body; a problem where there is none, or where it says itself that it is too large. A log in which nothing happened is a file of no bytes. */
export function fileOf(request: FastifyRequest, { mayBeEmpty }: { mayBeEmpty: boolean }): IncomingMessage {
  const said = request.headers['content-length'];
  const length = said === undefined ? null : Length.safeParse(said);
  if (length?.success === false || (length?.data === 0 && !mayBeEmpty) || (said === undefined && request.headers['transfer-encoding'] === undefined)) throw new ApiProblem('file-missing');
  if (length !== null && length.data > fileBytesMax) throw new ApiProblem('file-too-large');
  return addAbortSignal(AbortSignal.timeout(receivingTimeoutMs), request.raw);
}
