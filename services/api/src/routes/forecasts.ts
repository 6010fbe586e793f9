import { Uuid } from '@csms/contracts/http/common';
import { ModelList, SiteForecast } from '@csms/contracts/http/forecasts';
import { currentForecast, models, trainingRuns } from '@csms/store/forecast/index';
import { inTenant } from '@csms/store/in-tenant';
import { readSite } from '@csms/store/read-models/index';
import { z } from 'zod';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const SiteParams = z.object({ siteId: Uuid });
const SiteQuery = z.object({ siteId: Uuid.optional() }).strict();

/** What the platform forecasts, with which model, and how it did. What has no model says so. */
export function forecastRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/forecasts/:siteId'), schema: { summary: 'The load forecast of a site beside what came', tags: ['forecasts'], params: SiteParams, querystring: NoQuery, response: { 200: SiteForecast } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), async (db) => {
      found(await readSite(db, request.params.siteId));
      return currentForecast(db, request.params.siteId, parts.now());
    })),
  });

  app.route({
    ...at('GET', '/models/:siteId'), schema: { summary: 'The models of a site and the runs that made them', tags: ['models'], params: SiteParams, querystring: NoQuery, response: { 200: ModelList } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (db) => {
      const { id } = found(await readSite(db, request.params.siteId));
      return { items: await models(db, id, parts.now()), runs: await trainingRuns(db, id) };
    }),
  });

  app.route({
    ...at('GET', '/health-scores'), schema: { summary: 'How well each station is', description: 'Answers 501 until a health model is trained.', tags: ['health-scores'], querystring: SiteQuery },
    handler() { throw new ApiProblem('model-missing', { detail: 'no health model has been trained' }); },
  });
}
