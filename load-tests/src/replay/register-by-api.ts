import { SitePage, StationCreated, StationPage } from '@csms/contracts/http/index';
import { z } from 'zod';

export interface ApiAccess {
  /** Address with the version: http://127.0.0.1:8080/api/v1 */
  apiUrl: string;
  /** Gives an access token of the role admin; asked for each call, because tokens end. */
  token: () => Promise<string>;
}

export interface Registrar {
  /** Registers a station, or gives one that is known a new password, and returns the password. */
  registerStation(station: { identity: string }): Promise<string>;
  /** Registers a card; one that is known already stays as it is. */
  registerToken(idTag: string): Promise<void>;
}

/**
 * Registers through the API, as csmsctl does.
 * @param siteName name of the site that the stations belong to; it has to exist
 * @throws Error with the API's own sentence
 */
export async function openRegistrar(access: ApiAccess, siteName: string): Promise<Registrar> {
  const sites = await call(access, 'GET', '/sites?limit=500', SitePage);
  const site = sites.items.find((candidate) => candidate.name === siteName);
  if (!site) throw new Error(`there is no site ${siteName}; there are: ${sites.items.map((candidate) => candidate.name).join(', ') || 'none'}`);
  return {
    async registerStation({ identity }) {
      const known = await call(access, 'GET', `/stations?identity=${encodeURIComponent(identity)}`, StationPage);
      const [station] = known.items;
      const made = station
        ? await call(access, 'POST', `/stations/${station.id}/credential?replace=true`, StationCreated)
        : await call(access, 'POST', '/stations', StationCreated, { siteId: site.id, identity });
      return made.credential.password;
    },
    async registerToken(idTag) {
      await call(access, 'POST', '/tokens', z.unknown(), { uid: idTag }, [409]);
    },
  };
}

const triesMax = 8;

async function call<S extends z.ZodType>(access: ApiAccess, method: string, path: string, schema: S, body?: object, alsoFine: number[] = []): Promise<z.infer<S>> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${access.apiUrl.replace(/\/+$/, '')}${path}`, {
      method,
      headers: { authorization: `Bearer ${await access.token()}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (response.ok || alsoFine.includes(response.status)) return schema.parse(text === '' ? null : JSON.parse(text));
    // Registering some thousand cards meets the API's rate limit; it says itself how long to wait.
    if (response.status === 429 && attempt < triesMax) {
      const seconds = Math.min(60, Math.max(1, Number(response.headers.get('retry-after')) || 1));
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      continue;
    }
    throw new Error(`${method} ${path} answered ${response.status}: ${text.slice(0, 300)}`);
  }
}
