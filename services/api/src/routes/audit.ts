import { AuditPage } from '@csms/contracts/http/commerce';
import { PageQuery } from '@csms/contracts/http/common';
import { SecurityEventListQuery, SecurityEventPage } from '@csms/contracts/http/security-events';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, listAudit, listSecurityEvents } from '@csms/store/read-models/index';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { at } from '../route-entry.ts';

/** Who changed what; and what concerns security. */
export function auditRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/audit'), schema: { summary: 'Who changed what, latest first', tags: ['audit'], querystring: PageQuery, response: { 200: AuditPage } },
    handler: async (request) => pageAnswer(await inTenant(parts.pool, tenantOf(request), (db) => listAudit(db, pageRequest(request.query, byTimeKey)))),
  });
  app.route({
    ...at('GET', '/security-events'), schema: { summary: 'What concerns security, latest first', tags: ['security-events'], querystring: SecurityEventListQuery, response: { 200: SecurityEventPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(parts.pool, tenantOf(request), (db) => listSecurityEvents(db, pageRequest({ cursor, limit }, byTimeKey), filter)));
    },
  });
}
