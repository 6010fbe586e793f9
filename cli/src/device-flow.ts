import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { CliError, exitCodes } from './exit.ts';

const Discovery = z.object({ issuer: z.string(), token_endpoint: z.url(), device_authorization_endpoint: z.url().optional(), revocation_endpoint: z.url().optional() });
const DeviceCode = z.object({ device_code: z.string(), user_code: z.string(), verification_uri: z.string(), verification_uri_complete: z.string().optional(), expires_in: z.number(), interval: z.number().default(5) });
const Tokens = z.object({ access_token: z.string(), refresh_token: z.string().optional(), expires_in: z.number() });
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() });
export type Tokens = z.infer<typeof Tokens>;

/** Where an issuer has what csmsctl needs (OpenID Connect Discovery 4). */
export async function discover(issuer: string): Promise<z.infer<typeof Discovery>> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new CliError(`the issuer ${issuer} cannot be reached: ${error instanceof Error ? String(error.cause ?? error.message) : String(error)}`, exitCodes.unreachable);
  });
  const found = Discovery.safeParse(await answer.json().catch(() => null));
  if (!answer.ok || !found.success) throw new CliError(`${issuer} is no OpenID Connect issuer`, exitCodes.usage);
  return found.data;
}

/** Signs a person in on another screen (RFC 8628): `show` tells them where and with which code; resolves when they have allowed it. */
export async function signInByDevice(issuer: string, clientId: string, show: (code: { address: string; userCode: string }) => void): Promise<Tokens> {
  const endpoints = await discover(issuer);
  if (endpoints.device_authorization_endpoint === undefined) throw new CliError(`${issuer} has no device flow (RFC 8628): set CSMS_TOKEN, or use an API key`, exitCodes.refused);
  const given = await post(endpoints.device_authorization_endpoint, { client_id: clientId, scope: 'openid profile offline_access' });
  if ('error' in given) throw new CliError(`the issuer refuses ${clientId}: ${given.error}`, exitCodes.refused);
  const code = DeviceCode.parse(given.ok);
  show({ address: code.verification_uri_complete ?? code.verification_uri, userCode: code.user_code });
  const until = Date.now() + code.expires_in * 1000;
  let intervalMs = code.interval * 1000;
  while (Date.now() < until) {
    await pause(intervalMs);
    const answer = await post(endpoints.token_endpoint, { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: code.device_code, client_id: clientId });
    if ('ok' in answer) return Tokens.parse(answer.ok);
    if (answer.error === 'slow_down') intervalMs += 5_000;
    else if (answer.error !== 'authorization_pending') throw new CliError(answer.error === 'access_denied' ? 'the sign-in was refused' : `the sign-in ended: ${answer.error}`, exitCodes.refused);
  }
  throw new CliError('nobody entered the code in time: run csmsctl login again', exitCodes.refused);
}

/** Fresh tokens for a refresh token; null: the issuer ended that session. */
export async function refreshTokens(issuer: string, clientId: string, refreshToken: string): Promise<Tokens | null> {
  const answer = await post((await discover(issuer)).token_endpoint, { grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId });
  return 'ok' in answer ? Tokens.parse(answer.ok) : null;
}

/** Ends a session at the issuer (RFC 7009), where it has a place for that. */
export async function revokeToken(issuer: string, clientId: string, refreshToken: string): Promise<void> {
  const { revocation_endpoint: endpoint } = await discover(issuer);
  if (endpoint !== undefined) await post(endpoint, { token: refreshToken, token_type_hint: 'refresh_token', client_id: clientId });
}

async function post(url: string, form: Record<string, string>): Promise<{ ok: unknown } | { error: string }> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), signal: AbortSignal.timeout(10_000) }).catch((error: unknown) => {
    throw new CliError(`the issuer at ${new URL(url).origin} cannot be reached: ${error instanceof Error ? String(error.cause ?? error.message) : String(error)}`, exitCodes.unreachable);
  });
  const text = await answer.text();
  const body: unknown = text === '' ? null : JSON.parse(text);
  if (answer.ok) return { ok: body };
  const refusal = Refusal.safeParse(body);
  return { error: refusal.success ? refusal.data.error : `status ${answer.status}` };
}
