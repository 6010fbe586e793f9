import { IdParams } from '@csms/contracts/http/common';
import { Site, SiteListQuery, SiteObserved, SitePage, SiteUpsert } from '@csms/contracts/http/sites';
import { trainingStatus } from '@csms/store/forecast/index';
import { inTenant } from '@csms/store/in-tenant';
import { listSites, observeSite, readSite, siteKey } from '@csms/store/read-models/index';
import { deleteSite, registerTenant, upsertSite } from '@csms/store/register';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf, announce } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const kubernetesName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
const ResourceParams = z.object({ namespace: kubernetesName, name: kubernetesName });
const TenantName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
// The one place where a caller names a tenant: staff of the platform, who have none, and the tenant is the namespace's.
const OfTenant = z.object({ tenant: TenantName }).strict();
const Upsert = SiteUpsert.extend({ tenant: TenantName, timeZone: z.string().refine(isTimeZone, 'not a time zone of the IANA database') }).strict();

export function siteRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/sites'), schema: { summary: 'Sites', tags: ['sites'], querystring: SiteListQuery, response: { 200: SitePage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listSites(db, pageRequest(request.query, siteKey)))),
  });

  app.route({
    ...at('GET', '/sites/:id'), schema: { summary: 'One site', tags: ['sites'], params: IdParams, querystring: NoQuery, response: { 200: Site } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readSite(db, request.params.id))),
  });

  const observed = async (tenant: string, key: { namespace: string; name: string }): Promise<SiteObserved> => inTenant(pool, tenant, async (db) => {
    const site = found(await observeSite(db, key));
    const { status, lastSuccess, model } = await trainingStatus(db, site.id, parts.now());
    return { ...site, tenant, training: { status, lastSuccess, model: model && { kind: model.kind, rmse: model.rmse, skill: model.skill } } };
  });

  app.route({
    ...at('PUT', '/sites/by-resource/:namespace/:name'),
    schema: { summary: 'Mirror a ChargingSite into the books', description: 'Creates the tenant at its first site; a site that was deleted is taken up again with its books.', tags: ['sites'], params: ResourceParams, querystring: NoQuery, body: Upsert, response: { 200: SiteObserved } },
    async handler(request) {
      const { tenant, tenantDisplayName, ...site } = request.body;
      const actor = actorOf(principalOf(request), parts.now());
      await registerTenant(pool, { id: tenant, displayName: tenantDisplayName ?? tenant });
      await inTenant(pool, tenant, (client) => upsertSite(client, { ...request.params, ...site }, actor));
      announce(parts, tenant);
      return observed(tenant, request.params);
    },
  });

  app.route({
    ...at('GET', '/sites/by-resource/:namespace/:name'),
    schema: { summary: 'What the operator mirrors into status', tags: ['sites'], params: ResourceParams, querystring: OfTenant, response: { 200: SiteObserved } },
    handler: async (request) => observed(request.query.tenant, request.params),
  });

  app.route({
    ...at('DELETE', '/sites/by-resource/:namespace/:name'),
    schema: { summary: 'Take a site off; its books are kept', tags: ['sites'], params: ResourceParams, querystring: OfTenant, response: { 204: z.null() } },
    async handler(request, reply) {
      const { tenant } = request.query;
      found(await inTenant(pool, tenant, (client) => deleteSite(client, request.params, actorOf(principalOf(request), parts.now()))));
      announce(parts, tenant);
      return reply.code(204).send(null);
    },
  });
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
