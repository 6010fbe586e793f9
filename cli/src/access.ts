import { Problem, type Role } from '@csms/contracts/http/index';
import { z } from 'zod';
import { CliError, exitCodes } from './exit.ts';
import { readPlatform, type CliSettings } from './platform.ts';
import { liveSession, readSession } from './session.ts';

const TokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() });

/** An access token of a tenant's role from the issuer of the running platform. Platform staff have no tenant. */
export async function askToken(settings: CliSettings, who: { tenant: string | null; role: Role }): Promise<string> {
  const platform = readPlatform(settings);
  const { clientId, clientSecret } = platform.cli;
  const tenant = who.role === 'platform' ? null : (who.tenant ?? platform.defaultTenant);
  const answer = await reach(`${platform.addresses.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', role: who.role, ...(tenant === null ? {} : { tenant }) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new CliError(`the issuer refused a token for ${who.role} of ${tenant ?? 'the platform'}: ${text.slice(0, 300)}`, exitCodes.refused);
  return TokenAnswer.parse(JSON.parse(text)).access_token;
}

/** A caller of the API: parses what comes and turns a problem document into a sentence and an exit code. */
export class Api {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  /** An API with a token that is at hand. */
  static at(url: string, token: string): Api {
    return new Api(url.replace(/\/$/, ''), token);
  }

  /**
   * The API of CSMS_API_URL with CSMS_TOKEN; else as whoever signed in with `csmsctl login`; else that of the running platform with a token of this role.
   * `isNamed`: a tenant or a role was asked for, which is for the platform that runs here, whoever signed in.
   */
  static async open(settings: CliSettings, who: { tenant: string | null; role: Role; isNamed?: boolean }): Promise<Api> {
    const session = settings.token === null && who.isNamed !== true ? readSession(settings.sessionFile) : null;
    if (session !== null && settings.sessionFile !== null && (settings.apiUrl === null || settings.apiUrl.replace(/\/$/, '') === session.api)) {
      return new Api(session.api, (await liveSession(settings.sessionFile, session)).accessToken);
    }
    if (settings.apiUrl !== null) {
      if (settings.token === null) throw new CliError('CSMS_API_URL is set: sign in with csmsctl login, or set CSMS_TOKEN to an access token or an API key for it', exitCodes.usage);
      return new Api(settings.apiUrl.replace(/\/$/, ''), settings.token);
    }
    return new Api(readPlatform(settings).addresses.api, settings.token ?? (await askToken(settings, who)));
  }

  async call<S extends z.ZodType>(method: string, path: string, schema: S, options: { body?: unknown; headers?: Record<string, string>; timeoutMs?: number } = {}): Promise<z.infer<S>> {
    const { body, headers = {}, timeoutMs = 30_000 } = options;
    const answer = await reach(`${this.#base}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    if (!answer.ok) throw refusal(answer.status, text);
    const parsed = schema.safeParse(text === '' ? null : JSON.parse(text));
    if (!parsed.success) throw new CliError(`the API answered ${method} ${path} in a shape that this csmsctl does not know; update it`, exitCodes.refused);
    return parsed.data;
  }

  /** The answer itself, for what is a file on the way in or out; a refusal leaves as in `call`. */
  async raw(method: string, path: string, options: { body?: Blob; headers?: Record<string, string>; timeoutMs?: number } = {}): Promise<Response> {
    const { body, headers = {}, timeoutMs = 600_000 } = options;
    const answer = await reach(`${this.#base}${path}`, { method, headers: { authorization: `Bearer ${this.#token}`, ...headers }, ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok) throw refusal(answer.status, await answer.text());
    return answer;
  }

  /** Up to `limit` items of a list, over as many pages as they take. */
  async list<T extends z.ZodType>(path: string, query: Record<string, string | undefined>, page: z.ZodObject<{ items: z.ZodArray<T>; nextCursor: z.ZodNullable<z.ZodString> }>, limit: number): Promise<z.infer<T>[]> {
    const items: z.infer<T>[] = [];
    let cursor: string | null = null;
    do {
      const parameters = new URLSearchParams(Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])));
      parameters.set('limit', String(Math.min(500, limit - items.length)));
      if (cursor !== null) parameters.set('cursor', cursor);
      const answer: { items: z.infer<T>[]; nextCursor: string | null } = await this.call('GET', `${path}?${parameters}`, page);
      items.push(...answer.items);
      cursor = answer.nextCursor;
    } while (cursor !== null && items.length < limit);
    return items;
  }
}

function refusal(status: number, text: string): CliError {
  const problem = Problem.safeParse(parseJson(text));
  const said = problem.success
    ? [`${problem.data.title} (${problem.data.code})`, problem.data.detail, ...(problem.data.errors ?? []).map((error) => `${error.path}: ${error.message}`)].filter(Boolean).join('\n  ')
    : `the API answered ${status}`;
  return new CliError(said, status === 404 ? exitCodes.notFound : status >= 500 ? exitCodes.unreachable : exitCodes.refused);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : error instanceof Error ? error.message : String(error);
    throw new CliError(`${new URL(url).origin} cannot be reached: ${cause || 'no answer'}. Does the platform run? (npm start; csmsctl doctor)`, exitCodes.unreachable);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
