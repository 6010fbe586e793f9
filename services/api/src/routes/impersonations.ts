import { Impersonation, ImpersonationCreate, ImpersonationStarted } from '@csms/contracts/http/impersonations';
import { endImpersonation, startImpersonation } from '@csms/store/access/impersonations';
import { inTenant } from '@csms/store/in-tenant';
import { apiSecretHmac, newApiSecret } from '../access/api-secrets.ts';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/**
 * Staff of the platform has no tenant (T-07). To help one it begins an impersonation: a secret of its own that opens that tenant's books for at most an hour,
 * with the reason in the tenant's audit and `impersonation` in `GET /me`, which the dashboard shows as a banner.
 */
export function impersonationRoutes(app: Api, parts: ApiParts): void {
  const { pool } = parts;

  app.route({
    ...at('POST', '/impersonations'),
    schema: { summary: 'Act as one of a tenant', description: 'The tenant reads who and why in its audit.', tags: ['impersonations'], querystring: NoQuery, body: ImpersonationCreate, response: { 201: ImpersonationStarted } },
    async handler(request, reply) {
      const { tenant, role, reason, minutes } = request.body;
      const [principal, now] = [principalOf(request), parts.now()];
      const secret = newApiSecret('csi', tenant);
      const impersonation = await inTenant(pool, tenant, async (client) => {
        const { rowCount } = await client.query('SELECT 1 FROM tenant WHERE id = $1', [tenant]);
        if (rowCount === 0) throw new ApiProblem('not-found');
        return startImpersonation(client, {
          staffSubject: principal.subject, staffName: principal.name, role, reason, secretHmac: apiSecretHmac(parts.pepper, secret), expiresAt: new Date(now.getTime() + minutes * 60_000),
        }, actorOf(principal, now));
      });
      return reply.code(201).send({ impersonation, secret: secret.text });
    },
  });

  app.route({
    ...at('DELETE', '/impersonations/current'), schema: { summary: 'End the impersonation that asks', tags: ['impersonations'], querystring: NoQuery, response: { 200: Impersonation } },
    async handler(request) {
      const principal = principalOf(request);
      const id = found(principal.impersonation).id;
      return found(await inTenant(pool, tenantOf(request), (client) => endImpersonation(client, id, actorOf(principal, parts.now()))));
    },
  });
}
