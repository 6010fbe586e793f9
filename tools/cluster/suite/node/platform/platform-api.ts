import type { z } from 'zod';

const TOKEN_LIFE_MS = 200_000;

/** The API of an installation as one person calls it; their token is asked for anew before it ends. */
export class PlatformApi {
  readonly #baseUrl: string;
  readonly #signIn: () => Promise<string>;
  #token: { text: Promise<string>; untilMs: number } | undefined;

  constructor(baseUrl: string, signIn: () => Promise<string>) {
    this.#baseUrl = baseUrl;
    this.#signIn = signIn;
  }

  async call<S extends z.ZodType>(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, answer: S, body?: unknown): Promise<z.infer<S>> {
    if (this.#token === undefined || performance.now() > this.#token.untilMs) this.#token = { text: this.#signIn(), untilMs: performance.now() + TOKEN_LIFE_MS };
    const response = await fetch(`${this.#baseUrl}/api/v1${path}`, {
      method, signal: AbortSignal.timeout(60_000),
      headers: { authorization: `Bearer ${await this.#token.text}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return answer.parse(text === '' ? null : JSON.parse(text));
  }
}
