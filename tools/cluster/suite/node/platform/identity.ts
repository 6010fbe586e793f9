import { createHash, randomBytes } from 'node:crypto';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { Browser } from './browser.ts';

export interface IdentityOptions {
  issuer: string;
  trustAnchors: string;
  /** Of the realm `master`. */
  administrator: { username: string; password: string };
  /** The client of the dashboards, and one of its addresses to return to. */
  client: { clientId: string; clientSecret: string; redirectUri: string };
}

export interface Person { username: string; password: string }

/** The real Keycloak of an installation: its administrator makes people, and people sign in as they do at a dashboard. */
export interface Identity {
  makePerson(person: Person, tenant: string, role: 'viewer' | 'operator' | 'admin'): Promise<void>;
  /** An access token of a person, by authorization code with PKCE (RFC 7636) through the sign-in page. */
  tokenOf(person: Person): Promise<string>;
  close(): Promise<void>;
}

const Token = z.object({ access_token: z.string() });
const Named = z.array(z.looseObject({ id: z.string(), name: z.string().optional() })).min(1);
const Role = z.looseObject({ id: z.string(), name: z.string() });

export function openIdentity(options: IdentityOptions): Identity {
  const { issuer, client } = options;
  const agent = new Agent({ connect: { ca: options.trustAnchors } });
  const [server, realm] = [issuer.slice(0, issuer.indexOf('/realms/')), issuer.slice(issuer.lastIndexOf('/') + 1)];

  const ask = async (method: 'GET' | 'POST', url: string, headers: Record<string, string>, body?: string): Promise<string> => {
    const answer = await request(url, { method, dispatcher: agent, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`);
    return text;
  };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const administer = async (): Promise<(method: 'GET' | 'POST', path: string, body?: unknown) => Promise<unknown>> => {
    const fields = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...options.administrator });
    const { access_token: token } = Token.parse(JSON.parse(await ask('POST', `${server}/realms/master/protocol/openid-connect/token`, form, fields.toString())));
    return async (method, path, body) => {
      const text = await ask(method, `${server}/admin/realms/${realm}${path}`, { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body === undefined ? undefined : JSON.stringify(body));
      return text === '' ? undefined : JSON.parse(text);
    };
  };

  return {
    async makePerson({ username, password }, tenant, role) {
      const call = await administer();
      const [tenants] = Named.parse(await call('GET', '/groups?search=tenants&exact=true'));
      const known = z.array(z.looseObject({ name: z.string() })).parse(await call('GET', `/groups/${tenants!.id}/children`));
      if (!known.some(({ name }) => name === tenant)) await call('POST', `/groups/${tenants!.id}/children`, { name: tenant, attributes: { tenant_id: [tenant] } });
      await call('POST', '/users', {
        username, enabled: true, email: `${username}@example.com`, emailVerified: true, firstName: username, lastName: tenant,
        credentials: [{ type: 'password', value: password, temporary: false }], groups: [`/tenants/${tenant}`],
      });
      const [user] = Named.parse(await call('GET', `/users?username=${username}&exact=true`));
      const [api] = Named.parse(await call('GET', '/clients?clientId=csms-api'));
      const given = Role.parse(await call('GET', `/clients/${api!.id}/roles/${role}`));
      await call('POST', `/users/${user!.id}/role-mappings/clients/${api!.id}`, [given]);
    },
    async tokenOf(person) {
      const verifier = randomBytes(32).toString('base64url');
      const browser = new Browser({ trustAnchors: options.trustAnchors });
      try {
        const query = new URLSearchParams({
          response_type: 'code', client_id: client.clientId, redirect_uri: client.redirectUri, scope: 'openid', state: 'suite',
          code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
        });
        const atHome = (url: string): boolean => url.startsWith(client.redirectUri);
        const page = await browser.signIn(await browser.follow(`${issuer}/protocol/openid-connect/auth?${query}`), person, atHome);
        const code = page.location === undefined ? null : new URL(page.location).searchParams.get('code');
        if (code === null) throw new Error(`${person.username} could not sign in: ${page.status} ${page.location ?? page.body.slice(0, 300)}`);
        const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
        const fields = new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: verifier });
        return Token.parse(JSON.parse(await ask('POST', `${issuer}/protocol/openid-connect/token`, { ...form, authorization: `Basic ${basic}` }, fields.toString()))).access_token;
      } finally {
        await browser.close();
      }
    },
    close: () => agent.close(),
  };
}
