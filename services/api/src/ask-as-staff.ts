import { loadConfig, runMain } from '@csms/kit';
import { z } from 'zod';

const Discovery = z.object({ token_endpoint: z.url() });
const Token = z.object({ access_token: z.string() });

/** Signs in at the issuer as the operator does, asks the API for its sites and exits: 0 when all of them answer, 1 with the sentence that says who did not. */
runMain('ask-as-staff', async () => {
  const config = loadConfig({ CSMS_API_URL: z.url(), OIDC_ISSUER: z.url(), OIDC_CLIENT_ID: z.string(), OIDC_CLIENT_SECRET: z.string() });
  const discovery = Discovery.parse(await ask(`${config.OIDC_ISSUER}/.well-known/openid-configuration`, {}));
  const basic = Buffer.from(`${encodeURIComponent(config.OIDC_CLIENT_ID)}:${encodeURIComponent(config.OIDC_CLIENT_SECRET)}`).toString('base64');
  const token = Token.parse(await ask(discovery.token_endpoint, { method: 'POST', headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' }, body: 'grant_type=client_credentials' }));
  await ask(`${config.CSMS_API_URL}/api/v1/tenants`, { headers: { authorization: `Bearer ${token.access_token}` } });
  process.stdout.write('the issuer and the API answer\n');
});

async function ask(url: string, init: RequestInit): Promise<unknown> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new Error(`${url} cannot be reached: ${error instanceof Error ? String(error.cause ?? error.message) : String(error)}`);
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}
