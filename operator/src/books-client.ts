import { SiteObserved } from '@csms/contracts/http/sites';
import type { SiteUpsert } from '@csms/contracts/http/sites';
import { NotLeadingError } from '@csms/kube';
import * as oidc from 'openid-client';

/** The API refused (4xx): asking again with the same words will not help, though it is done, slowly. Other failures are plain errors. */
export class BooksRefusal extends Error {
  override name = 'BooksRefusal';
}

/** The sites' side of the API, as role `platform`. All calls throw when the API or the issuer cannot be reached. */
export interface BooksClient {
  put(namespace: string, name: string, site: SiteUpsert): Promise<SiteObserved>;
  get(namespace: string, name: string, tenant: string): Promise<SiteObserved>;
  /** Closes the site's sockets and keeps its books; true also when the books never knew it. */
  remove(namespace: string, name: string, tenant: string): Promise<void>;
}

/** Books that are read always and written only while `mayWrite` says so: another process may lead by now. */
export function fencedBooks(books: BooksClient, mayWrite: () => boolean): BooksClient {
  const check = (): void => {
    if (!mayWrite()) throw new NotLeadingError();
  };
  return {
    get: (...args) => books.get(...args),
    put: async (...args) => (check(), books.put(...args)),
    remove: async (...args) => (check(), books.remove(...args)),
  };
}

// Shorter than a leader's lease outlives its last renewal.
const TIMEOUT_MS = 4000;
const RENEW_BEFORE_MS = 30_000;

export function createBooksClient(options: { apiUrl: string; issuer: string; audience: string; clientId: string; clientSecret: string }): BooksClient {
  const token = clientCredentials(options);
  const call = async (method: 'PUT' | 'GET' | 'DELETE', namespace: string, name: string, query: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const url = `${options.apiUrl}/api/v1/sites/by-resource/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}${query}`;
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${await token()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new Error(`The API cannot be reached at ${options.apiUrl}: ${causeOf(error)}.`, { cause: error });
    });
    const text = await answer.text();
    if (answer.status < 300 || answer.status === 404) return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    const message = `The API answered ${answer.status} to ${method} for the site: ${problemOf(text)}`;
    // 401 and 403 heal when the issuer or the roles do; 408 and 429 are about time.
    throw answer.status === 400 || answer.status === 409 || answer.status === 422 ? new BooksRefusal(message) : new Error(message);
  };
  const observed = (answer: { status: number; body: unknown }): SiteObserved => {
    if (answer.status === 404) throw new Error('The API does not know the site yet.');
    return SiteObserved.parse(answer.body);
  };
  const whose = (tenant: string): string => `?${new URLSearchParams({ tenant })}`;
  return {
    put: async (namespace, name, site) => observed(await call('PUT', namespace, name, '', site)),
    get: async (namespace, name, tenant) => observed(await call('GET', namespace, name, whose(tenant))),
    remove: async (namespace, name, tenant) => void (await call('DELETE', namespace, name, whose(tenant))),
  };
}

/** An access token from the issuer by client credentials, kept until shortly before it ends. */
function clientCredentials(options: { issuer: string; audience: string; clientId: string; clientSecret: string }): () => Promise<string> {
  let config: oidc.Configuration | undefined;
  let current: { token: string; untilMs: number } | undefined;
  return async () => {
    if (current !== undefined && Date.now() < current.untilMs) return current.token;
    const insecure = options.issuer.startsWith('http://') ? { execute: [oidc.allowInsecureRequests] } : {};
    try {
      config ??= await oidc.discovery(new URL(options.issuer), options.clientId, options.clientSecret, undefined, insecure);
    } catch (error) {
      throw new Error(`The issuer ${options.issuer} cannot be read: ${causeOf(error)}.`, { cause: error });
    }
    const answer = await oidc.clientCredentialsGrant(config, { audience: options.audience }).catch((error: unknown) => {
      const said = error instanceof oidc.ResponseBodyError ? `${error.error}${error.error_description === undefined ? '' : `, ${error.error_description}`}` : causeOf(error);
      throw new Error(`The issuer ${options.issuer} gives no token: ${said}.`, { cause: error });
    });
    current = { token: answer.access_token, untilMs: Date.now() + (answer.expires_in ?? 60) * 1000 - RENEW_BEFORE_MS };
    return current.token;
  };
}

/** Fetch says only "fetch failed"; why is in the cause. */
function causeOf(error: unknown): string {
  const cause: unknown = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function problemOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) for (const field of ['detail', 'title', 'message']) if (field in body) return String(Reflect.get(body, field));
  } catch {
    return text.slice(0, 200);
  }
  return text.slice(0, 200);
}
