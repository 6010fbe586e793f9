import { TenantPage } from '@csms/contracts/http/commerce';
import { PageQuery } from '@csms/contracts/http/common';
import { listTenants, tenantKey } from '@csms/store/read-models/index';
import type { Api, ApiParts } from '../api-parts.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { at } from '../route-entry.ts';

/** Who has books here: for the platform's staff, who see no more of a tenant than this. */
export function tenantRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/tenants'), schema: { summary: 'Tenants of the platform', tags: ['tenants'], querystring: PageQuery, response: { 200: TenantPage } },
    handler: async (request) => pageAnswer(await listTenants(parts.pool, pageRequest(request.query, tenantKey))),
  });
}
