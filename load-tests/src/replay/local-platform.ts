import { readFileSync } from 'node:fs';
import { z } from 'zod';

const RunFile = z.object({
  addresses: z.object({ ocpp: z.string(), api: z.string(), issuer: z.string() }),
  databaseUrl: z.string(),
  cli: z.object({ clientId: z.string(), clientSecret: z.string() }),
});
export type LocalPlatformFile = z.infer<typeof RunFile>;

/** What `npm start` wrote about itself, or undefined where it does not run. */
export function readPlatformFile(path: string): LocalPlatformFile | undefined {
  try {
    return RunFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Gives an access token of the running platform's own issuer, and a new one shortly before it ends. */
export function platformToken(platform: LocalPlatformFile, tenant: string): () => Promise<string> {
  let kept: { token: string; untilMs: number } | undefined;
  return async () => {
    if (kept && performance.now() < kept.untilMs) return kept.token;
    const { clientId, clientSecret } = platform.cli;
    const response = await fetch(`${platform.addresses.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', role: 'admin', tenant }),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`the issuer refused a token: ${response.status}`);
    const answer = z.object({ access_token: z.string(), expires_in: z.number() }).parse(await response.json());
    kept = { token: answer.access_token, untilMs: performance.now() + (answer.expires_in - 30) * 1_000 };
    return kept.token;
  };
}
