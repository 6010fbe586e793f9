import { IdParams } from '@csms/contracts/http/common';
import { Token, TokenCreate, TokenListQuery, TokenLookUp, TokenPage, TokenPatch } from '@csms/contracts/http/commerce';
import { changeToken, removeToken } from '@csms/store/cards/driver-rows';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, listTokens, readToken } from '@csms/store/read-models/index';
import { registerToken } from '@csms/store/register';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { dateOf, refersTo } from '../cards/given.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function tokenRoutes(app: Api, parts: ApiParts): void {
  const { pool, cards } = parts;

  app.route({
    ...at('GET', '/tokens'), schema: { summary: 'Cards and apps, their numbers masked', tags: ['tokens'], querystring: TokenListQuery, response: { 200: TokenPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listTokens(db, pageRequest({ cursor, limit }, byTimeKey), filter)));
    },
  });

  app.route({
    ...at('POST', '/tokens/look-up'), schema: { summary: 'The card of a number', description: 'Changes nothing; the number stands in the body, because addresses are written into logs on the way.', tags: ['tokens'], querystring: NoQuery, body: TokenLookUp, response: { 200: Token } },
    async handler(request) {
      const tenant = tenantOf(request);
      const { items } = await inTenant(pool, tenant, (db) => listTokens(db, { after: null, limit: 1 }, { spellings: cards.spellings(tenant, request.body.uid) }));
      return found(items[0] ?? null);
    },
  });

  app.route({
    ...at('GET', '/tokens/:id'), schema: { summary: 'One card', tags: ['tokens'], params: IdParams, querystring: NoQuery, response: { 200: Token } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (db) => found(await readToken(db, request.params.id))),
  });

  app.route({
    ...at('POST', '/tokens'),
    schema: { summary: 'Register a card', description: 'The answer alone shows the whole number, to whoever just sent it.', tags: ['tokens'], querystring: NoQuery, body: TokenCreate, response: { 201: Token } },
    async handler(request, reply) {
      const tenantId = tenantOf(request);
      const { validFrom, validUntil, ...card } = request.body;
      const made = await inTenant(pool, tenantId, async (client) => {
        await refersTo(client, card);
        const id = await registerToken(client, { ...card, validFrom: dateOf(validFrom), validUntil: dateOf(validUntil) }, actorOf(principalOf(request), parts.now()), { tenantId, keys: cards });
        return found(await readToken(client, id));
      });
      return reply.code(201).send({ ...made, uidMasked: card.uid, parentUidMasked: card.parentUid ?? made.parentUidMasked });
    },
  });

  app.route({
    ...at('PATCH', '/tokens/:id'),
    schema: {
      summary: 'Block, free or change a card', tags: ['tokens'], params: IdParams, querystring: NoQuery, body: TokenPatch, response: { 200: Token },
      description: 'A block holds at once for every question of a station. Stations that are there are asked to forget their cache and get a new local list within seconds, the others when they come again.',
    },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      const { validFrom, validUntil, ...change } = request.body;
      await refersTo(client, change);
      if (!(await changeToken(client, request.params.id, { ...change, validFrom: dateOf(validFrom), validUntil: dateOf(validUntil) }, actorOf(principalOf(request), parts.now())))) throw new ApiProblem('not-found');
      return found(await readToken(client, request.params.id));
    }),
  });

  app.route({
    ...at('DELETE', '/tokens/:id'), schema: { summary: 'Take a card off the books', description: 'What was charged with it stays. Stations are told as with a block.', tags: ['tokens'], params: IdParams, querystring: NoQuery, response: { 200: Token } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      const last = found(await readToken(client, request.params.id));
      await removeToken(client, last.id, actorOf(principalOf(request), parts.now()));
      return last;
    }),
  });
}
