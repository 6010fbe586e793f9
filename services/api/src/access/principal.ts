import type { Role } from '@csms/contracts/http/common';

/** Who the access token says is asking. `tenant` comes from its claim and from nowhere else (T-07); staff of the platform has none. */
export interface Principal {
  subject: string;
  name: string | null;
  tenant: string | null;
  roles: Role[];
  /** When the token ends, in milliseconds since 1970. */
  expiresAtMs: number;
}

const rank = { viewer: 1, operator: 2, admin: 3 } as const;

/** A tenant's roles rise viewer < operator < admin; `platform` is another ladder: it reaches its own routes and none of a tenant's. */
export function mayCall(principal: Principal, role: Role): boolean {
  if (role === 'platform') return principal.roles.includes('platform');
  if (principal.tenant === null) return false;
  return principal.roles.some((has) => has !== 'platform' && rank[has] >= rank[role]);
}
