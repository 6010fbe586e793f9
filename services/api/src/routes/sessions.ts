import { IdParams } from '@csms/contracts/http/common';
import { MeterValueListQuery, MeterValuePage, Session, SessionCurve, SessionExplanation, SessionListQuery, SessionPage } from '@csms/contracts/http/sessions';
import { inTenant } from '@csms/store/in-tenant';
import { explainSession, listMeterValues, listSessions, meterValueKey, readCurve, readSession, readStation, sessionKey } from '@csms/store/read-models/index';
import { z } from 'zod';
import { tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const CurveQuery = z.object({ points: z.coerce.number().int().min(2).max(2_000).default(500) }).strict();

export function sessionRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/sessions'), schema: { summary: 'Sessions, latest start first', tags: ['sessions'], querystring: SessionListQuery, response: { 200: SessionPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listSessions(db, pageRequest({ cursor, limit }, sessionKey), filter)));
    },
  });

  app.route({
    ...at('GET', '/sessions/:id'), schema: { summary: 'One session', tags: ['sessions'], params: IdParams, querystring: NoQuery, response: { 200: Session } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readSession(db, request.params.id))),
  });

  app.route({
    ...at('GET', '/sessions/:id/curve'), schema: { summary: 'Power and energy as they grew', tags: ['sessions'], params: IdParams, querystring: CurveQuery, response: { 200: SessionCurve } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readCurve(db, request.params.id, request.query.points))),
  });

  app.route({
    ...at('GET', '/sessions/:id/explanation'), schema: { summary: 'Every message, price line and duplicate of a session', tags: ['sessions'], params: IdParams, querystring: NoQuery, response: { 200: SessionExplanation } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => explainSession(db, request.params.id))),
  });

  app.route({
    ...at('GET', '/meter-values'), schema: { summary: 'Readings of a station, latest first', tags: ['meter-values'], querystring: MeterValueListQuery, response: { 200: MeterValuePage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), async (db) => {
        found(await readStation(db, filter.stationId));
        return listMeterValues(db, pageRequest({ cursor, limit }, meterValueKey), filter);
      }));
    },
  });
}
