import type { Person } from '@csms/contracts/http/people';
import { Role } from '@csms/contracts/http/common';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { DirectoryUnavailable, LoginTaken, tenantRoleOf, type PeopleDirectory } from './people-directory.ts';

const Token = z.object({ access_token: z.string(), expires_in: z.number() });
const User = z.object({ id: z.string(), username: z.string(), firstName: z.string().optional(), lastName: z.string().optional(), email: z.string().optional(), enabled: z.boolean() });
const Group: z.ZodType<{ id: string; name: string; path: string; attributes?: Record<string, string[]> | undefined }> = z.object({ id: z.string(), name: z.string(), path: z.string(), attributes: z.record(z.string(), z.array(z.string())).optional() });
const RealmRole = z.looseObject({ id: z.string(), name: z.string() });
/** An answer without a body is one all the same. */
const Done = z.unknown().transform(() => true);
type User = z.infer<typeof User>;

/** People of one tenant; Keycloak pages, and nobody has more. */
const peopleMax = 1_000;

export interface KeycloakDirectoryOptions {
  /** The realm, as in the issuer: https://id.example.com/realms/csms. */
  issuer: string;
  /** The realm's admin API, where it is not at the issuer's own address. */
  adminUrl?: string | undefined;
  clientId: string;
  clientSecret: string;
  /** The client whose roles are ours. */
  audience: string;
  nowMs?: () => number;
}

/**
 * The accounts of a Keycloak realm through its admin REST API, as the service account of `clientId` (realm-management: view-users, manage-users,
 * query-groups, view-clients). A tenant is the group /tenants/<tenant> with the attribute `tenant_id`, a role a client role of `audience`.
 */
