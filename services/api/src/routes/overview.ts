import { Uuid } from '@csms/contracts/http/common';
import { Overview } from '@csms/contracts/http/sites';
import { inTenant } from '@csms/store/in-tenant';
import { attentionList, countNow, currencyOf, endedSessions, energyByHour, firstSite, localDay, readSite } from '@csms/store/read-models/index';
import { z } from 'zod';
import { mayCall } from '../access/principal.ts';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { found } from '../problems/api-problem.ts';
import { at } from '../route-entry.ts';

const OverviewQuery = z.object({ siteId: Uuid.optional() }).strict();

/** What the first screen shows, in one transaction of the books. */
export function overviewRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/overview'),
    schema: {
      summary: 'What is now, and what today brought', tags: ['overview'], querystring: OverviewQuery, response: { 200: Overview },
      description: 'Today is the site\'s local day (without `siteId`: of the tenant\'s first site, over all sites). Energy is what flowed today: of a session across midnight the linear share. Sessions and money are of the sessions that ended today.',
    },
    handler: async (request) => inTenant(parts.pool, tenantOf(request), async (db) => {
      const now = parts.now();
      const siteId = request.query.siteId ?? null;
      const timeZone = siteId === null ? ((await firstSite(db))?.timeZone ?? 'UTC') : found(await readSite(db, siteId)).timeZone;
      const day = await localDay(db, timeZone, now);
      const today = { siteId, from: day.from, until: now };
      const yesterday = { siteId, from: day.yesterday, until: day.from };
      const hourlyEnergy = await energyByHour(db, today);
      const sum = (hours: { energyWh: number }[]): number => Math.round(hours.reduce((total, hour) => total + hour.energyWh, 0) * 1_000) / 1_000;
      return {
        timeZone, currency: await currencyOf(db), ...(await countNow(db, siteId)),
        today: { from: day.from.toISOString(), energyWh: sum(hourlyEnergy), ...(await endedSessions(db, today)), hourlyEnergy },
        yesterday: { energyWh: sum(await energyByHour(db, yesterday)), ...(await endedSessions(db, yesterday)) },
        attention: await attentionList(db, { siteId, now, withKnocking: mayCall(principalOf(request), 'operator') }),
        asOf: now.toISOString(),
      };
    }),
  });
}
