import { IdParams } from '@csms/contracts/http/common';
import { MirroredStation } from '@csms/contracts/http/public-mirror';
import { inTenant } from '@csms/store/in-tenant';
import { readMirroredStation } from '@csms/store/read-models/public-mirror';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Where the public finds a station (docs/mirror.md). */
export function publicMirrorRoutes(app: Api, { pool }: ApiParts): void {
  app.route({
    ...at('GET', '/stations/:id/mirror'),
    schema: { summary: 'Where the public finds a station', description: 'The node of the public mirror that shows it, and how far it has been written. 404 where no mirror shows the station.', tags: ['stations'], params: IdParams, querystring: NoQuery, response: { 200: MirroredStation } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readMirroredStation(db, request.params.id))),
  });
}
