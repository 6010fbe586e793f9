import { LabAction, LabActionResult, LabProof, LabState } from '@csms/contracts/http/lab';
import { inTenant } from '@csms/store/in-tenant';
import { findInBooks, ownIdentities } from '@csms/store/read-models/index';
import { audit } from '@csms/store/register';
import type pg from 'pg';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { askLab } from '../lab-client.ts';
import { proveTransactions } from '../lab-proof.ts';
import { actorOf } from '../mutation.ts';
import { ApiProblem } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

const Truth = z.object({
  identity: z.string(), connectorId: z.number().int(), idTag: z.string(), startedAt: z.iso.datetime({ offset: true }), meterStartWh: z.number(), transactionRef: z.string().nullable(),
  energyWh: z.number().nullable(), startAcknowledged: z.boolean(), stoppedAt: z.string().optional(), stopAcknowledged: z.boolean(), abandoned: z.string().optional(),
});
/** Without a fleet the launcher answers an empty list. */
const TruthAnswer = z.union([z.object({ transactions: z.array(Truth) }), z.array(Truth).transform((transactions) => ({ transactions }))]);
const Refusal = z.object({ ok: z.boolean(), message: z.string() });

/** The lab page: hands for the simulated fleet, and the proof that nothing was lost. A tenant sees and touches its own stations alone. */
export function labRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;
  const lab = (): { url: string; token: string } => {
    if (parts.lab === null) throw new ApiProblem('lab-unreachable', { detail: 'CSMS_LAB_URL is not set' });
    return parts.lab;
  };

  app.route({
    ...at('GET', '/lab/state'), schema: { summary: 'The simulated fleet and the processes', tags: ['lab'], querystring: NoQuery, response: { 200: LabState } },
    async handler(request) {
      const state = await askLab(lab(), 'GET', '/state', LabState);
      const own = await inTenant(pool, tenantOf(request), (db) => ownIdentities(db, state.stations.map((station) => station.identity)));
      return { ...state, stations: state.stations.filter((station) => own.has(station.identity)) };
    },
  });

  app.route({
    ...at('GET', '/lab/proof'),
    schema: { summary: 'The chargers\' own truth beside the books', description: 'Every acknowledged transaction must be in the books once, with the same Wh, and billed once.', tags: ['lab'], querystring: NoQuery, response: { 200: LabProof } },
    async handler(request) {
      const { transactions } = await askLab(lab(), 'GET', '/truth', TruthAnswer);
      return inTenant(pool, tenantOf(request), async (db) => {
        const own = await ownIdentities(db, [...new Set(transactions.map((truth) => truth.identity))]);
        const mine = transactions.filter((truth) => own.has(truth.identity));
        return proveTransactions(mine, await findInBooks(db, mine.map((truth) => ({ ...truth, idTag: parts.cards.reference(tenantOf(request), truth.idTag) }))), parts.now());
      });
    },
  });

  app.route({
    ...at('POST', '/lab/actions'), schema: { summary: 'Plug, tap, cut, kill', tags: ['lab'], querystring: NoQuery, body: LabAction, response: { 200: LabActionResult } },
    async handler(request) {
      const tenant = tenantOf(request);
      const action = request.body;
      const target = 'identity' in action ? action.identity : 'name' in action ? action.name : 'bus';
      if ('identity' in action && !(await inTenant(pool, tenant, (db) => ownIdentities(db, [action.identity]))).has(action.identity)) throw new ApiProblem('not-found');
      const result = await askLab(lab(), 'POST', '/actions', Refusal, action);
      await inTenant(pool, tenant, (client: pg.PoolClient) => audit(client, actorOf(principalOf(request), parts.now()), `lab.${action.action}`, target, { ok: result.ok }));
      return result;
    },
  });
}
