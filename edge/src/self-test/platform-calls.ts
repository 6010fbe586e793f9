import { z } from 'zod';

/** A client of the issuer, as a Secret of the installation names it. */
export interface ClientCredentials { clientId: string; clientSecret: string }

/** Calls of the API with a token of one client. Every failure is an Error whose sentence names the address. */
export interface PlatformCalls {
  call<S extends z.ZodType>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, answer: S, body?: unknown, alsoFine?: number[]): Promise<z.infer<S>>;
}

const Discovery = z.object({ token_endpoint: z.url() });
const Token = z.object({ access_token: z.string() });
const TIMEOUT_MS = 20_000;

/** Signs in by client credentials (RFC 6749, 4.4) and calls the API under `apiUrl` with that token, which lives longer than one self-test. */
export async function signIn(apiUrl: string, issuer: string, client: ClientCredentials): Promise<PlatformCalls> {
  const discovery = Discovery.parse(await ask(`${issuer}/.well-known/openid-configuration`, {}));
  const basic = Buffer.from(`${encodeURIComponent(client.clientId)}:${encodeURIComponent(client.clientSecret)}`).toString('base64');
  const form = { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' };
  const token = Token.parse(await ask(discovery.token_endpoint, { method: 'POST', headers: form, body: 'grant_type=client_credentials' }));
  const authorization = `Bearer ${token.access_token}`;
  return {
    async call(method, path, answer, body, alsoFine = []) {
      const headers = { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
      return answer.parse(await ask(`${apiUrl}/api/v1${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }, alsoFine));
    },
  };
}

async function ask(url: string, init: RequestInit, alsoFine: number[] = []): Promise<unknown> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached: ${error instanceof Error ? String(error.cause ?? error.message) : String(error)}`);
  });
  const text = await answer.text();
  if (!answer.ok && !alsoFine.includes(answer.status)) throw new Error(`${url} answered ${answer.status}: ${text.slice(0, 300)}`);
  return text === '' ? null : JSON.parse(text);
}
