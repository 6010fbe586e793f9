import { ConfigError } from '@csms/kit';
import { openKeycloakDirectory } from './keycloak-directory.ts';
import { openLocalDirectory } from './local-directory.ts';
import type { PeopleDirectory } from './people-directory.ts';

interface PeopleSettings {
  OIDC_ISSUER: string; OIDC_AUDIENCE: string;
  CSMS_PEOPLE: 'keycloak' | 'local' | 'elsewhere'; CSMS_PEOPLE_URL?: string | undefined; CSMS_PEOPLE_CLIENT_ID: string; CSMS_PEOPLE_CLIENT_SECRET?: string | undefined;
}

/** The directory that the settings name; null where the issuer's accounts are kept elsewhere. Throws ConfigError without the secret that it needs. */
export function peopleOf(config: PeopleSettings): PeopleDirectory | null {
  if (config.CSMS_PEOPLE === 'elsewhere') return null;
  const [clientId, clientSecret] = [config.CSMS_PEOPLE_CLIENT_ID, config.CSMS_PEOPLE_CLIENT_SECRET];
  if (clientSecret === undefined) throw new ConfigError('CSMS_PEOPLE_CLIENT_SECRET is not set: the secret of the client that keeps the accounts');
  if (config.CSMS_PEOPLE === 'local') return openLocalDirectory({ url: config.CSMS_PEOPLE_URL ?? config.OIDC_ISSUER, clientId, clientSecret });
  return openKeycloakDirectory({ issuer: config.OIDC_ISSUER, adminUrl: config.CSMS_PEOPLE_URL, clientId, clientSecret, audience: config.OIDC_AUDIENCE });
}
