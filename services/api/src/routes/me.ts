import { Me } from '@csms/contracts/http/commerce';
import { cutAccess } from '@csms/store/access/access-cuts';
import { inTenant } from '@csms/store/in-tenant';
import { currencyOf } from '@csms/store/read-models/index';
import { audit } from '@csms/store/register';
import { z } from 'zod';
import { principalOf } from '../access/guard.ts';
import { staffBook } from '../access/principal.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Who the token says is asking, and the end of all that they are signed in with. */
export function meRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('GET', '/me'), schema: { summary: 'Who you are', tags: ['me'], querystring: NoQuery, response: { 200: Me } },
    async handler(request) {
      const { subject, name, tenant, roles, impersonation, expiresAtMs } = principalOf(request);
      const currency = tenant === null ? 'IDR' : await inTenant(parts.pool, tenant, currencyOf);
      return {
        subject, name, tenant, roles, mode: parts.mode, currency,
        impersonation: impersonation && { id: impersonation.id, staff: name ?? subject, reason: impersonation.reason, expiresAt: new Date(expiresAtMs).toISOString() },
      };
    },
  });

  app.route({
    ...at('POST', '/me/sign-out-everywhere'),
    schema: { summary: 'Sign out everywhere', description: 'Ends every session at the issuer, and every access token that you have now: within 10 s on every route, at once where something cannot be taken back.', tags: ['me'], querystring: NoQuery, response: { 204: z.null() } },
    async handler(request, reply) {
      const principal = principalOf(request);
      const actor = actorOf(principal, parts.now());
      await inTenant(parts.pool, principal.tenant ?? staffBook, async (client) => {
        await cutAccess(client, principal.subject, actor.now);
        await audit(client, actor, 'access.sign-out-everywhere', principal.subject, null);
        await parts.people?.endSessions(principal.subject);
      });
      return reply.code(204).send(null);
    },
  });
}
