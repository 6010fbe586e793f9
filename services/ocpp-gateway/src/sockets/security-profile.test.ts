import type { SecurityProfile } from '@csms/domain';
import { expect, it } from 'vitest';
import { profileOfEntry, type Proof } from './security-profile.ts';

const offers: Record<SecurityProfile, Proof> = {
  0: { tls: false, credentialOffered: false, credential: null, certificate: false },
  1: { tls: false, credentialOffered: true, credential: 'current', certificate: false },
  2: { tls: true, credentialOffered: true, credential: 'current', certificate: false },
  3: { tls: true, credentialOffered: false, credential: null, certificate: true },
};
const profiles = [0, 1, 2, 3] as const;

it('of 4 configured and 4 offered profiles, the 4 that are the same let in', () => {
  const passed = profiles.flatMap((configured) => profiles.filter((offered) => profileOfEntry({ securityProfile: configured, securityProfileNext: null }, offers[offered]) !== null).map((offered) => [configured, offered]));
  expect(passed).toEqual([[0, 0], [1, 1], [2, 2], [3, 3]]);
});

it('a profile that is asked for lets in beside the one that is configured, and no other does', () => {
  const of = (offered: SecurityProfile) => profileOfEntry({ securityProfile: 1, securityProfileNext: 3 }, offers[offered]);
  expect(profiles.map(of)).toEqual([null, 1, null, 3]);
});

it('a wrong password and a bad certificate let in under no profile', () => {
  for (const securityProfile of profiles) {
    for (const tls of [false, true]) expect(profileOfEntry({ securityProfile, securityProfileNext: null }, { tls, credentialOffered: true, credential: null, certificate: false })).toBeNull();
  }
});
