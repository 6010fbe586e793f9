import { Me } from '@csms/contracts/http/commerce';
import { inTenant } from '@csms/store/in-tenant';
import { currencyOf } from '@csms/store/read-models/index';
import { principalOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Who the token says is asking. */
export function meRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/me'), schema: { summary: 'Who you are', tags: ['me'], querystring: NoQuery, response: { 200: Me } },
    async handler(request) {
      const { subject, name, tenant, roles } = principalOf(request);
      const currency = tenant === null ? 'IDR' : await inTenant(parts.pool, tenant, currencyOf);
      return { subject, name, tenant, roles, mode: parts.mode, currency };
    },
  });
}
