import { AuditExportQuery, AuditListQuery, AuditPage } from '@csms/contracts/http/commerce';
import { SecurityEventListQuery, SecurityEventPage } from '@csms/contracts/http/security-events';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, listAudit, listSecurityEvents, type AuditFilter } from '@csms/store/read-models/index';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { principalOf, tenantOf } from '../access/guard.ts';
import { staffBook } from '../access/principal.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { openPlaces } from '../live/places.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { csvLine } from '../records/csv.ts';
import { at } from '../route-entry.ts';

const columns = ['at', 'actor', 'action', 'target', 'detail', 'address', 'traceId', 'impersonationId', 'id'] as const;
const pageRows = 500;

/** Who changed what; and what concerns security. Staff of the platform reads of its own changes here, which are in no tenant's books. */
export function auditRoutes(app: Api, parts: ApiParts): void {
  const takePlace = openPlaces({ perHolder: 2, perTenant: 2, what: 'exports' });
  const bookOf = (request: FastifyRequest): string => (principalOf(request).tenant === null ? staffBook : tenantOf(request));

  app.route({
    ...at('GET', '/audit'), schema: { summary: 'Who changed what, latest first', tags: ['audit'], querystring: AuditListQuery, response: { 200: AuditPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(parts.pool, bookOf(request), (db) => listAudit(db, pageRequest({ cursor, limit }, byTimeKey), filter)));
    },
  });

  app.route({
    ...at('GET', '/audit/export'),
    schema: { summary: 'The audit as CSV, latest first', description: 'UTF-8 with a byte order mark; cells that a spreadsheet would calculate begin with an apostrophe. Two exports of one tenant at a time.', tags: ['audit'], querystring: AuditExportQuery, produces: ['text/csv'] },
    async handler(request, reply) {
      const { separator, ...filter } = request.query;
      const book = bookOf(request);
      const place = takePlace(book, principalOf(request).subject);
      reply.raw.once('close', () => { place.leave(); });
      return reply.type('text/csv; charset=utf-8').header('content-disposition', 'attachment; filename="audit.csv"').send(Readable.from(lines(book, filter, separator)));
    },
  });

  async function* lines(book: string, filter: AuditFilter, separator: string): AsyncGenerator<string> {
    yield `\ufeff${csvLine(columns, separator)}`;
    let after: string[] | null = null;
    do {
      const page: Awaited<ReturnType<typeof listAudit>> = await inTenant(parts.pool, book, (db) => listAudit(db, { after, limit: pageRows }, filter));
      if (page.items.length > 0) yield page.items.map((entry) => csvLine(columns.map((column) => (column === 'detail' ? (entry.detail === null ? '' : JSON.stringify(entry.detail)) : entry[column])), separator)).join('');
      after = page.next;
    } while (after !== null);
  }

  app.route({
    ...at('GET', '/security-events'), schema: { summary: 'What concerns security, latest first', tags: ['security-events'], querystring: SecurityEventListQuery, response: { 200: SecurityEventPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(parts.pool, tenantOf(request), (db) => listSecurityEvents(db, pageRequest({ cursor, limit }, byTimeKey), filter)));
    },
  });
}
