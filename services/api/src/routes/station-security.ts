import { Command } from '@csms/contracts/http/commands';
import { IdParams } from '@csms/contracts/http/common';
import { CredentialPushQuery, SecurityProfileChange } from '@csms/contracts/http/stations';
import { hasEnded, startCommand } from '@csms/domain/command/send-command';
import type { SecurityProfile, StationCommand } from '@csms/domain';
import { inTenant } from '@csms/store/in-tenant';
import { readCommand } from '@csms/store/read-models/index';
import type { Actor } from '@csms/store/register';
import { askSecurityProfile, preparePush, readStationSecurity } from '@csms/store/station-security';
import type { FastifyBaseLogger } from 'fastify';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { at } from '../route-entry.ts';
import { WaitQuery } from './commands.ts';

/** How long a station has to take a password or a profile. */
const timeoutMs = 30_000;

/** How a station comes in: its password pushed by ourselves, and its security profile raised. */
export function stationSecurityRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('POST', '/stations/:id/credential/push'),
    schema: {
      summary: 'Give a station a new password by itself', tags: ['stations'], params: IdParams, querystring: CredentialPushQuery, response: { 200: Command, 202: Command },
      description: 'The password is made here, sent to the station in one command and shown to nobody. The old one stays valid until the first use of the new one; one that is on its way already is sent again. One that somebody was given and has not used gives way only where `replace` says so.',
    },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      await inTenant(pool, tenant, async (client) => {
        const { credentialOnItsWay } = found(await readStationSecurity(client, request.params.id));
        if (credentialOnItsWay === 'by-hand' && !request.query.replace) throw new ApiProblem('credential-on-its-way');
        await preparePush(client, { tenantId: tenant, id: request.params.id }, parts.pepper, actor);
      });
      const shown = await ask(tenant, request.params.id, { action: 'push-credential' }, actor, request.query.wait, request.log);
      return reply.code(hasEnded(shown.state) ? 200 : 202).send(shown);
    },
  });

  app.route({
    ...at('PUT', '/stations/:id/security-profile'),
    schema: {
      summary: 'Raise the security profile of a station', tags: ['stations'], params: IdParams, querystring: WaitQuery, body: SecurityProfileChange, response: { 200: Command, 202: Command },
      description: 'The station is asked to change its profile. Until it has come in under the new one either lets it in; from then on the old one does not. A profile is never lowered.',
    },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const profile = request.body.profile as SecurityProfile;
      await inTenant(pool, tenant, async (client) => {
        const { securityProfile, securityProfileNext } = found(await readStationSecurity(client, request.params.id));
        if (profile <= Math.max(securityProfile, securityProfileNext ?? 0) && profile !== securityProfileNext) throw new ApiProblem('security-profile-not-higher', { detail: `the station has profile ${securityProfile}` });
        await askSecurityProfile(client, request.params.id, profile, actor);
      });
      const shown = await ask(tenant, request.params.id, { action: 'set-security-profile', profile }, actor, request.query.wait, request.log);
      return reply.code(hasEnded(shown.state) ? 200 : 202).send(shown);
    },
  });

  async function ask(tenantId: string, stationId: string, command: StationCommand, actor: Actor, wait: boolean, log: FastifyBaseLogger) {
    const started = await startCommand({ ...parts, replyTo: parts.replies.name, waitForReply: parts.replies.waitForReply }, { tenantId, stationId, command, timeoutMs, createdBy: actor.name, idempotencyKey: parts.newId() });
    if (started.kind === 'conflict') throw new ApiProblem('idempotency-key-reused');
    started.ended.catch((err: unknown) => log.warn({ event: 'command_unfollowed', err, commandId: started.record.id }, 'a command was left to the sweep'));
    if (wait) await started.ended;
    return found(await inTenant(pool, tenantId, (db) => readCommand(db, started.record.id)));
  }
}
