import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIdentity, type Identity } from '../../../tools/local/src/identity/identity.ts';
import { openKeycloakDirectory } from '../src/people/keycloak-directory.ts';
import { openLocalDirectory } from '../src/people/local-directory.ts';
import { DirectoryUnavailable, LoginTaken, type PeopleDirectory } from '../src/people/people-directory.ts';

/*
 * One suite for every issuer whose accounts the platform keeps. That of npm start runs always; CSMS_TEST_KEYCLOAK names a realm of a running Keycloak
 * (http://127.0.0.1:18099/realms/csms), with the secret of its client csms-api in CSMS_TEST_KEYCLOAK_SECRET.
 */
interface Issuer { open(): Promise<{ people: PeopleDirectory; stranger: PeopleDirectory; close(): Promise<void> }> }
const keycloak = process.env['CSMS_TEST_KEYCLOAK'];
const issuers: [string, Issuer][] = [
  ['the issuer of npm start', { async open() {
    const dataDir = mkdtempSync(join(tmpdir(), 'csms-directory-'));
    const identity: Identity = await startIdentity({ port: 0, dataDir, dashboardUrl: 'http://127.0.0.1:3500' });
    const { clientId, clientSecret } = identity.clients.find((client) => client.clientId === 'csms-api')!;
    return {
      people: openLocalDirectory({ url: identity.issuer, clientId, clientSecret }), stranger: openLocalDirectory({ url: identity.issuer, clientId, clientSecret: 'a guess' }),
      close: async () => { await identity.close(); rmSync(dataDir, { recursive: true, force: true }); },
    };
  } }],
];
if (keycloak !== undefined) issuers.push(['Keycloak', { async open() {
  const options = { issuer: keycloak, clientId: 'csms-api', audience: 'csms-api' };
  return { people: openKeycloakDirectory({ ...options, clientSecret: process.env['CSMS_TEST_KEYCLOAK_SECRET'] ?? '' }), stranger: openKeycloakDirectory({ ...options, clientSecret: 'a guess' }), close: async () => undefined };
} }]);

describe.each(issuers)('the directory of %s', (_name, issuer) => {
  let opened: Awaited<ReturnType<Issuer['open']>>;
  // A Keycloak may have seen an earlier run.
  const [demo, kota] = [`demo-${Date.now().toString(36)}`, `kota-${Date.now().toString(36)}`];
  beforeAll(async () => { opened = await issuer.open(); });
  afterAll(async () => { await opened?.close(); });
  const sari = { login: 'sari', name: 'Sari Wulandari', email: 'sari@example.com', role: 'operator' } as const;

  it('invites, lists, finds, changes and removes people of one tenant', async () => {
    const { people } = opened;
    expect(await people.list(demo)).toEqual([]);
    const { person, temporaryPassword } = await people.invite(demo, sari);
    expect(person).toMatchObject({ login: `sari@${demo}`, name: 'Sari Wulandari', email: 'sari@example.com', role: 'operator', isEnabled: true });
    expect(temporaryPassword.length).toBeGreaterThanOrEqual(12);
    expect(await people.list(demo)).toEqual([person]);
    expect(await people.find(person.subject)).toMatchObject({ subject: person.subject, tenant: demo, roles: ['operator'], isEnabled: true });
    expect(await people.setRole(demo, person.subject, 'admin')).toBe(true);
    expect(await people.find(person.subject)).toMatchObject({ roles: ['admin'] });
    expect((await people.list(demo)).map((each) => each.role)).toEqual(['admin']);
    await people.endSessions(person.subject);
    expect(await people.remove(demo, person.subject)).toBe(true);
    expect(await people.find(person.subject)).toBeNull();
    expect(await people.list(demo)).toEqual([]);
  });

  it('keeps tenants apart: the same login and e-mail twice, and nobody else’s person is changed or removed', async () => {
    const { people } = opened;
    const here = await people.invite(demo, sari);
    await expect(people.invite(demo, sari)).rejects.toThrow(LoginTaken);
    const there = await people.invite(kota, sari);
    expect(there.person.subject).not.toBe(here.person.subject);
    expect(await people.list(kota)).toEqual([there.person]);
    expect(await people.setRole(kota, here.person.subject, 'admin')).toBe(false);
    expect(await people.remove(kota, here.person.subject)).toBe(false);
    expect(await people.remove(kota, 'nobody')).toBe(false);
    expect(await people.find(here.person.subject)).toMatchObject({ tenant: demo, roles: ['operator'] });
  });

  it('is for nobody without its secret', async () => {
    await expect(opened.stranger.list(demo)).rejects.toThrow(DirectoryUnavailable);
    await expect(opened.stranger.invite(demo, sari)).rejects.toThrow(DirectoryUnavailable);
  });
});
