import { Role } from '@csms/contracts/http/common';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyResult } from 'jose';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiProblem } from '../problems/api-problem.ts';
import { openIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import type { Principal } from './principal.ts';

/** Turns a bearer token into who it is; throws ApiProblem token-invalid, or issuer-unavailable while no key can be had. */
export type TokenVerifier = (token: string) => Promise<Principal>;

const Claims = z.object({
  sub: z.string().min(1).max(255),
  exp: z.number(),
  iat: z.number().optional(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  tenant: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/).optional(),
});

const skewS = 30;
const keptTokensMax = 10_000;

/**
 * JWT access tokens of one issuer: RS256 or ES256 under a key of its JWKS, its `iss`, our `aud`, `exp` and `nbf` within 30 s, and the kind
 * of an access token: `typ: at+jwt` in the header (RFC 9068) or `typ: Bearer` among the claims (Keycloak). A token that was good is good until it
 * ends, as long as the issuer's keys stay the same: it is verified once, and found by its digest after that.
 */
export function createTokenVerifier(options: { issuer: string; audience: string; nowMs?: () => number; keys?: IssuerKeys }): TokenVerifier {
  const nowMs = options.nowMs ?? Date.now;
  const keys = options.keys ?? openIssuerKeys({ issuer: options.issuer, nowMs });
  const kept = new Map<string, { principal: Principal; version: number }>();

  const unavailable = (cause: unknown): never => { throw new ApiProblem('issuer-unavailable', { cause, retryAfterS: 2 }); };
  const check = (token: string, find: JWTVerifyGetKey): Promise<JWTVerifyResult> => jwtVerify(token, find, {
    issuer: options.issuer, audience: options.audience, algorithms: ['RS256', 'ES256'], clockTolerance: skewS, requiredClaims: ['exp', 'sub'], currentDate: new Date(nowMs()),
  });

  async function verify(token: string): Promise<{ principal: Principal; version: number }> {
    let inUse = await keys.current().catch(unavailable);
    const verified = await check(token, inUse.find).catch(async (cause: unknown) => {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause;
      const newer = await keys.newerThan(inUse.version);
      if (newer === null) throw cause;
      inUse = newer;
      return check(token, newer.find);
    }).catch((cause: unknown) => {
      // What jose throws of a token is the caller's fault; a key of the issuer that cannot be read is not.
      if (cause instanceof errors.JOSEError || cause instanceof TypeError || cause instanceof DOMException) throw new ApiProblem('token-invalid', { cause });
      throw cause;
    });
    const typ = String(verified.protectedHeader['typ'] ?? '').toLowerCase();
    if (typ !== 'at+jwt' && typ !== 'application/at+jwt' && verified.payload['typ'] !== 'Bearer') throw new ApiProblem('token-invalid');
    return { principal: principalOf(verified.payload, options.audience), version: inUse.version };
  }

  return async (token) => {
    const digest = createHash('sha256').update(token).digest('base64');
    const before = kept.get(digest);
    if (before && before.principal.expiresAtMs > nowMs() && (await keys.current().catch(unavailable)).version === before.version) return before.principal;
    kept.delete(digest);
    const fresh = await verify(token);
    if (fresh.principal.expiresAtMs > nowMs()) {
      kept.set(digest, fresh);
      if (kept.size > keptTokensMax) kept.delete(kept.keys().next().value ?? '');
    }
    return fresh.principal;
  };
}

/** Roles of our own client alone count; words that are no role of ours are passed over. A token of the platform's staff carries no tenant. */
function principalOf(payload: JWTPayload, audience: string): Principal {
  const claims = Claims.safeParse(payload);
  if (!claims.success) throw new ApiProblem('token-invalid', { cause: claims.error });
  const access = z.object({ resource_access: z.record(z.string(), z.object({ roles: z.array(z.string()) })) }).safeParse(payload);
  const named = access.success ? (access.data.resource_access[audience]?.roles ?? []) : [];
  const roles = Role.options.filter((role) => named.includes(role));
  const { sub, exp, iat, name, preferred_username: username, tenant } = claims.data;
  return {
    kind: 'token', subject: sub, name: name ?? username ?? null, tenant: roles.includes('platform') ? null : (tenant ?? null), roles,
    issuedAtMs: (iat ?? 0) * 1000, expiresAtMs: exp * 1000, areas: null, impersonation: null,
  };
}
