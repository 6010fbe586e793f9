import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Provider, errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { z } from 'zod';
import { AccountBook } from './account-book.ts';
import { demoAccounts, platformClients, withSecrets, type Account, type AccountDefinition, type Client, type ClientDefinition } from './accounts.ts';
import { accessTokenClaims, apiResource, audience, type Subject } from './claims.ts';
import { chooseLanguage, contentSecurityPolicy, devicePage, logoutPage, messagePage } from './pages.ts';
import { peopleServer } from './people-server.ts';
import { signInPages } from './sign-in-pages.ts';
import { identityKeys } from './signing-keys.ts';
import { StoredModels } from './stored-models.ts';

export interface Identity {
  issuer: string;
  /** With their passwords, for the launcher to print. */
  accounts: Account[];
  clients: Client[];
  close(): Promise<void>;
}

const tokenMinutes = 5;
const ChosenSubject = z.object({
  tenant: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).optional(),
  role: z.enum(['viewer', 'operator', 'admin', 'platform']).default('viewer'),
});

/**
 * The OIDC issuer of `npm start`: discovery, authorization code with PKCE and refresh rotation for the dashboard, the device flow for csmsctl, client
 * credentials for the operator and for scripts, RP-initiated logout, its accounts under /people for the API; JWT access tokens (RS256, audience csms-api, 5 minutes) with the claims of our Keycloak realm.
 * `port` 0 takes a free one. Rejects when the port is taken or `dataDir` cannot be written.
 */
export async function startIdentity(options: {
  port: number; issuer?: string; dataDir: string; dashboardUrl: string;
  accounts?: AccountDefinition[]; clients?: ClientDefinition[]; host?: string;
}): Promise<Identity> {
  const { accounts, clients } = withSecrets(options.dataDir, options.accounts ?? demoAccounts, options.clients ?? platformClients);
  const keys = await identityKeys(options.dataDir);
  const models = new StoredModels(join(options.dataDir, 'sign-ins.json'));
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host ?? '127.0.0.1', () => resolve());
  });
  const issuer = options.issuer ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dashboardOrigin = new URL(options.dashboardUrl).origin;
  const policy = contentSecurityPolicy([dashboardOrigin]);
  const book = new AccountBook(options.dataDir, accounts);
  const provider = new Provider(issuer, configuration({ book, clients: clients.filter(({ grant }) => grant !== 'directory'), keys, models, dashboardUrl: options.dashboardUrl, policy }));
  const people = peopleServer({ book, clients, endSessions: (username) => { models.forgetAccount(username); } });
  const signIn = signInPages({ provider, book, policy, dashboardUrl: options.dashboardUrl });
  const oidc = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/interaction/')) void signIn(request, response);
    else if (/^\/people(?:[/?]|$)/.test(request.url ?? '')) void people(request, response);
    else void oidc(request, response);
  });
  return {
    issuer, accounts, clients,
    close: () => new Promise((resolve) => {
      models.close();
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function configuration(input: {
  book: AccountBook; clients: Client[]; keys: Awaited<ReturnType<typeof identityKeys>>; models: StoredModels; dashboardUrl: string; policy: string;
}): Configuration {
  const { book, clients, dashboardUrl } = input;
  const clientsById = new Map(clients.map((client) => [client.clientId, client]));
  const language = (ctx: KoaContextWithOIDC) => chooseLanguage(ctx.get('accept-language'));
  const html = (ctx: KoaContextWithOIDC, body: string) => {
    ctx.type = 'html';
    ctx.set('content-security-policy', input.policy);
    ctx.body = body;
  };

  function subjectOf(ctx: KoaContextWithOIDC, token: { kind: string; accountId?: string; clientId?: string }): Subject | null {
    if (token.accountId) return book.find(token.accountId) ?? null;
    const client = clientsById.get(token.clientId ?? '');
    if (!client) return null;
    const username = `service-account-${client.clientId}`;
    if (client.grant === 'platform') return { tenant: null, role: 'platform', name: client.clientId, username };
    if (client.grant !== 'chosen') return null;
    const chosen = ChosenSubject.safeParse(ctx.oidc.body ?? {});
    if (!chosen.success) throw new errors.InvalidRequest('tenant or role is not one');
    const { role, tenant = null } = chosen.data;
    if (role !== 'platform' && tenant === null) throw new errors.InvalidRequest('a role of a tenant needs the parameter tenant');
    return { tenant: role === 'platform' ? null : tenant, role, name: client.clientId, username };
  }

  return {
    adapter: input.models.adapter,
    jwks: input.keys.jwks as Configuration['jwks'],
    cookies: { keys: input.keys.cookieKeys, names: { session: 'csms-identity', interaction: 'csms-sign-in', resume: 'csms-sign-in-resume' } },
    clients: clients.map((client) => client.grant === 'device'
      ? { client_id: client.clientId, token_endpoint_auth_method: 'none' as const, grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'], response_types: [], redirect_uris: [] }
      : client.grant === 'sign-in'
      ? {
          client_id: client.clientId, client_secret: client.clientSecret, grant_types: ['authorization_code', 'refresh_token'], response_types: ['code' as const],
          redirect_uris: [new URL('/auth/callback', dashboardUrl).href], post_logout_redirect_uris: [new URL('/', dashboardUrl).href, new URL(dashboardUrl).origin],
        }
      : { client_id: client.clientId, client_secret: client.clientSecret, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }),
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => {
      const account = book.find(id);
      return account && { accountId: id, claims: () => ({ sub: id, name: account.name, preferred_username: account.username }) };
    },
    extraTokenClaims: (ctx, token) => {
      const subject = subjectOf(ctx, token);
      return subject ? { ...accessTokenClaims(subject), azp: token.clientId } : undefined;
    },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // The dashboard is ours: signing in is the consent.
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      if (!client || !session?.accountId) return undefined;
      const kept = session.grantIdFor(client.clientId);
      const grant = kept ? await provider.Grant.find(kept) : undefined;
      if (grant) return grant;
      const fresh = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      fresh.addOIDCScope('openid profile offline_access');
      fresh.addResourceScope(apiResource, 'csms');
      await fresh.save();
      return fresh;
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    renderError: (ctx, out) => { html(ctx, messagePage(language(ctx), 'error', dashboardUrl, [out.error, out.error_description].filter(Boolean).join(': '))); },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true, charset: 'base-20', mask: '****-****',
        userCodeInputSource: (ctx, form, _out, error) => { html(ctx, devicePage(language(ctx), form, error ? 'wrong' : 'type')); },
        userCodeConfirmSource: (ctx, form, _client, _device, userCode) => { html(ctx, devicePage(language(ctx), form, 'allow', userCode)); },
        successSource: (ctx) => { html(ctx, messagePage(language(ctx), 'deviceDone', dashboardUrl)); },
      },
      revocation: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => { html(ctx, logoutPage(language(ctx), form)); },
        postLogoutSuccessSource: (ctx) => { html(ctx, messagePage(language(ctx), 'loggedOut', dashboardUrl)); },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => apiResource,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== apiResource) throw new errors.InvalidTarget();
          return { scope: 'csms', audience, accessTokenFormat: 'jwt', accessTokenTTL: tokenMinutes * 60, jwt: { sign: { alg: 'RS256' } } };
        },
      },
    },
    ttl: { AccessToken: tokenMinutes * 60, ClientCredentials: tokenMinutes * 60, AuthorizationCode: 60, DeviceCode: 600, IdToken: 3_600, Interaction: 3_600, Session: 43_200, Grant: 43_200, RefreshToken: 43_200 },
  };
}
