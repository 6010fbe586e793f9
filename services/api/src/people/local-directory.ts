import { z } from 'zod';
import { DirectoryUnavailable, LoginTaken, tenantRoleOf, type PeopleDirectory } from './people-directory.ts';
import type { Person } from '@csms/contracts/http/people';

const Kept = z.object({ username: z.string(), name: z.string(), email: z.string().nullable(), tenant: z.string().nullable(), role: z.enum(['viewer', 'operator', 'admin', 'platform']), mayBeAnybody: z.boolean() });
const Invited = z.object({ person: Kept.omit({ mayBeAnybody: true }).loose(), temporaryPassword: z.string() });

/** The accounts of the issuer that `npm start` brings (tools/local/src/identity/people-server.ts). `sub` is the username there. */
export function openLocalDirectory(options: { url: string; clientId: string; clientSecret: string }): PeopleDirectory {
  const authorization = `Basic ${Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64')}`;

  async function ask<S extends z.ZodType>(method: string, path: string, schema: S, body?: unknown): Promise<z.infer<S> | null> {
    const answer = await fetch(`${options.url.replace(/\/$/, '')}${path}`, {
      method, headers: { authorization, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }), redirect: 'error', signal: AbortSignal.timeout(4_000),
    }).catch((cause: unknown) => { throw new DirectoryUnavailable('the issuer does not answer about its accounts', { cause }); });
    if (answer.status === 404) return null;
    if (answer.status === 409) throw new LoginTaken('somebody has this login already');
    if (!answer.ok) throw new DirectoryUnavailable(`the issuer answered ${answer.status} about its accounts`);
    return schema.parse(await answer.json());
  }
  const pathOf = (subject: string): string => `/people/${encodeURIComponent(subject)}`;
  const isOf = async (tenant: string, subject: string): Promise<boolean> => (await ask('GET', pathOf(subject), Kept))?.tenant === tenant;

  return {
    async list(tenant) {
      return (await ask('GET', `/people?${new URLSearchParams({ tenant })}`, z.array(Kept)) ?? []).flatMap((kept) => personOf(kept) ?? []);
    },
    async find(subject) {
      const kept = await ask('GET', pathOf(subject), Kept);
      return kept && { subject, login: kept.username, name: kept.name, email: kept.email, tenant: kept.tenant, roles: [kept.role], isEnabled: true, actsAsChosen: kept.mayBeAnybody };
    },
    async invite(tenant, { login, ...person }) {
      const made = await ask('POST', '/people', Invited, { username: `${login}@${tenant}`, tenant, ...person });
      const invited = made && personOf(made.person);
      if (!made || !invited) throw new DirectoryUnavailable('the issuer does not say whom it invited');
      return { person: invited, temporaryPassword: made.temporaryPassword };
    },
    async setRole(tenant, subject, role) {
      return await isOf(tenant, subject) && await ask('PATCH', pathOf(subject), z.unknown(), { role }) !== null;
    },
    async remove(tenant, subject) {
      return await isOf(tenant, subject) && await ask('DELETE', pathOf(subject), z.unknown()) !== null;
    },
    async endSessions(subject) {
      await ask('POST', `${pathOf(subject)}/end-sessions`, z.unknown());
    },
  };
}

function personOf(kept: { username: string; name: string; email: string | null; role: string }): Person | null {
  const role = tenantRoleOf([kept.role]);
  return role && { subject: kept.username, login: kept.username, name: kept.name, email: kept.email, role, isEnabled: true };
}
