import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { QuarantinePage, StationQuirks } from '@csms/contracts/http/quirks';
import { inTenant } from '@csms/store/in-tenant';
import { listQuarantine, quarantineKey, readQuirks } from '@csms/store/read-models/quirks';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** What a station does differently from the standard (docs/tolerance.md). */
export function quirkRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    ...at('GET', '/stations/:id/quirks'),
    schema: { summary: 'What a station does differently from the standard', description: 'Entries of the table of known deviations that match its make, and every deviation seen, with counts.', tags: ['stations'], params: IdParams, querystring: NoQuery, response: { 200: StationQuirks } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readQuirks(db, request.params.id))),
  });

  app.route({
    ...at('GET', '/stations/:id/quarantine'),
    schema: { summary: 'Frames of a station that were refused or mended', description: 'As they came, with card numbers masked. Transaction messages are kept whole before they are answered.', tags: ['stations'], params: IdParams, querystring: PageQuery, response: { 200: QuarantinePage } },
    handler: async (request) => pageAnswer(found(await inTenant(pool, tenantOf(request), (db) => listQuarantine(db, request.params.id, pageRequest(request.query, quarantineKey))))),
  });
}
