import type { Account } from './accounts.ts';

export const audience = 'csms-api';
/** RFC 8707 wants an absolute URI; the audience in the token is the API's client name, as Keycloak's audience mapper gives it. */
export const apiResource = 'urn:csms:api';

export interface Subject { tenant: string | null; role: Account['role']; name: string; username: string }

/**
 * The claims of an access token as a Keycloak realm gives them with our mappers (notes/services.md 2): the tenant is the group's attribute,
 * roles are client roles of csms-api, and the payload's `typ` says Bearer.
 */
export function accessTokenClaims(subject: Subject): Record<string, unknown> {
  return {
    typ: 'Bearer',
    name: subject.name,
    preferred_username: subject.username,
    resource_access: { [audience]: { roles: [subject.role] } },
    ...(subject.tenant === null ? { groups: [] } : { tenant: subject.tenant, groups: [`/tenants/${subject.tenant}`] }),
  };
}
