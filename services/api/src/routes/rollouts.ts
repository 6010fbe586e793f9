import { IdParams, PageQuery } from '@csms/contracts/http/common';
import { Rollout, RolloutCreate, RolloutPage } from '@csms/contracts/http/firmware';
import { readFirmware } from '@csms/store/firmware/catalogue';
import { changeRollout, listRollouts, readRollout, startRollout } from '@csms/store/firmware/rollouts';
import { inTenant } from '@csms/store/in-tenant';
import { byTimeKey, readSite } from '@csms/store/read-models/index';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { KeyHeader, keyOf } from '../idempotency-key.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Firmware on its way to many stations: one, a tenth, all. */
export function rolloutRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('GET', '/rollouts'), schema: { summary: 'Rollouts, latest first', tags: ['firmware'], querystring: PageQuery, response: { 200: RolloutPage } },
    handler: async (request) => pageAnswer(await inTenant(pool, tenantOf(request), (db) => listRollouts(db, pageRequest(request.query, byTimeKey)))),
  });
  app.route({
    ...at('GET', '/rollouts/:id'), schema: { summary: 'One rollout and how far it is', tags: ['firmware'], params: IdParams, querystring: NoQuery, response: { 200: Rollout } },
    handler: async (request) => found(await inTenant(pool, tenantOf(request), (db) => readRollout(db, request.params.id))),
  });

  app.route({
    ...at('POST', '/rollouts'),
    schema: {
      summary: 'Bring firmware to every station that it fits', tags: ['firmware'], querystring: NoQuery, headers: KeyHeader, body: RolloutCreate, response: { 201: Rollout },
      description: 'First one station, then a tenth, then all, never more than a tenth at once. It stops by itself when more than 5 % of the stations asked so far failed.',
    },
    async handler(request, reply) {
      const made = await inTenant(pool, tenantOf(request), async (client) => {
        const firmware = found(await readFirmware(client, request.body.firmwareId));
        if (firmware.state !== 'approved') throw new ApiProblem('firmware-not-approved');
        if (request.body.siteId !== null) found(await readSite(client, request.body.siteId));
        const started = await startRollout(client, { ...request.body, key: keyOf(request) }, actorOf(principalOf(request), parts.now()));
        if (started === 'no-station') throw new ApiProblem('firmware-does-not-fit', { detail: `no station there is a ${firmware.vendor} ${firmware.model} with another version` });
        if (started === 'on-its-way') throw new ApiProblem('firmware-on-its-way', { detail: 'a rollout of this firmware there is not over' });
        if (started === 'key-reused') throw new ApiProblem('idempotency-key-reused');
        return found(await readRollout(client, started.id));
      });
      return reply.code(201).send(made);
    },
  });

  const changes = [
    ['pause', 'Ask no further station', at('POST', '/rollouts/:id/pause')], ['resume', 'Go on; failures so far are not counted against it again', at('POST', '/rollouts/:id/resume')],
    ['abort', 'Ask no further station, for good', at('POST', '/rollouts/:id/abort')],
  ] as const;
  for (const [what, summary, route] of changes) {
    app.route({
      ...route, schema: { summary, tags: ['firmware'], params: IdParams, querystring: NoQuery, response: { 200: Rollout } },
      handler: (request) => inTenant(pool, tenantOf(request), async (client) => {
        if (found(await changeRollout(client, request.params.id, what, actorOf(principalOf(request), parts.now()))) === 'wrong-state') throw new ApiProblem('wrong-state', { detail: `a rollout in this state cannot be told to ${what}` });
        return found(await readRollout(client, request.params.id));
      }),
    });
  }
}
