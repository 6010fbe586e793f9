import { IdParams } from '@csms/contracts/http/common';
import { Reservation, ReservationCreate, ReservationListQuery, ReservationPage } from '@csms/contracts/http/reservations';
import { decideAuthorization } from '@csms/domain/authorization/decide';
import { isOpen } from '@csms/domain/reservation/reservation';
import { loadTokens, type BookedToken } from '@csms/store/books/token-rows';
import { inTenant } from '@csms/store/in-tenant';
import { readStation } from '@csms/store/read-models/index';
import { audit } from '@csms/store/register';
import { findReservation, insertReservation, listReservations, readReservation, reservationKey } from '@csms/store/reservation/reservation-rows';
import type pg from 'pg';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { askStation } from '../ask-station.ts';
import { actorOf, announce } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const KeyHeader = z.object({ 'idempotency-key': z.string().regex(/^[\x21-\x7e]{1,200}$/).optional().describe('the same key again is the same reservation') });
const lastsDaysMax = 31;
const cancelMs = 30_000;

export function reservationRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;
  const shown = (tenant: string, id: string) => inTenant(pool, tenant, async (db) => found(await readReservation(db, id, parts.now())));

  app.route({
    ...at('GET', '/reservations'), schema: { summary: 'Reservations, latest first', tags: ['reservations'], querystring: ReservationListQuery, response: { 200: ReservationPage } },
    async handler(request) {
      const { cursor, limit, ...filter } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), (db) => listReservations(db, pageRequest({ cursor, limit }, reservationKey), filter, parts.now())));
    },
  });

  app.route({
    ...at('GET', '/reservations/:id'), schema: { summary: 'One reservation and what became of it', tags: ['reservations'], params: IdParams, querystring: NoQuery, response: { 200: Reservation } },
    handler: async (request) => shown(tenantOf(request), request.params.id),
  });

  app.route({
    ...at('POST', '/reservations'),
    schema: {
      summary: 'Keep an EVSE free for a card', tags: ['reservations'], querystring: NoQuery, headers: KeyHeader, body: ReservationCreate, response: { 201: Reservation, 200: Reservation },
      description: 'Asks the station and answers with what it said: `active`, or `refused` with the reason in `detail`. `pending` means that nobody knows whether the station keeps it.',
    },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const { stationId, evseId, tokenUid, expiresAt: until, timeoutMs } = request.body;
      const expiresAt = new Date(until);
      const lastsMs = expiresAt.getTime() - actor.now.getTime();
      if (lastsMs <= 0 || lastsMs > lastsDaysMax * 86_400_000) throw wrong('expiresAt', `must be in the future, and within ${lastsDaysMax} days`);
      const booked = parts.cards.reference(tenant, tokenUid);
      const { reservation, isNew, parent } = await inTenant(pool, tenant, async (db) => {
        found(await readStation(db, stationId));
        const card = await goodCard(db, parts.cards.spellings(tenant, tokenUid), { now: actor.now, stationId });
        if (tokenUid.length > 20) throw wrong('tokenUid', 'a 1.6 station takes card numbers of at most 20 characters');
        const made = await insertReservation(db, { id: parts.newId(), stationId, evseId, tokenUid: booked, parentUid: card.parentUid, expiresAt, idempotencyKey: request.headers['idempotency-key'] ?? parts.newId(), createdBy: actor.name, createdAt: actor.now });
        if (made.isNew) await audit(db, actor, 'reservation.create', made.reservation.id, { stationId, evseId, expiresAt: until });
        return { ...made, parent: card.sealedParent ?? card.parentUid };
      });
      const same = reservation.stationId === stationId && reservation.evseId === evseId && reservation.tokenUid === booked && reservation.expiresAt.getTime() === expiresAt.getTime();
      if (!same) throw new ApiProblem('idempotency-key-reused');
      announce(parts, tenant);
      // The key is made of the reservation's own: however often it is asked for, one frame is written.
      await askStation(parts, {
        tenant, stationId, createdBy: actor.name, timeoutMs, idempotencyKey: `reservation/${reservation.id}`,
        command: { action: 'reserve-now', reservationId: reservation.number, evseId, tokenUid, parentUid: parent === null ? null : parts.cards.open(tenant, parent), expiresAt: expiresAt.toISOString() },
      });
      return reply.code(isNew ? 201 : 200).send(await shown(tenant, reservation.id));
    },
  });

  app.route({
    ...at('DELETE', '/reservations/:id'),
    schema: {
      summary: 'Cancel a reservation', tags: ['reservations'], params: IdParams, querystring: NoQuery, response: { 200: Reservation },
      description: 'Asks the station. Where it cannot be asked the reservation stays as it is, because the station keeps it; `detail` says so.',
    },
    async handler(request) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const reservation = await inTenant(pool, tenant, async (db) => {
        const known = found(await findReservation(db, request.params.id));
        if (!isOpen(known, actor.now)) throw new ApiProblem('reservation-not-open');
        await audit(db, actor, 'reservation.cancel', known.id, null);
        return known;
      });
      await askStation(parts, { tenant, stationId: reservation.stationId, createdBy: actor.name, timeoutMs: cancelMs, command: { action: 'cancel-reservation', reservationId: reservation.number } });
      return shown(tenant, reservation.id);
    },
  });
}

function wrong(field: string, message: string): ApiProblem {
  return new ApiProblem('invalid-request', { errors: [{ path: `body.${field}`, message }] });
}

/** A card that may charge; a reservation for any other would keep an EVSE from everybody. */
async function goodCard(db: pg.PoolClient, spellings: readonly string[], about: { now: Date; stationId: string }): Promise<BookedToken> {
  const { tokens } = await loadTokens(db, [spellings]);
  const token = tokens.get((spellings[0] ?? '').toLowerCase()) ?? null;
  const decision = decideAuthorization(token, [], about.now, { sessionId: null, stationId: about.stationId });
  if (token === null || decision !== 'Accepted') throw new ApiProblem('card-not-accepted', { detail: `the card is ${decision}` });
  return token;
}
