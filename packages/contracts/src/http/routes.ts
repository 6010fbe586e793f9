import type { Role } from './common.ts';

/**
 * Every route of the API under /api/v1 with the smallest role that may call it; the API, its OpenAPI page and the caller matrix are made from it.
 * `public` needs no token. A tenant's roles rise viewer < operator < admin; platform is staff, not a tenant's admin.
 */
export interface RouteEntry {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path: string; role: Role | 'public'; labOnly?: boolean;
  /** Staff of the platform may call it too, though they have no tenant. */
  staffToo?: boolean;
}

export const routes = [
  { method: 'GET', path: '/me', role: 'viewer', staffToo: true },
  { method: 'GET', path: '/overview', role: 'viewer' },
  { method: 'GET', path: '/events', role: 'viewer' },
  { method: 'GET', path: '/tenants', role: 'platform' },
  { method: 'GET', path: '/sites', role: 'viewer' },
  { method: 'GET', path: '/sites/:id', role: 'viewer' },
  { method: 'PUT', path: '/sites/by-resource/:namespace/:name', role: 'platform' },
  { method: 'GET', path: '/sites/by-resource/:namespace/:name', role: 'platform' },
  { method: 'DELETE', path: '/sites/by-resource/:namespace/:name', role: 'platform' },
  { method: 'GET', path: '/stations', role: 'viewer' },
  { method: 'POST', path: '/stations', role: 'admin' },
  { method: 'GET', path: '/stations/knocking', role: 'operator' },
  { method: 'GET', path: '/stations/:id', role: 'viewer' },
  { method: 'POST', path: '/stations/:id/credential', role: 'admin' },
  { method: 'POST', path: '/stations/:id/credential/push', role: 'admin' },
  { method: 'PUT', path: '/stations/:id/security-profile', role: 'admin' },
  { method: 'GET', path: '/stations/:id/quirks', role: 'viewer' },
  { method: 'GET', path: '/stations/:id/quarantine', role: 'operator' },
  { method: 'POST', path: '/stations/:id/commands', role: 'operator' },
  { method: 'GET', path: '/stations/:id/local-list', role: 'viewer' },
  { method: 'POST', path: '/stations/:id/local-list', role: 'operator' },
  { method: 'GET', path: '/reservations', role: 'viewer' },
  { method: 'POST', path: '/reservations', role: 'operator' },
  { method: 'GET', path: '/reservations/:id', role: 'viewer' },
  { method: 'DELETE', path: '/reservations/:id', role: 'operator' },
  { method: 'GET', path: '/commands', role: 'viewer' },
  { method: 'GET', path: '/commands/:id', role: 'viewer' },
  { method: 'GET', path: '/connectors', role: 'viewer' },
  { method: 'GET', path: '/sessions', role: 'viewer' },
  { method: 'GET', path: '/sessions/:id', role: 'viewer' },
  { method: 'GET', path: '/sessions/:id/curve', role: 'viewer' },
  { method: 'GET', path: '/sessions/:id/explanation', role: 'viewer' },
  { method: 'GET', path: '/meter-values', role: 'viewer' },
  { method: 'GET', path: '/bills', role: 'viewer' },
  { method: 'GET', path: '/bills/:id', role: 'viewer' },
  { method: 'GET', path: '/tokens', role: 'viewer' },
  { method: 'POST', path: '/tokens', role: 'admin' },
  { method: 'PATCH', path: '/tokens/:id', role: 'operator' },
  { method: 'GET', path: '/tariffs', role: 'viewer' },
  { method: 'POST', path: '/tariffs', role: 'admin' },
  { method: 'GET', path: '/forecasts/:siteId', role: 'viewer' },
  { method: 'GET', path: '/models/:siteId', role: 'viewer' },
  { method: 'GET', path: '/health-scores', role: 'viewer' },
  { method: 'GET', path: '/security-events', role: 'operator' },
  { method: 'GET', path: '/audit', role: 'admin' },
  { method: 'GET', path: '/lab/state', role: 'operator', labOnly: true },
  { method: 'GET', path: '/lab/proof', role: 'operator', labOnly: true },
  { method: 'POST', path: '/lab/actions', role: 'operator', labOnly: true },
] as const satisfies readonly RouteEntry[];
