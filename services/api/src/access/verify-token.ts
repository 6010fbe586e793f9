import { Role } from '@csms/contracts/http/common';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type ProtectedHeaderParameters } from 'jose';
import { z } from 'zod';
import { ApiProblem } from '../problems/api-problem.ts';
import type { Principal } from './principal.ts';

/** Turns a bearer token into who it is; throws ApiProblem token-invalid, or issuer-unavailable while no key can be had. */
export type TokenVerifier = (token: string) => Promise<Principal>;

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const Claims = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  tenant: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).optional(),
});

/**
 * JWT access tokens of one issuer: RS256 or ES256 under a key of its JWKS, its `iss`, our `aud`, `exp` and `nbf` within 30 s, and the kind
 * of an access token: `typ: at+jwt` in the header (RFC 9068) or `typ: Bearer` among the claims (Keycloak). Keys are kept for an hour, so a silent
 * issuer stops nobody; an unknown key id asks it again, at most every 30 s.
 */
export function createTokenVerifier(options: { issuer: string; audience: string }): TokenVerifier {
  let keys: Promise<JWTVerifyGetKey> | null = null;
  const keysOf = (): Promise<JWTVerifyGetKey> => {
    keys ??= discover(options.issuer);
    keys.catch(() => { keys = null; });
    return keys;
  };

  return async (token) => {
    const keySet = await keysOf().catch((cause: unknown) => { throw new ApiProblem('issuer-unavailable', { cause, retryAfterS: 2 }); });
    let verified: { payload: JWTPayload; protectedHeader: ProtectedHeaderParameters };
    try {
      verified = await jwtVerify(token, keySet, { issuer: options.issuer, audience: options.audience, algorithms: ['RS256', 'ES256'], clockTolerance: 30, requiredClaims: ['exp', 'sub'] });
    } catch (cause) {
      // A key that is nobody's is the caller's fault, a JWKS that cannot be fetched is not.
      if (cause instanceof errors.JWKSTimeout || !(cause instanceof errors.JOSEError)) throw new ApiProblem('issuer-unavailable', { cause, retryAfterS: 2 });
      throw new ApiProblem('token-invalid', { cause });
    }
    const { payload, protectedHeader } = verified;
    const typ = String(protectedHeader['typ'] ?? '').toLowerCase();
    if (typ !== 'at+jwt' && typ !== 'application/at+jwt' && payload['typ'] !== 'Bearer') throw new ApiProblem('token-invalid');
    return principalOf(payload, options.audience);
  };
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
  if (!answer.ok) throw new Error(`the issuer answered ${answer.status} to its discovery`);
  const found = Discovery.parse(await answer.json());
  if (found.issuer !== issuer) throw new Error(`the issuer calls itself ${found.issuer}`);
  return createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: 5_000, cooldownDuration: 30_000, cacheMaxAge: 3_600_000 });
}

/** Roles of our own client alone count; words that are no role of ours are passed over. A token of the platform's staff carries no tenant. */
function principalOf(payload: JWTPayload, audience: string): Principal {
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw new ApiProblem('token-invalid', { cause: claims.error });
  const access = z.object({ resource_access: z.record(z.string(), z.object({ roles: z.array(z.string()) })) }).safeParse(payload);
  const named = access.success ? (access.data.resource_access[audience]?.roles ?? []) : [];
  const roles = Role.options.filter((role) => named.includes(role));
  const { sub, exp, name, preferred_username: username, tenant } = claims.data;
  return { subject: sub, name: name ?? username ?? null, tenant: roles.includes('platform') ? null : (tenant ?? null), roles, expiresAtMs: exp * 1000 };
}
