import { PageQuery } from '@csms/contracts/http/common';
import { Tariff, TariffCreate, TariffPage } from '@csms/contracts/http/commerce';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, currencyOf, listTariffs, readSite, readTariff } from '@csms/store/read-models/index';
import { setTariff } from '@csms/store/register';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function tariffRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/tariffs'), schema: { summary: 'Tariffs, the latest first', tags: ['tariffs'], querystring: PageQuery, response: { 200: TariffPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listTariffs(db, pageRequest(request.query, byTimeKey)))),
  });

  app.route({
    ...at('POST', '/tariffs'),
    schema: { summary: 'A new tariff', description: 'Holds for sessions that start from `validFrom` on; a tariff of the site goes before the tenant\'s.', tags: ['tariffs'], querystring: NoQuery, body: TariffCreate, response: { 201: Tariff } },
    async handler(request, reply) {
      const { validFrom, validUntil, currency: asked, ...price } = request.body;
      const made = await inTenant(pool, tenantOf(request), async (client) => {
        // Bills of one tenant are added up, so they are in one currency.
        const currency = await currencyOf(client);
        if (asked !== undefined && asked !== currency) throw new ApiProblem('invalid-request', { errors: [{ path: 'body.currency', message: `must be ${currency}, the currency of the tenant` }] });
        if (price.siteId !== null) found(await readSite(client, price.siteId));
        const id = await setTariff(client, { ...price, currency, validFrom: new Date(validFrom), validUntil: validUntil === null ? null : new Date(validUntil) }, actorOf(principalOf(request), parts.now()));
        return found(await readTariff(client, id));
      });
      return reply.code(201).send(made);
    },
  });
}
