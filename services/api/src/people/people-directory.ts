import type { Person } from '@csms/contracts/http/people';
import type { Role } from '@csms/contracts/http/common';

/** What the issuer says of one account now; programs that sign in have one too. */
export interface Account { subject: string; login: string; name: string; email: string | null; tenant: string | null; roles: Role[]; isEnabled: boolean;
  /** A program of the lab that gets tokens of any tenant and role: they say nothing of its account. */
  actsAsChosen?: boolean;
}

/** The login is taken within this tenant. */
export class LoginTaken extends Error { override name = 'LoginTaken'; }
/** The directory does not answer, or not as it should. */
export class DirectoryUnavailable extends Error { override name = 'DirectoryUnavailable'; }

/**
 * Who signs in, kept by the issuer. Every method but `find` and `endSessions` is about people of one tenant and knows nobody else; each rejects with
 * DirectoryUnavailable where the issuer cannot be asked.
 */
export interface PeopleDirectory {
  /** Everybody of a tenant, by login. */
  list(tenant: string): Promise<Person[]>;
  /** The account of a token's `sub`; null: there is none any more. */
  find(subject: string): Promise<Account | null>;
  /** Someone new, with a password that has to be changed at the first sign-in. Logins of different tenants never meet: the issuer keeps <login>@<tenant>. Rejects with LoginTaken. */
  invite(tenant: string, person: { login: string; name: string; email: string | null; role: Person['role'] }): Promise<{ person: Person; temporaryPassword: string }>;
  /** False: nobody of this tenant has this subject. */
  setRole(tenant: string, subject: string, role: Person['role']): Promise<boolean>;
  /** Ends their sessions and takes the account away. False: as above. */
  remove(tenant: string, subject: string): Promise<boolean>;
  /** Ends every session of theirs, wherever it is: no refresh token works any more. */
  endSessions(subject: string): Promise<void>;
}

/** The strongest of a tenant's roles among some; null: none of them is one. */
export function tenantRoleOf(roles: readonly string[]): Person['role'] | null {
  return (['admin', 'operator', 'viewer'] as const).find((role) => roles.includes(role)) ?? null;
}
