import { IdParams } from '@csms/contracts/http/common';
import { Token, TokenCreate, TokenListQuery, TokenPage, TokenPatch } from '@csms/contracts/http/commerce';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, listTokens, readToken } from '@csms/store/read-models/index';
import { registerToken, setTokenStatus } from '@csms/store/register';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function tokenRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/tokens'), schema: { summary: 'Cards and apps, their numbers masked', tags: ['tokens'], querystring: TokenListQuery, response: { 200: TokenPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listTokens(db, pageRequest(request.query, byTimeKey)))),
  });

  app.route({
    ...at('POST', '/tokens'),
    schema: { summary: 'Register a card', description: 'The answer alone shows the whole number, to whoever just sent it.', tags: ['tokens'], querystring: NoQuery, body: TokenCreate, response: { 201: Token } },
    async handler(request, reply) {
      const { validUntil, ...card } = request.body;
      const made = await inTenant(pool, tenantOf(request), async (client) => {
        const id = await registerToken(client, { ...card, validUntil: validUntil === null ? null : new Date(validUntil) }, actorOf(principalOf(request), parts.now()));
        return found(await readToken(client, id));
      });
      return reply.code(201).send({ ...made, uidMasked: card.uid, parentUidMasked: card.parentUid });
    },
  });

  app.route({
    ...at('PATCH', '/tokens/:id'), schema: { summary: 'Block or free a card', tags: ['tokens'], params: IdParams, querystring: NoQuery, body: TokenPatch, response: { 200: Token } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      if (!(await setTokenStatus(client, request.params.id, request.body.status, actorOf(principalOf(request), parts.now())))) throw new ApiProblem('not-found');
      return found(await readToken(client, request.params.id));
    }),
  });
}
