import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
let apiUrl: string;
beforeAll(async () => {
  api = await startTestApi();
  apiUrl = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api?.close());

const ask = (change: Record<string, string> = {}) => {
  const { clientId, clientSecret } = api.identity.clients.find((client) => client.clientId === 'csms-operator')!;
  const env = { CSMS_API_URL: apiUrl, OIDC_ISSUER: api.identity.issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, ...change };
  return promisify(execFile)(process.execPath, [join(import.meta.dirname, '../src/ask-as-staff.ts')], { env });
};

it('the test of an installation signs in as the operator and gets an answer of the API', async () => {
  expect((await ask()).stdout).toBe('the issuer and the API answer\n');
});

it('it says who did not answer', async () => {
  await expect(ask({ OIDC_CLIENT_SECRET: 'wrong' })).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/\/token answered 401/) });
  await expect(ask({ CSMS_API_URL: 'http://127.0.0.1:9' })).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('127.0.0.1:9/api/v1/tenants cannot be reached') });
});
