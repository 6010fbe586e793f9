import type { ChargingProfile, InstalledProfile } from './charging-profile.ts';

/** Which profiles ClearChargingProfile means (OCPP 1.6, 6.9): by id alone, else by all of what is given. */
export interface ProfileFilter {
  id?: number;
  connectorId?: number;
  purpose?: ChargingProfile['chargingProfilePurpose'];
  stackLevel?: number;
}

/**
 * The set with one more: it takes the place of the one with its id, and of the one with its purpose and stack level at
 * its connector (OCPP 1.6, 5.16 and 3.13.2).
 */
export function withProfile(installed: readonly InstalledProfile[], added: InstalledProfile): InstalledProfile[] {
  return [...installed.filter(({ profile, connectorId, localId }) => profile.chargingProfileId !== added.profile.chargingProfileId
    && !(profile.chargingProfilePurpose === added.profile.chargingProfilePurpose && profile.stackLevel === added.profile.stackLevel
      && connectorId === added.connectorId && localId === added.localId)), added];
}

export function withoutProfiles(installed: readonly InstalledProfile[], { id, connectorId, purpose, stackLevel }: ProfileFilter): InstalledProfile[] {
  return installed.filter((one) => {
    if (id !== undefined) return one.profile.chargingProfileId !== id;
    return !((connectorId === undefined || one.connectorId === connectorId) && (purpose === undefined || one.profile.chargingProfilePurpose === purpose)
      && (stackLevel === undefined || one.profile.stackLevel === stackLevel));
  });
}
