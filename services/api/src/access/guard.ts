import { withAuditOrigin } from '@csms/store/audit-origin';
import type { RouteEntry } from '@csms/contracts/http/routes';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiProblem } from '../problems/api-problem.ts';
import type { Callers } from './callers.ts';
import { mayCall, type Principal } from './principal.ts';
import { createSharedLimit, type Limit, type SharedCount } from './shared-limit.ts';

declare module 'fastify' {
  interface FastifyRequest { principal: Principal | null }
  interface FastifyContextConfig { role?: RouteEntry['role']; staffToo?: boolean; isCritical?: boolean; isForPeople?: boolean }
}

export interface RateLimits { perToken: number; perAddress: number }

/**
 * Nobody passes without a role: a route that says nothing of its role is closed to everybody. Requests of one token's holder are limited a minute over all
 * processes, and so are the refused ones of one address, which stops guessing without stopping an office behind one address.
 */
export function useGuard(app: FastifyInstance, parts: { callers: Callers; limits: RateLimits; sharedCount: SharedCount }): void {
  const perHolder = createSharedLimit({ name: 'holder', max: parts.limits.perToken, count: parts.sharedCount });
  const perAddress = createSharedLimit({ name: 'address', max: parts.limits.perAddress, count: parts.sharedCount });
  const count = async (limit: Limit, key: string): Promise<void> => {
    const retryAfterS = await limit(key);
    if (retryAfterS !== null) throw new ApiProblem('too-many-requests', { retryAfterS });
  };

  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request) => {
    const { role, staffToo, isCritical, isForPeople } = request.routeOptions.config;
    if (request.is404 || role === 'public') return count(perAddress, request.ip);
    try {
      request.principal = await parts.callers.identify(bearerOf(request));
    } catch (error) {
      await count(perAddress, request.ip);
      throw error;
    }
    const { principal } = request;
    await count(perHolder, `${principal.tenant ?? ''}/${principal.subject}`);
    if (role === undefined) throw new ApiProblem('role-missing');
    if (!mayCall(principal, role) && !(staffToo === true && mayCall(principal, 'platform'))) throw new ApiProblem('role-missing', { detail: `this asks for the role ${role}` });
    // Who gets in by a secret makes nobody else a way in; staff that acts for somebody may look.
    if (isForPeople === true && principal.kind !== 'token' && !(principal.kind === 'impersonation' && request.method === 'GET')) throw new ApiProblem('sign-in-needed');
    if (principal.areas !== null && !principal.areas.includes(areaOf(request))) throw new ApiProblem('area-missing', { detail: `this asks for the area ${areaOf(request)}` });
    if (isCritical === true) await parts.callers.recheck(principal);
    return undefined;
  });
  // What the route does from here on leaves audit rows that say where it came from.
  app.addHook('preValidation', (request, _reply, done) => {
    withAuditOrigin({ address: request.ip, traceId: request.id, impersonationId: request.principal?.impersonation?.id ?? null }, done);
  });
}

/** The noun that a route is about: the first tag of its description. */
function areaOf(request: FastifyRequest): string {
  return request.routeOptions.schema?.tags?.[0] ?? 'none';
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
