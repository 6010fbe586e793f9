import { Command, CommandCreate, CommandListQuery, CommandPage, type StationCommandRequest } from '@csms/contracts/http/commands';
import { IdParams } from '@csms/contracts/http/common';
import { hasEnded, startCommand } from '@csms/domain/command/send-command';
import type { StationCommand } from '@csms/domain';
import { standardKey, typeProblem } from '@csms/domain/station-configuration/standard-keys';
import { inTenant } from '@csms/store/in-tenant';
import { commandKey, listCommands, readCommand, readSession, readStation } from '@csms/store/read-models/index';
import { randomInt } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { KeyHeader, keyOf } from '../idempotency-key.ts';
import { checkKeysAtOnce } from '../keys-at-once.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export const WaitQuery = z.object({ wait: z.stringbool().default(false).describe('answer when the command has ended, not when it is in the ledger') }).strict();

export function commandRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/commands'), schema: { summary: 'What stations were asked to do', tags: ['commands'], querystring: CommandListQuery, response: { 200: CommandPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listCommands(db, pageRequest({ cursor, limit }, commandKey), filter)));
    },
  });

  app.route({
    ...at('GET', '/commands/:id'), schema: { summary: 'One command and how it ended', tags: ['commands'], params: IdParams, querystring: NoQuery, response: { 200: Command } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readCommand(db, request.params.id))),
  });

  app.route({
    ...at('POST', '/stations/:id/commands'),
    schema: {
      summary: 'Ask a station to do something', tags: ['commands'], params: IdParams, querystring: WaitQuery, headers: KeyHeader, body: CommandCreate, response: { 200: Command, 202: Command },
      description: 'Answers 202 with the command as it stands in the ledger; with `wait=true`, or where it ended before, 200 with its end. A command that ended is not an error, whatever its end: read `state`.',
    },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const { command: asked, timeoutMs } = request.body;
      const command = await inTenant(pool, tenant, async (client) => {
        const station = found(await readStation(client, request.params.id));
        return commandOf(client, station.id, asked);
      });
      const started = await startCommand({ ...parts, replyTo: parts.replies.name, waitForReply: parts.replies.waitForReply }, {
        tenantId: tenant, stationId: request.params.id, command, timeoutMs, createdBy: actor.name, idempotencyKey: keyOf(request) ?? parts.newId(),
      });
      if (started.kind === 'conflict') throw new ApiProblem('idempotency-key-reused');
      started.ended.catch((err: unknown) => request.log.warn({ event: 'command_unfollowed', err, commandId: started.record.id }, 'a command was left to the sweep'));
      if (request.query.wait) await started.ended;
      const shown = found(await inTenant(pool, tenant, (db) => readCommand(db, started.record.id)));
      return reply.code(hasEnded(shown.state) ? 200 : 202).send(shown);
    },
  });
}

/** Whoever sets these as any key writes a password into the ledger, or locks a station out (1.6 security whitepaper; 2.0.1 SecurityCtrlr). */
const keysOfTheirOwnRoutes = new Set(['authorizationkey', 'securityprofile', 'securityctrlr.basicauthpassword', 'securityctrlr.securityprofile']);

/** The request in the domain's words. A remote stop names our session; the station knows it by its transaction. */
async function commandOf(client: pg.PoolClient, stationId: string, asked: StationCommandRequest): Promise<StationCommand> {
  if (asked.action === 'change-configuration' && keysOfTheirOwnRoutes.has(asked.key.toLowerCase())) throw new ApiProblem('key-has-own-route');
  if (asked.action === 'get-configuration') await checkKeysAtOnce(client, stationId, asked.keys);
  if (asked.action === 'remote-start') return { ...asked, remoteStartId: randomInt(1, 2 ** 31 - 1) };
  if (asked.action === 'change-configuration') {
    const problem = typeProblem(standardKey(asked.key), asked.value);
    if (problem !== null) throw new ApiProblem('invalid-request', { errors: [{ path: 'body.command.value', message: `${asked.key} takes ${problem}` }] });
  }
  if (asked.action !== 'remote-stop') return asked;
  const session = await readSession(client, asked.sessionId);
  if (session?.stationId !== stationId) throw new ApiProblem('not-found');
  if (session.state !== 'active') throw new ApiProblem('session-not-active');
  return { action: 'remote-stop', transactionRef: session.transactionRef };
}
