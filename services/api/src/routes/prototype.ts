import { LegacyForecast, LegacyModelMetrics, LegacyQuery, LegacyStation, LegacyUser, LegacyUserCreate, legacySiteHeader } from '@csms/contracts/http/legacy';
import { currentForecast, models } from '@csms/store/forecast/index';
import type { Queryable } from '@csms/store/forecast/index';
import { inTenant } from '@csms/store/in-tenant';
import { firstSite, listSites, listStations, listTokens, readSite, readToken } from '@csms/store/read-models/index';
import type { PageRequest } from '@csms/store/read-models/index';
import { registerToken } from '@csms/store/register';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const hourMs = 3_600_000;
const wholeList = { after: null, limit: 500 };

/** The prototype's paths as aliases, in its shapes. They read the same ledger; what has no model says which one is missing. */
export function prototypeRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;
  const siteOf = async (db: Queryable, query: z.infer<typeof LegacyQuery>, reply: FastifyReply): Promise<string> => {
    const named = query.siteId ?? query.site;
    const { id } = found(named === undefined ? await firstSite(db) : await siteNamed(db, named));
    // The shape has no place for it, and a tenant with several sites has to know whose figures these are.
    void reply.header(legacySiteHeader, id);
    return id;
  };

  app.route({
    ...at('GET', '/predict/availability'), schema: { summary: 'The 24 hours of the load forecast that was issued last, kWh an hour', description: 'Alias of /forecasts/:siteId in the shape of the prototype: from the first hour of the forecast that runs now. `site` is an id or a name; the header `x-csms-site` says whose it is.', deprecated: true, tags: ['prototype'], querystring: LegacyQuery, response: { 200: LegacyForecast } },
    handler: async (request, reply) => inTenant(pool, tenantOf(request), async (db) => {
      const now = parts.now();
      const forecast = found(await currentForecast(db, await siteOf(db, request.query, reply), now));
      const hours = forecast.points.slice(0, 24).map((point) => point.meanWh / 1_000);
      // One that has run out says nothing of what comes, and hours that nobody forecast are not made up.
      const isOver = Date.parse(forecast.points.at(-1)?.at ?? '1970-01-01T00:00:00.000Z') + hourMs <= now.getTime();
      if (hours.length < 24 || isOver) throw new ApiProblem('model-missing', { detail: `no load forecast covers the hours that come: ${forecast.reason ?? `the status is ${forecast.status}`}` });
      return { forecast: hours };
    }),
  });

  app.route({
    ...at('GET', '/model/metrics'), schema: { summary: 'How the load model did', description: 'Alias of /models/:siteId in the shape of the prototype. `site` is an id or a name; the header `x-csms-site` says whose it is.', deprecated: true, tags: ['prototype'], querystring: LegacyQuery, response: { 200: LegacyModelMetrics } },
    handler: async (request, reply) => inTenant(pool, tenantOf(request), async (db) => {
      const siteId = await siteOf(db, request.query, reply);
      const champion = (await models(db, siteId, parts.now())).find((model) => model.state === 'champion');
      const metrics = z.object({ maeWh: z.number(), issued: z.object({ maeWh: z.number().nullable(), hours: z.number() }).optional() }).safeParse(champion?.metrics);
      if (!champion || !metrics.success) throw new ApiProblem('model-missing', { detail: 'no load model serves this site yet' });
      const issued = metrics.data.issued;
      // Before an issued hour is over, the days that the model was judged on speak for it.
      const judged = issued === undefined || issued.maeWh === null || issued.hours === 0;
      return { load_model_mae: (judged ? metrics.data.maeWh : issued.maeWh ?? 0) / 1_000, sample_size: judged ? champion.sampleSessions : issued.hours, last_trained: Date.parse(champion.trainedAt) / 1_000 };
    }),
  });

  app.route({
    ...at('GET', '/cps'), schema: { summary: 'Charge points', description: 'Alias of /stations in the shape of the prototype.', deprecated: true, tags: ['prototype'], querystring: NoQuery, response: { 200: z.array(LegacyStation) } },
    handler: async (request) => (await inTenant(pool, tenantOf(request), (db) => listStations(db, wholeList, {}))).items
      .map((station) => ({ id: station.identity, status: station.worst, vendor: station.vendor, model: station.model, last_seen: station.lastSeenAt })),
  });

  app.route({
    ...at('GET', '/users'), schema: { summary: 'Card holders', description: 'Alias of /tokens in the shape of the prototype; card numbers are masked.', deprecated: true, tags: ['prototype'], querystring: NoQuery, response: { 200: z.array(LegacyUser) } },
    handler: async (request) => (await inTenant(pool, tenantOf(request), (db) => listTokens(db, wholeList))).items.map(userOf),
  });

  app.route({
    ...at('POST', '/users'), schema: { summary: 'Register a card', description: 'Alias of POST /tokens in the shape of the prototype.', deprecated: true, tags: ['prototype'], querystring: NoQuery, body: LegacyUserCreate, response: { 201: LegacyUser } },
    async handler(request, reply) {
      const { uid, name } = request.body;
      return reply.code(201).send(userOf(await inTenant(pool, tenantOf(request), async (client) => {
        const id = await registerToken(client, { uid, kind: 'rfid', driverName: name, validUntil: null, parentUid: null }, actorOf(principalOf(request), parts.now()), { tenantId: tenantOf(request), keys: parts.cards });
        return found(await readToken(client, id));
      })));
    },
  });

  const missing = [
    ['/predict/maintenance', 'When a station will need maintenance', 'no maintenance model has been trained'],
    ['/health/score', 'How well the stations are', 'no health model has been trained'],
    ['/analytics/users', 'Groups of drivers', 'no model of drivers has been trained'],
    ['/optimize/load', 'A plan of the load', 'no model plans the load yet'],
  ] as const;
  for (const [path, summary, detail] of missing) {
    app.route({
      ...at('GET', path), schema: { summary, description: 'Answers 501 until there is a model.', deprecated: true, tags: ['prototype'], querystring: LegacyQuery },
      handler() { throw new ApiProblem('model-missing', { detail }); },
    });
  }
}

/** A site by its id, its name or its namespace/name; a name that more than one has is refused with those that it could be. */
async function siteNamed(db: Queryable, named: string): Promise<{ id: string } | null> {
  if (z.uuid().safeParse(named).success) return readSite(db, named);
  const sites = [];
  for (let after: PageRequest['after'] = null, more = true; more;) {
    const page: Awaited<ReturnType<typeof listSites>> = await listSites(db, { after, limit: 500 });
    sites.push(...page.items.filter((site) => site.name === named || `${site.namespace}/${site.name}` === named));
    after = page.next;
    more = after !== null;
  }
  if (sites.length > 1) throw new ApiProblem('invalid-request', { detail: `several sites have this name: ${sites.map((site) => `${site.namespace}/${site.name}`).join(', ')}` });
  return sites[0] ?? null;
}

function userOf(token: { id: string; uidMasked: string; driverName: string | null }): z.infer<typeof LegacyUser> {
  return { id: token.id, id_tag: token.uidMasked, name: token.driverName };
}
