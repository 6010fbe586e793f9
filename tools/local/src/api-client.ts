import type { Client } from './identity/accounts.ts';
import { z } from 'zod';

const TokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() });

/** Asks the issuer for an access token of a tenant's role, as a script would, and keeps it until shortly before its end. */
export function tokenSource(issuer: string, client: Client): (tenant: string | null, role: string) => Promise<string> {
  const kept = new Map<string, { token: string; until: number }>();
  return async (tenant, role) => {
    const key = `${tenant}/${role}`;
    const known = kept.get(key);
    if (known && known.until > Date.now()) return known.token;
    const body = new URLSearchParams({ grant_type: 'client_credentials', role, ...(tenant === null ? {} : { tenant }) });
    const basic = Buffer.from(`${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret)}`).toString('base64');
    const answer = await fetch(`${issuer}/token`, { method: 'POST', headers: { authorization: `Basic ${basic}` }, body, signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`the issuer refused a token for ${key}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
    const { access_token: token, expires_in: lifeS } = TokenAnswer.parse(await answer.json());
    kept.set(key, { token, until: Date.now() + (lifeS - 30) * 1000 });
    return token;
  };
}

/** A caller of our API for one tenant's role; throws with the problem's sentence when the API refuses. */
export class ApiClient {
  readonly #base: string;
  readonly #token: () => Promise<string>;

  constructor(base: string, token: () => Promise<string>) {
    this.#base = base;
    this.#token = token;
  }

  async call<S extends z.ZodType>(method: string, path: string, schema: S, body?: unknown): Promise<z.infer<S>> {
    const answer = await fetch(`${this.#base}${path}`, {
      method,
      headers: { authorization: `Bearer ${await this.#token()}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return schema.parse(text === '' ? null : JSON.parse(text));
  }
}
