/** What a certificate, or a request for one, says of whom it is. */
export interface CertifiedNames { commonNames: readonly string[]; organizations: readonly string[] }

/**
 * Is this the name of this station of this operator: one CN, which is the station's identity, and one O, which is the operator's name (OCPP 1.6 security
 * whitepaper, certificate properties: O is CpoName)? Null when it is. Letters count as they are: an identity is no CiString on the way in.
 */
export function wrongName(names: CertifiedNames, station: { identity: string; operatorName: string }): 'wrong-name' | 'wrong-operator' | null {
  if (names.commonNames.length !== 1 || names.commonNames[0] !== station.identity) return 'wrong-name';
  return names.organizations.length === 1 && names.organizations[0] === station.operatorName ? null : 'wrong-operator';
}

/** So many requests of one station are taken within 24 hours; a new key is not made more often by any station that is well. */
export const signingRequestsADayMax = 3;

/** A certificate is signed for a year at most, and renewed in its last 30 days. */
export const validityDays = 365;
export const renewalDays = 30;

/** Why a signing request is refused, as a sentence for the operator, or null. */
export function refusalOfRequest(request: CertifiedNames & { strongKey: boolean; asksTooMuch: boolean }, station: { identity: string; operatorName: string }): string | null {
  switch (wrongName(request, station)) {
    case 'wrong-name': return 'the CN of the request is not the identity of the station that sent it';
    case 'wrong-operator': return `the O of the request is not the operator's name (${station.operatorName}); is CpoName set on the station?`;
    default: break;
  }
  if (!request.strongKey) return 'the key of the request is shorter than RSA 2048 or P-256';
  return request.asksTooMuch ? 'the request asks for more than a client\'s certificate' : null;
}

const dayMs = 86_400_000;

/** From when to when a certificate of ours is valid: from an hour ago, for stations whose clock is behind, and never beyond its authority's own end. */
export function validityFrom(now: Date, authority: { notAfter: Date }): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date(Math.floor((now.getTime() - 3_600_000) / 1_000) * 1_000);
  return { notBefore, notAfter: new Date(Math.min(notBefore.getTime() + validityDays * dayMs, authority.notAfter.getTime())) };
}

export function isDueForRenewal(certificate: { notAfter: Date }, now: Date): boolean {
  return certificate.notAfter.getTime() - now.getTime() <= renewalDays * dayMs;
}
