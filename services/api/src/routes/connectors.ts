import { PageQuery, Uuid, pageOf } from '@csms/contracts/http/common';
import { Connector } from '@csms/contracts/http/stations';
import { inTenant } from '@csms/store/in-tenant';
import { connectorKey, listConnectors } from '@csms/store/read-models/index';
import { z } from 'zod';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { at } from '../route-entry.ts';

const ConnectorPage = pageOf(Connector.extend({ stationId: Uuid, stationIdentity: z.string() }));
const ConnectorListQuery = PageQuery.extend({ siteId: Uuid.optional(), stationId: Uuid.optional() }).strict();

export function connectorRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/connectors'), schema: { summary: 'Connectors with what charges there', tags: ['connectors'], querystring: ConnectorListQuery, response: { 200: ConnectorPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(parts.pool, tenantOf(request), (db) => listConnectors(db, pageRequest({ cursor, limit }, connectorKey), filter)));
    },
  });
}
