import { IdParams } from '@csms/contracts/http/common';
import { CardGroup, CardGroupCreate, CardGroupPage, CardGroupPatch, CardPolicy, Driver, DriverCreate, DriverListQuery, DriverPage, DriverPatch } from '@csms/contracts/http/drivers';
import { PageQuery } from '@csms/contracts/http/common';
import { addDriver, addGroup, changeDriver, changeGroup, listDrivers, listGroups, readCardPolicy, readDriver, readGroup, removeDriver, setCardPolicy } from '@csms/store/cards/driver-rows';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey } from '@csms/store/read-models/index';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { dateOf } from '../cards/given.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Who charges, groups of cards, and what a tenant decides of all cards. */
export function driverRoutes(app: Api, parts: ApiParts): void {
  const { pool, cards } = parts;

  app.route({
    ...at('GET', '/drivers'), schema: { summary: 'Drivers, newest first', tags: ['drivers'], querystring: DriverListQuery, response: { 200: DriverPage } },
    async handler(request) {
      const { cursor, limit, search } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listDrivers(db, pageRequest({ cursor, limit }, byTimeKey), { search })));
    },
  });

  app.route({
    ...at('GET', '/drivers/:id'), schema: { summary: 'One driver', tags: ['drivers'], params: IdParams, querystring: NoQuery, response: { 200: Driver } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (db) => found(await readDriver(db, request.params.id))),
  });

  app.route({
    ...at('POST', '/drivers'), schema: { summary: 'Register a driver', tags: ['drivers'], querystring: NoQuery, body: DriverCreate, response: { 201: Driver } },
    async handler(request, reply) {
      const { validFrom, validUntil, ...driver } = request.body;
      return reply.code(201).send(await inTenant(pool, tenantOf(request), async (client) => {
        const id = await addDriver(client, { ...driver, validFrom: dateOf(validFrom), validUntil: dateOf(validUntil) }, actorOf(principalOf(request), parts.now()));
        return found(await readDriver(client, id));
      }));
    },
  });

  app.route({
    ...at('PATCH', '/drivers/:id'),
    schema: { summary: 'Block, free or change a driver', description: 'A blocked driver\'s cards are all blocked, at once and on every station, as with the block of a card.', tags: ['drivers'], params: IdParams, querystring: NoQuery, body: DriverPatch, response: { 200: Driver } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      const { validFrom, validUntil, ...change } = request.body;
      if (!(await changeDriver(client, request.params.id, { ...change, validFrom: dateOf(validFrom), validUntil: dateOf(validUntil) }, actorOf(principalOf(request), parts.now())))) throw new ApiProblem('not-found');
      return found(await readDriver(client, request.params.id));
    }),
  });

  app.route({
    ...at('DELETE', '/drivers/:id'), schema: { summary: 'Take a driver and their cards off the books', description: 'What was charged and billed stays.', tags: ['drivers'], params: IdParams, querystring: NoQuery, response: { 200: Driver } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      const last = found(await readDriver(client, request.params.id));
      await removeDriver(client, last.id, actorOf(principalOf(request), parts.now()));
      return last;
    }),
  });

  app.route({
    ...at('GET', '/card-groups'), schema: { summary: 'Groups of cards, newest first', tags: ['drivers'], querystring: PageQuery, response: { 200: CardGroupPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listGroups(db, pageRequest(request.query, byTimeKey)))),
  });

  app.route({
    ...at('POST', '/card-groups'), schema: { summary: 'Make a group of cards', description: 'Cards of one group may end each other\'s sessions: stations learn the parent id of the group with each of them.', tags: ['drivers'], querystring: NoQuery, body: CardGroupCreate, response: { 201: CardGroup } },
    async handler(request, reply) {
      const tenantId = tenantOf(request);
      return reply.code(201).send(await inTenant(pool, tenantId, async (client) => {
        const id = await addGroup(client, { name: request.body.name, parentUid: request.body.parentUid ?? null }, { tenantId, keys: cards }, actorOf(principalOf(request), parts.now()));
        return found(await readGroup(client, id));
      }));
    },
  });

  app.route({
    ...at('PATCH', '/card-groups/:id'), schema: { summary: 'Block or free a group of cards', tags: ['drivers'], params: IdParams, querystring: NoQuery, body: CardGroupPatch, response: { 200: CardGroup } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      if (!(await changeGroup(client, request.params.id, request.body, actorOf(principalOf(request), parts.now())))) throw new ApiProblem('not-found');
      return found(await readGroup(client, request.params.id));
    }),
  });

  app.route({
    ...at('GET', '/card-policy'), schema: { summary: 'What holds for all cards', tags: ['drivers'], querystring: NoQuery, response: { 200: CardPolicy } },
    handler: async (request) => inTenant(pool, tenantOf(request), (db) => readCardPolicy(db)),
  });

  app.route({
    ...at('PUT', '/card-policy'), schema: { summary: 'Decide what holds for all cards', tags: ['drivers'], querystring: NoQuery, body: CardPolicy, response: { 200: CardPolicy } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (client) => {
      await setCardPolicy(client, request.body, actorOf(principalOf(request), parts.now()));
      return readCardPolicy(client);
    }),
  });
}
