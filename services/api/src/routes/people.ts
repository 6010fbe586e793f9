import { Person, PersonInvite, PersonInvited, PersonPage, PersonParams, PersonPatch } from '@csms/contracts/http/people';
import { PageQuery } from '@csms/contracts/http/common';
import { cutAccess } from '@csms/store/access/access-cuts';
import { inTenant } from '@csms/store/in-tenant';
import { audit } from '@csms/store/register';
import type pg from 'pg';
import { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf } from '../mutation.ts';
import { pageAnswer, pageRequest } from '../paging/cursor.ts';
import type { PeopleDirectory } from '../people/people-directory.ts';
import { ApiProblem, found } from '../problems/api-problem.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Who signs in for this tenant. The issuer keeps them; the audit row and the end of their old tokens are ours, in one transaction with what is asked of it. */
export function peopleRoutes(app: Api, parts: ApiParts): void {
  const directory = (): PeopleDirectory => {
    if (parts.people === null) throw new ApiProblem('no-people-here');
    return parts.people;
  };

  /** One change of a tenant's people at a time: two admins who take each other's role at once would leave none. */
  const change = <T>(tenant: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => inTenant(parts.pool, tenant, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7420))', [tenant]);
    return work(client);
  });

  app.route({
    ...at('GET', '/people'), schema: { summary: 'People who sign in', tags: ['people'], querystring: PageQuery, response: { 200: PersonPage } },
    async handler(request) {
      const { after, limit } = pageRequest(request.query, ['text']);
      const rest = (await directory().list(tenantOf(request))).filter((person) => after === null || person.login > (after[0] ?? ''));
      const items = rest.slice(0, limit);
      return pageAnswer({ items, next: rest.length > limit ? [items.at(-1)?.login ?? ''] : null });
    },
  });

  app.route({
    ...at('POST', '/people'),
    schema: { summary: 'Invite someone', description: 'They sign in as `<login>@<tenant>` with the password of this answer, and choose their own.', tags: ['people'], querystring: NoQuery, body: PersonInvite, response: { 201: PersonInvited } },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      const people = directory();
      const invited = await change(tenant, async (client) => {
        const made = await people.invite(tenant, request.body);
        await audit(client, actorOf(principalOf(request), parts.now()), 'person.invite', made.person.subject, { login: made.person.login, role: made.person.role });
        return made;
      });
      return reply.code(201).send(invited);
    },
  });

  app.route({
    ...at('PATCH', '/people/:subject'),
    schema: { summary: 'Give someone another role', description: 'Their tokens of the old role end.', tags: ['people'], params: PersonParams, querystring: NoQuery, body: PersonPatch, response: { 200: Person } },
    async handler(request) {
      const tenant = tenantOf(request);
      const { role } = request.body;
      return change(tenant, async (client) => {
        const { isLastAdmin, ...person } = await standingOf(directory(), tenant, request.params.subject);
        if (person.role === role) return person;
        if (isLastAdmin) throw new ApiProblem('last-admin');
        const actor = actorOf(principalOf(request), parts.now());
        await cutAccess(client, person.subject, actor.now);
        await audit(client, actor, 'person.role', person.subject, { login: person.login, from: person.role, to: role });
        if (!(await directory().setRole(tenant, person.subject, role))) throw new ApiProblem('not-found');
        return { ...person, role };
      });
    },
  });

  app.route({
    ...at('DELETE', '/people/:subject'),
    schema: { summary: 'Remove someone', description: 'Their sessions and tokens end.', tags: ['people'], params: PersonParams, querystring: NoQuery, response: { 204: z.null() } },
    async handler(request, reply) {
      const tenant = tenantOf(request);
      await change(tenant, async (client) => {
        const { isLastAdmin, ...person } = await standingOf(directory(), tenant, request.params.subject);
        if (isLastAdmin) throw new ApiProblem('last-admin');
        const actor = actorOf(principalOf(request), parts.now());
        await cutAccess(client, person.subject, actor.now);
        await audit(client, actor, 'person.remove', person.subject, { login: person.login, role: person.role });
        if (!(await directory().remove(tenant, person.subject))) throw new ApiProblem('not-found');
      });
      return reply.code(204).send(null);
    },
  });
}

/** Someone of this tenant, and whether nobody else could let people in. Throws not-found for anybody else's. */
async function standingOf(directory: PeopleDirectory, tenant: string, subject: string): Promise<Person & { isLastAdmin: boolean }> {
  const people = await directory.list(tenant);
  const person = found(people.find((each) => each.subject === subject));
  const admins = people.filter((each) => each.role === 'admin' && each.isEnabled);
  return { ...person, isLastAdmin: admins.length === 1 && admins[0]?.subject === subject };
}
