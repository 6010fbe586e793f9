import { loadConfig } from '@csms/kit';
import { expect, it } from 'vitest';
import { settings } from '../settings.ts';
import { filesOf } from './files-of-settings.ts';

const needed = { DATABASE_URL: 'postgres://127.0.0.1/x', OIDC_ISSUER: 'https://issuer.example', CSMS_CREDENTIAL_PEPPER: 'a pepper of sixteen', CSMS_OCPP_ENDPOINT: 'wss://ocpp.example/ocpp' };
const given = (more: Record<string, string>) => () => filesOf(loadConfig(settings, { ...needed, ...more }));

it('production says where files lie and where stations reach them, or does not start', () => {
  expect(given({ CSMS_MODE: 'production' })).toThrow(/CSMS_FILES_DIR or CSMS_FILES_S3_URL/);
  expect(given({ CSMS_MODE: 'production', CSMS_FILES_DIR: '/data' })).toThrow(/CSMS_FILES_URL/);
  expect(given({ CSMS_MODE: 'production', CSMS_FILES_DIR: '/data', CSMS_FILES_URL: 'https://csms.example/api/v1' })()?.stationUrl).toBe('https://csms.example/api/v1');
  expect(given({ CSMS_MODE: 'lab' })()?.stationUrl).toBe('http://127.0.0.1:8080/api/v1');
});
