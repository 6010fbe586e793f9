import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { BillRead, BillReadPage } from '@csms/contracts/http/sessions';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, listBills, readBill } from '@csms/store/read-models/index';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function billRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/bills'), schema: { summary: 'Bills with the lines of their calculation', tags: ['bills'], querystring: PageQuery, response: { 200: BillReadPage } },
    handler: async (request) => pageAnswer(await inTenant(parts.pool, tenantOf(request), (db) => listBills(db, pageRequest(request.query, byTimeKey)))),
  });
  app.route({
    ...at('GET', '/bills/:id'), schema: { summary: 'One bill', tags: ['bills'], params: IdParams, querystring: NoQuery, response: { 200: BillRead } },
    handler: async (request) => found(await inTenant(parts.pool, tenantOf(request), (db) => readBill(db, request.params.id))),
  });
}
