import type { RouteEntry } from '@csms/contracts/http/routes';
import type {} from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiProblem } from '../problems/api-problem.ts';
import { mayCall, type Principal } from './principal.ts';
import type { TokenVerifier } from './verify-token.ts';

declare module 'fastify' {
  interface FastifyRequest { principal: Principal | null }
  interface FastifyContextConfig { role?: RouteEntry['role']; staffToo?: boolean }
}

export interface RateLimits { perToken: number; perAddress: number }

/**
 * Nobody passes without a role: a route that says nothing of its role is closed to everybody. Requests of one token's holder are limited a minute,
 * and so are the refused ones of one address, which stops guessing without stopping an office behind one address.
 */
export function useGuard(app: FastifyInstance, parts: { verify: TokenVerifier; limits: RateLimits }): void {
  const perHolder = app.createRateLimit({ max: parts.limits.perToken, timeWindow: 60_000, keyGenerator: (request) => `holder ${request.principal?.tenant ?? ''}/${request.principal?.subject ?? ''}` });
  const perAddress = app.createRateLimit({ max: parts.limits.perAddress, timeWindow: 60_000, keyGenerator: (request) => `address ${request.ip}` });
  const count = async (limit: typeof perHolder, request: FastifyRequest): Promise<void> => {
    const verdict = await limit(request);
    if (!verdict.isAllowed && verdict.isExceeded) throw new ApiProblem('too-many-requests', { retryAfterS: verdict.ttlInSeconds });
  };

  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => {
    const { role, staffToo } = request.routeOptions.config;
    if (request.is404 || role === 'public') return count(perAddress, request);
    try {
      request.principal = await parts.verify(bearerOf(request));
    } catch (error) {
      await count(perAddress, request);
      throw error;
    }
    await count(perHolder, request);
    if (role === undefined) throw new ApiProblem('role-missing');
    if (mayCall(request.principal, role) || (staffToo === true && mayCall(request.principal, 'platform'))) return undefined;
    throw new ApiProblem('role-missing', { detail: `this asks for the role ${role}` });
  });
}

function bearerOf(request: FastifyRequest): string {
  const match = /^Bearer ([A-Za-z0-9._~+/=-]{1,8192})$/i.exec(request.headers.authorization ?? '');
  if (!match?.[1]) throw new ApiProblem('token-missing');
  return match[1];
}

/** Who asks; a route behind the guard always has one. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new ApiProblem('token-missing');
  return request.principal;
}

/** Whose books are meant: the tenant of the token (T-07). No header, no parameter and no body is asked. */
export function tenantOf(request: FastifyRequest): string {
  const { tenant } = principalOf(request);
  if (tenant === null) throw new ApiProblem('role-missing');
  return tenant;
}
