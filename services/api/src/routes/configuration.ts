import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { ConfigurationTemplate, ConfigurationTemplatePage, ConfiguredKeyPage, DifferenceListQuery, DifferingStationPage, TemplatePut } from '@csms/contracts/http/configuration';
import { valueProblem } from '@csms/domain/station-configuration/standard-keys';
import { deleteTemplate, listConfiguredKeys, listDifferences, listTemplates, readTemplate, setTemplate } from '@csms/store/configuration/configuration';
import { inTenant } from '@csms/store/in-tenant';
import { readSite, readStation, stationKey } from '@csms/store/read-models/index';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** What stations have configured, what they should have, and where the two differ. Reading and changing are commands. */
export function configurationRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/stations/:id/configuration'),
    schema: { summary: 'What a station has configured', description: 'As it told in answer to the command that each key names. `get-configuration` asks anew, `change-configuration` changes.', tags: ['configuration'], params: IdParams, querystring: PageQuery, response: { 200: ConfiguredKeyPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), async (db) => {
      const { id } = found(await readStation(db, request.params.id));
      return listConfiguredKeys(db, id, pageRequest(request.query, ['text']));
    })),
  });

  app.route({
    ...at('GET', '/configuration-templates'), schema: { summary: 'What stations should have configured', tags: ['configuration'], querystring: PageQuery, response: { 200: ConfigurationTemplatePage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listTemplates(db, pageRequest(request.query, ['uuid'])))),
  });
  app.route({
    ...at('PUT', '/configuration-templates'),
    schema: { summary: 'Set the template of the tenant or of a site', description: 'Whole. A site\'s goes before the tenant\'s, key by key. Standard keys are held against their type.', tags: ['configuration'], querystring: NoQuery, body: TemplatePut, response: { 200: ConfigurationTemplate } },
    async handler(request) {
      const { siteId, wanted } = request.body;
      const errors = Object.entries(wanted).flatMap(([key, value]) => { const message = valueProblem(key, value); return message === null ? [] : [{ path: `body.wanted.${key}`, message }]; });
      const twice = Object.keys(wanted).filter((key, i, all) => all.findIndex((other) => other.toLowerCase() === key.toLowerCase()) !== i);
      for (const key of twice) errors.push({ path: `body.wanted.${key}`, message: 'is there twice: keys compare without case' });
      if (errors.length > 0) throw new ApiProblem('invalid-request', { errors: errors.slice(0, 20) });
      return inTenant(pool, tenantOf(request), async (client) => {
        if (siteId !== null) found(await readSite(client, siteId));
        return found(await readTemplate(client, await setTemplate(client, { siteId, wanted }, actorOf(principalOf(request), parts.now()))));
      });
    },
  });
  app.route({
    ...at('DELETE', '/configuration-templates/:id'), schema: { summary: 'Take a template away; no station is changed by it', tags: ['configuration'], params: IdParams, querystring: NoQuery, response: { 204: z.null() } },
    async handler(request, reply) {
      found(await inTenant(pool, tenantOf(request), (client) => deleteTemplate(client, request.params.id, actorOf(principalOf(request), parts.now()))));
      return reply.code(204).send(null);
    },
  });

  app.route({
    ...at('GET', '/configuration-differences'),
    schema: { summary: 'Stations that are not what their template wants', description: 'A page may have fewer items than `limit`, or none: go on while there is a cursor.', tags: ['configuration'], querystring: DifferenceListQuery, response: { 200: DifferingStationPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listDifferences(db, pageRequest({ cursor, limit }, stationKey), filter)));
    },
  });
}
