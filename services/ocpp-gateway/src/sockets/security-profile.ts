import type { SecurityProfile, Station } from '@csms/domain';
import type { CredentialMatch } from './basic-auth.ts';

/** What a connection and its upgrade request prove of themselves. */
export interface Proof {
  tls: boolean;
  /** An Authorization header came, whatever is in it. */
  credentialOffered: boolean;
  credential: CredentialMatch;
  /** The station's own certificate was verified as this very station's. */
  certificate: boolean;
}

/**
 * Under which of a station's profiles this proof lets it in, or null: the configured one, or the one that was asked of it and is now used for the first time. No
 * other, neither lower nor higher (A00.FR.002, C-03): what is configured is what the station does.
 */
export function profileOfEntry(station: Pick<Station, 'securityProfile' | 'securityProfileNext'>, proof: Proof): SecurityProfile | null {
  const { securityProfile, securityProfileNext } = station;
  if (securityProfileNext !== null && holds(securityProfileNext, proof)) return securityProfileNext;
  return holds(securityProfile, proof) ? securityProfile : null;
}

function holds(profile: SecurityProfile, { tls, credentialOffered, credential, certificate }: Proof): boolean {
  switch (profile) {
    case 0: return !tls && !credentialOffered;
    case 1: return !tls && credential !== null;
    case 2: return tls && credential !== null;
    case 3: return tls && certificate;
  }
}