export function openKeycloakDirectory(options: KeycloakDirectoryOptions): PeopleDirectory {
  const { audience, nowMs = Date.now } = options;
  const realm = new URL(options.issuer);
  const admin = (options.adminUrl ?? `${realm.origin}${realm.pathname.replace(/\/realms\//, '/admin/realms/')}`).replace(/\/$/, '');
  let token: { text: string; untilMs: number } | null = null;
  let clientUuid: string | null = null;

  async function reach(url: string, init: RequestInit): Promise<Response> {
    return fetch(url, { ...init, redirect: 'error', signal: AbortSignal.timeout(5_000) }).catch((cause: unknown) => { throw new DirectoryUnavailable('Keycloak does not answer', { cause }); });
  }

  async function signedIn(): Promise<string> {
    if (token && token.untilMs > nowMs()) return token.text;
    const answer = await reach(`${options.issuer.replace(/\/$/, '')}/protocol/openid-connect/token`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(options.clientId)}:${encodeURIComponent(options.clientSecret)}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    if (!answer.ok) throw new DirectoryUnavailable(`Keycloak gives ${options.clientId} no token: ${answer.status}`);
    const given = Token.parse(await answer.json());
    token = { text: given.access_token, untilMs: nowMs() + (given.expires_in - 15) * 1000 };
    return token.text;
  }

  /** Null: 404. */
  async function ask<S extends z.ZodType>(method: string, path: string, schema: S, body?: unknown): Promise<z.infer<S> | null> {
    const answer = await reach(`${admin}${path}`, { method, headers: { authorization: `Bearer ${await signedIn()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (answer.status === 404) return null;
    if (answer.status === 401) token = null;
    if (answer.status === 409) throw new LoginTaken('somebody has this login already');
    if (!answer.ok) throw new DirectoryUnavailable(`Keycloak answered ${answer.status} to ${method} ${path.split('?')[0] ?? ''}`);
    const text = await answer.text();
    return schema.parse(text === '' ? null : JSON.parse(text));
  }

  async function audienceUuid(): Promise<string> {
    clientUuid ??= (await ask('GET', `/clients?${new URLSearchParams({ clientId: audience })}`, z.array(z.object({ id: z.string() }))))?.[0]?.id ?? null;
    if (clientUuid === null) throw new DirectoryUnavailable(`the realm has no client ${audience}`);
    return clientUuid;
  }

  const rolesPath = async (subject: string): Promise<string> => `/users/${encodeURIComponent(subject)}/role-mappings/clients/${await audienceUuid()}`;
  async function rolesOf(subject: string): Promise<Role[]> {
    const mapped = await ask('GET', `${await rolesPath(subject)}/composite`, z.array(RealmRole)) ?? [];
    return Role.options.filter((role) => mapped.some(({ name }) => name === role));
  }

  async function groupOf(tenant: string): Promise<string | null> {
    return (await ask('GET', `/group-by-path/tenants/${encodeURIComponent(tenant)}`, Group))?.id ?? null;
  }

  /** The tenant's group, made where it is missing: the first person may be invited before the operator came by. */
  async function ensureGroup(tenant: string): Promise<string> {
    const known = await groupOf(tenant);
    if (known !== null) return known;
    const parent = await ask('GET', '/group-by-path/tenants', Group);
    if (!parent) throw new DirectoryUnavailable('the realm has no group /tenants');
    await ask('POST', `/groups/${parent.id}/children`, z.unknown(), { name: tenant, attributes: { tenant_id: [tenant] } }).catch((error: unknown) => { if (!(error instanceof LoginTaken)) throw error; });
    const made = await groupOf(tenant);
    if (made === null) throw new DirectoryUnavailable(`the group of ${tenant} cannot be made`);
    return made;
  }

  async function tenantOf(subject: string): Promise<string | null> {
    const groups = await ask('GET', `/users/${encodeURIComponent(subject)}/groups`, z.array(Group)) ?? [];
    const names = groups.flatMap(({ path }) => /^\/tenants\/([^/]+)$/.exec(path)?.[1] ?? []);
    // Of two tenants: the token would name either, so it is nobody's.
    return names.length === 1 ? (names[0] ?? null) : null;
  }

  const isOf = async (tenant: string, subject: string): Promise<boolean> => await ask('GET', `/users/${encodeURIComponent(subject)}`, User) !== null && await tenantOf(subject) === tenant;

  async function setClientRole(subject: string, role: Person['role']): Promise<void> {
    const path = await rolesPath(subject);
    const has = await ask('GET', path, z.array(RealmRole)) ?? [];
    const wanted = await ask('GET', `/clients/${await audienceUuid()}/roles/${role}`, RealmRole);
    if (!wanted) throw new DirectoryUnavailable(`the client ${audience} has no role ${role}`);
    // The new one first: whoever loses a role on the way has at least one.
    await ask('POST', path, z.unknown(), [wanted]);
    const others = has.filter(({ name }) => name !== role);
    if (others.length > 0) await ask('DELETE', path, z.unknown(), others);
  }

  return {
    async list(tenant) {
      const group = await groupOf(tenant);
      if (group === null) return [];
      const users = await ask('GET', `/groups/${group}/members?${new URLSearchParams({ max: String(peopleMax), briefRepresentation: 'true' })}`, z.array(User)) ?? [];
      const people = await Promise.all(users.map(async (user) => personOf(user, await rolesOf(user.id))));
      return people.flatMap((person) => person ?? []).sort((a, b) => (a.login < b.login ? -1 : 1));
    },
    async find(subject) {
      const user = await ask('GET', `/users/${encodeURIComponent(subject)}`, User);
      if (!user) return null;
      const [roles, tenant] = [await rolesOf(subject), await tenantOf(subject)];
      return { subject, login: user.username, name: nameOf(user), email: user.email ?? null, tenant: roles.includes('platform') ? null : tenant, roles, isEnabled: user.enabled };
    },
    async invite(tenant, { login, name, email, role }) {
      const [group, username, temporaryPassword] = [await ensureGroup(tenant), `${login}@${tenant}`, randomBytes(12).toString('base64url')];
      await ask('POST', '/users', z.unknown(), {
        username, firstName: name, lastName: '-', ...(email === null ? {} : { email, emailVerified: false }), enabled: true, requiredActions: ['UPDATE_PASSWORD'],
        credentials: [{ type: 'password', value: temporaryPassword, temporary: true }],
      });
      const user = (await ask('GET', `/users?${new URLSearchParams({ username, exact: 'true' })}`, z.array(User)))?.[0];
      if (!user) throw new DirectoryUnavailable('Keycloak does not find whom it just made');
      try {
        await setClientRole(user.id, role);
        await ask('PUT', `/users/${user.id}/groups/${group}`, z.unknown());
      } catch (error) {
        await ask('DELETE', `/users/${user.id}`, z.unknown()).catch(() => undefined);
        throw error;
      }
      return { person: { subject: user.id, login: user.username, name, email, role, isEnabled: true }, temporaryPassword };
    },
    async setRole(tenant, subject, role) {
      if (!(await isOf(tenant, subject))) return false;
      await setClientRole(subject, role);
      return true;
    },
    async remove(tenant, subject) {
      return await isOf(tenant, subject) && await ask('DELETE', `/users/${encodeURIComponent(subject)}`, Done) === true;
    },
    async endSessions(subject) {
      await ask('POST', `/users/${encodeURIComponent(subject)}/logout`, z.unknown());
    },
  };
}

function nameOf(user: User): string {
  return [user.firstName, user.lastName === '-' ? '' : user.lastName].filter(Boolean).join(' ') || user.username;
}

function personOf(user: User, roles: readonly Role[]): Person | null {
  const role = tenantRoleOf(roles);
  return role && { subject: user.id, login: user.username, name: nameOf(user), email: user.email ?? null, role, isEnabled: user.enabled };
}
