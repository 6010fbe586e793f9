import { ConfigError, commaList, commonSettings, storeSettings } from '@csms/kit';
import { z } from 'zod';

/** Every setting of the mirror, read from the environment by kit's loadConfig. */
export const settings = {
  ...commonSettings,
  ...storeSettings,
  CSMS_TENANT: z.string().describe('whose stations are shown'),
  CSMS_SITE_NAMESPACE: z.string().describe('the namespace of the sites'),
  CSMS_MIRROR_SITES: commaList.describe('names of the sites that are shown, by comma; absent: every site of the namespace'),
  CSMS_FIREBASE_DATABASE_URL: z.url().describe('https address of the Realtime Database'),
  CSMS_FIREBASE_CREDENTIALS_FILE: z.string().describe("file with the service account's key, as Google gives it; read again when it changes"),
  CSMS_FIREBASE_HOSTS: commaList.describe('hosts of databases that are not under firebaseio.com or firebasedatabase.app, by comma; in lab mode every host may be named'),
} as const;

const hostsOfGoogle = ['.firebaseio.com', '.firebasedatabase.app'];

/**
 * The address of the database, held against what may be called: a site's owner names it, and the service account's token is sent there.
 * Throws ConfigError with one sentence.
 */
export function databaseUrlOf(config: { CSMS_MODE: 'lab' | 'production'; CSMS_FIREBASE_DATABASE_URL: string; CSMS_FIREBASE_HOSTS: string[] }): string {
  const url = new URL(config.CSMS_FIREBASE_DATABASE_URL);
  if (url.username !== '' || url.password !== '' || url.hash !== '') throw new ConfigError('CSMS_FIREBASE_DATABASE_URL is wrong: an address without a login or a fragment');
  if (url.pathname !== '/') throw new ConfigError('CSMS_FIREBASE_DATABASE_URL is wrong: the address of a database, without a path');
  if (config.CSMS_MODE === 'lab') return url.href;
  if (url.protocol !== 'https:') throw new ConfigError('CSMS_FIREBASE_DATABASE_URL is wrong: https alone, outside of lab mode');
  if (!hostsOfGoogle.some((end) => url.hostname.endsWith(end)) && !config.CSMS_FIREBASE_HOSTS.includes(url.hostname)) {
    throw new ConfigError(`CSMS_FIREBASE_DATABASE_URL is wrong: ${url.hostname} is no database of Firebase, and CSMS_FIREBASE_HOSTS does not name it`);
  }
  return url.href;
}
