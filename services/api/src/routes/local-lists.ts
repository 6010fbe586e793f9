import { IdParams } from '@csms/contracts/http/common';
import { LocalList, LocalListSync } from '@csms/contracts/http/local-lists';
import { inTenant } from '@csms/store/in-tenant';
import { readStation } from '@csms/store/read-models/index';
import { audit } from '@csms/store/register';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { showLocalList } from '../local-list/show-local-list.ts';
import { syncLocalList } from '../local-list/sync-local-list.ts';
import { actorOf } from '../mutation.ts';
import { found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function localListRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/stations/:id/local-list'), schema: { summary: 'The local authorisation list of a station', tags: ['stations'], params: IdParams, querystring: NoQuery, response: { 200: LocalList } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (db) => showLocalList(db, found(await readStation(db, request.params.id)).id, { tenantId: tenantOf(request), keys: parts.cards }, parts.now())),
  });

  app.route({
    ...at('POST', '/stations/:id/local-list'),
    schema: {
      summary: 'Bring the local authorisation list of a station in step with the cards, now', tags: ['stations'], params: IdParams, querystring: NoQuery, body: LocalListSync, response: { 200: LocalList },
      description: 'Answers when the station has what it should have, or with the reason why not. From the first time on the list is kept in step by itself.',
    },
    async handler(request) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const stationId = await inTenant(pool, tenant, async (db) => {
        const { id } = found(await readStation(db, request.params.id));
        await audit(db, actor, 'local-list.sync', id, { full: request.body.full });
        return id;
      });
      await syncLocalList(parts, { tenant, stationId, createdBy: actor.name, full: request.body.full });
      return inTenant(pool, tenant, (db) => showLocalList(db, stationId, { tenantId: tenant, keys: parts.cards }, parts.now()));
    },
  });
}
