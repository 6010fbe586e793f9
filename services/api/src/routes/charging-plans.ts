import { ChargingPlanClear, ChargingPlanCleared, ChargingPlanCreate, ChargingPlanListQuery, ChargingPlanPage, ChargingPlanRead, Composite, CompositeAsk } from '@csms/contracts/http/charging-plans';
import { IdParams } from '@csms/contracts/http/common';
import type { Session } from '@csms/contracts/http/sessions';
import { checkPlan, replaces } from '@csms/domain/charging-plan/check-plan';
import { compositeSchedule } from '@csms/domain/charging-plan/composite';
import { chargingPlanKey, insertPlan, installedPlans, listPlans, readPlan } from '@csms/store/charging-plan/plan-rows';
import { inTenant } from '@csms/store/in-tenant';
import { listSessions, readSession, readStation } from '@csms/store/read-models/index';
import { audit } from '@csms/store/register';
import type pg from 'pg';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { askStation } from '../ask-station.ts';
import { readComposite } from '../charging-plan/composite-answer.ts';
import { planLimits } from '../charging-plan/plan-limits.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

export function chargingPlanRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;
  const stationHere = (tenant: string, id: string) => inTenant(pool, tenant, async (db) => found(await readStation(db, id)).id);

  app.route({
    ...at('GET', '/stations/:id/charging-plans'), schema: { summary: 'Charging profiles that we made for a station, latest first', tags: ['charging-plans'], params: IdParams, querystring: ChargingPlanListQuery, response: { 200: ChargingPlanPage } },
    async handler(request) {
      const { cursor, limit, installed } = request.query;
      return pageAnswer(await inTenant(pool, tenantOf(request), async (db) => {
        const { id: stationId } = found(await readStation(db, request.params.id));
        return listPlans(db, pageRequest({ cursor, limit }, chargingPlanKey), { stationId, installed }, parts.now());
      }));
    },
  });

  app.route({
    ...at('POST', '/stations/:id/charging-plans'),
    schema: {
      summary: 'Set a charging profile', tags: ['charging-plans'], params: IdParams, querystring: NoQuery, body: ChargingPlanCreate, response: { 201: ChargingPlanRead },
      description: 'Held against what the station takes, which it is asked for where that is not known; then sent. The answer says whether the station took it. One of the same purpose, stack level and EVSE is replaced.',
    },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const stationId = await stationHere(tenant, request.params.id);
      const { evseId, sessionId, timeoutMs, ...fields } = request.body;
      if ((fields.purpose === 'session') !== (sessionId !== null)) throw wrong([{ path: 'sessionId', message: 'is for a plan of one session, which needs it' }]);
      const limits = await planLimits(parts, { tenant, stationId, createdBy: actor.name, timeoutMs });
      const id = parts.newId();
      const plan = await inTenant(pool, tenant, async (db) => {
        const session = sessionId === null ? null : await runningSession(db, stationId, evseId, sessionId);
        const wanted = { ...fields, validFrom: stamp(fields.validFrom), validTo: stamp(fields.validTo), startsAt: stamp(fields.startsAt), transactionRef: session?.transactionRef ?? null };
        const others = (await installedPlans(db, stationId, actor.now)).filter((known) => !replaces({ evseId, ...fields }, { evseId: known.evseId, ...known.plan }));
        const faults = checkPlan({ ...wanted, profileId: 0 }, evseId, limits, others.length);
        if (faults.length > 0) throw wrong(faults);
        await audit(db, actor, 'charging-plan.set', id, { stationId, evseId, purpose: fields.purpose, stackLevel: fields.stackLevel });
        return insertPlan(db, { id, stationId, evseId, plan: wanted, sessionId, createdBy: actor.name, createdAt: actor.now });
      });
      await askStation(parts, { tenant, stationId, createdBy: actor.name, timeoutMs, idempotencyKey: `charging-plan/${id}`, command: { action: 'set-charging-profile', evseId, plan } });
      return reply.code(201).send(await inTenant(pool, tenant, async (db) => found(await readPlan(db, stationId, id, parts.now()))));
    },
  });

  app.route({
    ...at('POST', '/stations/:id/charging-plans/clear'),
    schema: { summary: 'Clear charging profiles', description: 'One plan, or each that fits what is named; nothing named: all of the station.', tags: ['charging-plans'], params: IdParams, querystring: NoQuery, body: ChargingPlanClear, response: { 200: ChargingPlanCleared } },
    async handler(request) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const stationId = await stationHere(tenant, request.params.id);
      const { planId, timeoutMs, ...filter } = request.body;
      const before = await inTenant(pool, tenant, async (db) => {
        const plan = planId === null ? null : found(await readPlan(db, stationId, planId, actor.now));
        await audit(db, actor, 'charging-plan.clear', stationId, { planId, ...filter });
        return { profileId: plan?.profileId ?? null, installed: await installedPlans(db, stationId, actor.now) };
      });
      const record = await askStation(parts, { tenant, stationId, createdBy: actor.name, timeoutMs, command: { action: 'clear-charging-profile', ...filter, profileId: before.profileId } });
      const left = new Set((await inTenant(pool, tenant, (db) => installedPlans(db, stationId, actor.now))).map((plan) => plan.id));
      return { commandId: record.id, commandState: record.state, detail: record.detail, cleared: before.installed.filter((plan) => !left.has(plan.id)).length };
    },
  });

  app.route({
    ...at('POST', '/stations/:id/charging-plans/composite'),
    schema: {
      summary: 'The composite schedule: asked of the station, and as it follows from its plans', tags: ['charging-plans'], params: IdParams, querystring: NoQuery, body: CompositeAsk, response: { 200: Composite },
      description: '`differences` names each time in which the two say different limits; where no plan of ours says anything, whatever the station allows is right. A lower limit of the station may be that of its cable or fuse.',
    },
    async handler(request) {
      const tenant = tenantOf(request);
      const actor = actorOf(principalOf(request), parts.now());
      const stationId = await stationHere(tenant, request.params.id);
      const { evseId, durationS, unit, timeoutMs } = request.body;
      const record = await askStation(parts, { tenant, stationId, createdBy: actor.name, timeoutMs, command: { action: 'get-composite-schedule', evseId, durationS, unit } });
      const from = record.answeredAt ?? parts.now();
      const { plans, session } = await inTenant(pool, tenant, async (db) => ({ plans: await installedPlans(db, stationId, from), session: await sessionAt(db, stationId, evseId) }));
      const ours = compositeSchedule(plans, { evseId, from, durationS, unit, session: session === null ? null : { startedAt: new Date(session.startedAt), transactionRef: session.transactionRef } });
      return { stationId, evseId, from: from.toISOString(), durationS, unit, ours, ...readComposite(record.result, ours, { from, durationS, unit }), commandId: record.id, commandState: record.state, detail: record.detail };
    },
  });
}

function wrong(faults: readonly { path: string; message: string }[]): ApiProblem {
  return new ApiProblem('invalid-request', { errors: faults.map(({ path, message }) => ({ path: `body.${path}`, message })) });
}

/** One way to write a time, so that times compare as text. */
function stamp(time: string | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** The session that a plan is to be of: it runs, on this EVSE of this station. */
async function runningSession(db: pg.PoolClient, stationId: string, evseId: number, sessionId: string): Promise<Session> {
  const session = found(await readSession(db, sessionId));
  if (session.stationId !== stationId) throw new ApiProblem('not-found');
  if (session.state !== 'active') throw new ApiProblem('session-not-active');
  if (session.evseId !== evseId) throw wrong([{ path: 'evseId', message: `the session runs on EVSE ${session.evseId}` }]);
  return session;
}

/** What runs on an EVSE, the newest first. */
async function sessionAt(db: pg.PoolClient, stationId: string, evseId: number): Promise<Session | null> {
  const { items } = await listSessions(db, { after: null, limit: 50 }, { stationId, state: 'active' });
  return items.find((session) => session.evseId === evseId) ?? null;
}
