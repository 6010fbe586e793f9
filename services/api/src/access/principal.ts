import type { Role } from '@csms/contracts/http/common';

/**
 * Who is asking. `tenant` comes from a claim of the access token, or from the row of the API key or of the impersonation that the secret opens, and from
 * nowhere else (T-07); staff of the platform has none.
 */
export interface Principal {
  kind: 'token' | 'api-key' | 'impersonation';
  subject: string;
  name: string | null;
  tenant: string | null;
  roles: Role[];
  issuedAtMs: number;
  /** When the token ends, in milliseconds since 1970. */
  expiresAtMs: number;
  /** Which areas of the API (tags of its description) an API key reaches; null: all. */
  areas: readonly string[] | null;
  /** Staff of the platform who act as a tenant's own, and why. */
  impersonation: { id: string; reason: string } | null;
}

const rank = { viewer: 1, operator: 2, admin: 3 } as const;

/** A tenant's roles rise viewer < operator < admin; `platform` is another ladder: it reaches its own routes and none of a tenant's. */
export function mayCall(principal: Principal, role: Role): boolean {
  if (role === 'platform') return principal.roles.includes('platform');
  if (principal.tenant === null) return false;
  return principal.roles.some((has) => has !== 'platform' && rank[has] >= rank[role]);
}

/** The book that holds what concerns the platform's staff themselves: no name of a tenant can be this. */
export const staffBook = '*';
