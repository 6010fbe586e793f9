import { IdParams } from '@csms/contracts/http/common';
import { Token } from '@csms/contracts/http/commerce';
import { Enrolment, EnrolmentAccept, EnrolmentCreate, EnrolmentListQuery, EnrolmentPage } from '@csms/contracts/http/drivers';
import { endEnrolment, isOver, listEnrolments, offeredCard, openEnrolment, readEnrolment } from '@csms/store/cards/enrolment-rows';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, readStation, readToken } from '@csms/store/read-models/index';
import { registerToken } from '@csms/store/register';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { dateOf, refersTo } from '../cards/given.ts';
import { actorOf, announce } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Tap to enrol: a window at a station, the card that was held to it, and somebody's word that it is to be one of ours. */
export function enrolmentRoutes(app: Api, parts: ApiParts): void {
  const { pool, cards } = parts;

  app.route({
    ...at('POST', '/stations/:id/enrolments'),
    schema: {
      summary: 'Wait for an unknown card at a station', tags: ['drivers'], params: IdParams, querystring: NoQuery, body: EnrolmentCreate, response: { 201: Enrolment },
      description: 'The next card that nobody knows and that is held to this station within the time is offered: `state` becomes `offered`, and the live stream says so. The station still refuses it. One window at a time for each station.',
    },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const id = parts.newId();
      const opened = await inTenant(pool, tenant, async (client) => {
        const station = found(await readStation(client, request.params.id));
        await openEnrolment(client, { id, stationId: station.id, until: new Date(actor.now.getTime() + request.body.seconds * 1_000) }, actor);
        return found(await readEnrolment(client, id, actor.now));
      });
      announce(parts, tenant);
      return reply.code(201).send(opened);
    },
  });

  app.route({
    ...at('GET', '/enrolments'), schema: { summary: 'Windows for unknown cards, latest first', tags: ['drivers'], querystring: EnrolmentListQuery, response: { 200: EnrolmentPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listEnrolments(db, pageRequest({ cursor, limit }, byTimeKey), filter, parts.now())));
    },
  });

  app.route({
    ...at('GET', '/enrolments/:id'), schema: { summary: 'One window, and the card that was offered', tags: ['drivers'], params: IdParams, querystring: NoQuery, response: { 200: Enrolment } },
    handler: async (request) => inTenant(pool, tenantOf(request), async (db) => found(await readEnrolment(db, request.params.id, parts.now()))),
  });

  app.route({
    ...at('POST', '/enrolments/:id/acceptance'),
    schema: { summary: 'Take the offered card on the books', description: 'Until ten minutes after the window\'s end.', tags: ['drivers'], params: IdParams, querystring: NoQuery, body: EnrolmentAccept, response: { 201: Token } },
    async handler(request, reply) {
      const tenantId = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const { validFrom, validUntil, ...card } = request.body;
      const made = await inTenant(pool, tenantId, async (client) => {
        const offered = found(await offeredCard(client, request.params.id));
        const uid = offered.sealedUid === null ? null : cards.open(tenantId, offered.sealedUid);
        if (offered.state !== 'offered' || isOver(offered, actor.now) || uid === null) throw new ApiProblem('wrong-state', { detail: offered.state === 'open' ? 'no card was held to the station yet' : `the enrolment is ${offered.state === 'offered' ? 'over' : offered.state}` });
        await refersTo(client, card);
        const tokenId = await registerToken(client, { uid, ...card, validFrom: dateOf(validFrom), validUntil: dateOf(validUntil), parentUid: null }, actor, { tenantId, keys: cards });
        await endEnrolment(client, { id: request.params.id, stationId: offered.stationId, tokenId }, actor);
        return found(await readToken(client, tokenId));
      });
      announce(parts, tenantId);
      return reply.code(201).send(made);
    },
  });

  app.route({
    ...at('DELETE', '/enrolments/:id'), schema: { summary: 'Close a window, or leave the offered card', tags: ['drivers'], params: IdParams, querystring: NoQuery, response: { 200: Enrolment } },
    async handler(request) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const closed = await inTenant(pool, tenant, async (client) => {
        const { state, stationId } = found(await offeredCard(client, request.params.id));
        if (state !== 'open' && state !== 'offered') throw new ApiProblem('wrong-state', { detail: `the enrolment is ${state}` });
        await endEnrolment(client, { id: request.params.id, stationId, tokenId: null }, actor);
        return found(await readEnrolment(client, request.params.id, actor.now));
      });
      announce(parts, tenant);
      return closed;
    },
  });
}
