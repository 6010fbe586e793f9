import { IdParams } from '@csms/contracts/http/common';
import { DiagnosticsRequest, LogRequest, StationUpload, StationUploadListQuery, StationUploadPage } from '@csms/contracts/http/files';
import type { StationCommand } from '@csms/domain';
import { startCommand } from '@csms/domain/command/send-command';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, readStation } from '@csms/store/read-models/index';
import { deleteFile } from '@csms/store/uploads/keep-files';
import { askUpload, listUploads, readUpload, storedFileId, uploadCommandKey, type AskedUpload } from '@csms/store/uploads/station-uploads';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { uploadAddress } from '../files/station-address.ts';
import { KeyHeader, keyOf } from '../idempotency-key.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const description = 'Answers 202 with the upload as it stands; `GET /uploads/:id` says how it goes, and `GET /files/:id` has the file when its state is `stored`.';

/** Diagnostics and logs of stations: asked for, followed, and the files that came. */
export function uploadRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  const ask = async (request: FastifyRequest, station: string, kind: AskedUpload['kind'], span: { from: string | null; to: string | null }): Promise<StationUpload> => {
    const tenant = tenantOf(request);
    const actor = actorOf(principalOf(request), parts.now());
    const upload = await inTenant(pool, tenant, async (client) => {
      const { id: stationId } = found(await readStation(client, station));
      return askUpload(client, { stationId, kind, from: dateOf(span.from), to: dateOf(span.to), idempotencyKey: keyOf(request) ?? parts.newId() }, actor);
    });
    if (upload === null) throw new ApiProblem('idempotency-key-reused');
    const started = await startCommand({ ...parts, replyTo: parts.replies.name, waitForReply: parts.replies.waitForReply }, {
      tenantId: tenant, stationId: upload.stationId, command: commandOf(upload, uploadAddress(parts, { tenantId: tenant, ...upload })), timeoutMs: 60_000, createdBy: actor.name, idempotencyKey: uploadCommandKey(upload.id),
    });
    if (started.kind === 'conflict') throw new ApiProblem('idempotency-key-reused');
    started.ended.catch((err: unknown) => request.log.warn({ event: 'command_unfollowed', err, commandId: started.record.id }, 'a command was left to the sweep'));
    return found(await inTenant(pool, tenant, (db) => readUpload(db, upload.id)));
  };

  app.route({
    ...at('POST', '/stations/:id/diagnostics'),
    schema: { summary: 'Ask a station for its diagnostics', description, tags: ['files'], params: IdParams, querystring: NoQuery, headers: KeyHeader, body: DiagnosticsRequest, response: { 202: StationUpload } },
    async handler(request, reply) { return reply.code(202).send(await ask(request, request.params.id, 'diagnostics', request.body)); },
  });
  app.route({
    ...at('POST', '/stations/:id/logs'),
    schema: { summary: 'Ask a station for a log', description: `${description} Needs the security extension of 1.6.`, tags: ['files'], params: IdParams, querystring: NoQuery, headers: KeyHeader, body: LogRequest, response: { 202: StationUpload } },
    async handler(request, reply) { return reply.code(202).send(await ask(request, request.params.id, request.body.type === 'security' ? 'security-log' : 'diagnostics-log', request.body)); },
  });

  app.route({
    ...at('GET', '/uploads'), schema: { summary: 'What stations were asked to bring, latest first', tags: ['files'], querystring: StationUploadListQuery, response: { 200: StationUploadPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listUploads(db, pageRequest({ cursor, limit }, byTimeKey), filter)));
    },
  });
  app.route({
    ...at('GET', '/uploads/:id'), schema: { summary: 'One upload and how it goes', tags: ['files'], params: IdParams, querystring: NoQuery, response: { 200: StationUpload } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readUpload(db, request.params.id))),
  });

  app.route({
    ...at('GET', '/files/:id'), schema: { summary: 'A file that a station brought', tags: ['files'], params: IdParams, querystring: NoQuery },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const upload = found(await inTenant(pool, tenant, (db) => readUpload(db, request.params.id)));
      if (upload.state !== 'stored') throw new ApiProblem('not-found');
      const content = await parts.files.store.get(`${tenant}/${found(await inTenant(pool, tenant, (db) => storedFileId(db, upload.id)))}`);
      if (content === null) throw new ApiProblem('files-unavailable');
      // The name was made harmless when it came; a browser saves it and shows nothing of it.
      return reply.header('content-type', 'application/octet-stream').header('content-length', upload.sizeBytes ?? 0).header('content-disposition', `attachment; filename="${upload.fileName}"`).send(content);
    },
  });
  app.route({
    ...at('DELETE', '/files/:id'), schema: { summary: 'Delete a file before its time', tags: ['files'], params: IdParams, querystring: NoQuery, response: { 204: z.null() } },
    async handler(request, reply) {
      if (!(await deleteFile(pool, parts.files.store, tenantOf(request), request.params.id, actorOf(principalOf(request), parts.now()), 'asked'))) throw new ApiProblem('not-found');
      return reply.code(204).send(null);
    },
  });
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const textOf = (date: Date | null): string | null => date?.toISOString() ?? null;

function commandOf(upload: AskedUpload, location: string): StationCommand {
  const retry = { retries: 3, retryIntervalS: 30 };
  if (upload.kind === 'diagnostics') return { action: 'get-diagnostics', location, startAt: textOf(upload.from), stopAt: textOf(upload.to), ...retry };
  return { action: 'get-log', requestId: upload.requestId, logType: upload.kind === 'security-log' ? 'SecurityLog' : 'DiagnosticsLog', location, oldestAt: textOf(upload.from), latestAt: textOf(upload.to), ...retry };
}
