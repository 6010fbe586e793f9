import { ApiKeyCreate, ApiKeyCreated, ApiKeyPage } from '@csms/contracts/http/api-keys';
import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { createApiKey, listApiKeys, readApiKey, revokeApiKey } from '@csms/store/access/api-keys';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey } from '@csms/store/read-models/index';
import { z } from 'zod';
import { apiSecretHmac, newApiSecret } from '../access/api-secrets.ts';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const lifetimeDaysMax = 366;

/** Keys for programs: a role, areas of the API where it should not be all, and an end. `areas` are the tags that this API's description has. */
export function apiKeyRoutes(app: Api, parts: ApiParts & { areas: ReadonlySet<string> }): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/api-keys'), schema: { summary: 'Keys of programs', tags: ['api-keys'], querystring: PageQuery, response: { 200: ApiKeyPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listApiKeys(db, pageRequest(request.query, byTimeKey), parts.now()))),
  });

  app.route({
    ...at('POST', '/api-keys'),
    schema: { summary: 'A key for a program', description: 'The secret is made here, shown in this answer and never again.', tags: ['api-keys'], querystring: NoQuery, body: ApiKeyCreate, response: { 201: ApiKeyCreated } },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const { name, role, areas, expiresAt: until } = request.body;
      const [now, expiresAt] = [parts.now(), new Date(until)];
      const refuse = (path: string, message: string): never => { throw new ApiProblem('invalid-request', { errors: [{ path, message }] }); };
      if (expiresAt <= now || expiresAt.getTime() > now.getTime() + lifetimeDaysMax * 86_400_000) refuse('body.expiresAt', `must be within ${lifetimeDaysMax} days from now`);
      const unknown = areas?.filter((area) => !parts.areas.has(area)) ?? [];
      if (unknown.length > 0) refuse('body.areas', `there is no area ${unknown.join(', ')}; there are ${[...parts.areas].sort().join(', ')}`);
      const secret = newApiSecret('csk', tenant);
      const key = await inTenant(pool, tenant, async (client) => {
        const id = await createApiKey(client, { name, role, areas, expiresAt, secretHmac: apiSecretHmac(parts.pepper, secret) }, actorOf(principalOf(request), now));
        return found(await readApiKey(client, id, now));
      });
      return reply.code(201).send({ key, secret: secret.text });
    },
  });

  app.route({
    ...at('DELETE', '/api-keys/:id'), schema: { summary: 'Revoke a key', description: 'It opens nothing from now on.', tags: ['api-keys'], params: IdParams, querystring: NoQuery, response: { 204: z.null() } },
    async handler(request, reply) {
      const isRevoked = await inTenant(pool, tenantOf(request), (client) => revokeApiKey(client, request.params.id, actorOf(principalOf(request), parts.now())));
      if (!isRevoked) throw new ApiProblem('not-found');
      return reply.code(204).send(null);
    },
  });
}
