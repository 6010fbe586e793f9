import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { configMapEntry, manifestsOf } from '../rendered/manifests.ts';
import { keptFile } from '../rendered/render.ts';

const Client = z.looseObject({
  clientId: z.string(), secret: z.string().optional(), publicClient: z.boolean().optional(), implicitFlowEnabled: z.boolean().optional(), directAccessGrantsEnabled: z.boolean(), redirectUris: z.array(z.string()).default([]),
  attributes: z.record(z.string(), z.string()).default({}),
});
const Realm = z.looseObject({ clients: z.array(Client), accessTokenLifespan: z.number() });
const text = (name: string): string => configMapEntry(manifestsOf(readFileSync(keptFile(join(import.meta.dirname, '../../../..'), name), 'utf8')), 'csms-keycloak-realm', 'csms-realm.json');

it.each(['default', 'vps-k3s'])('the realm of ci/%s-values.yaml: brute force is held off, TLS everywhere, short tokens, no grant by password, exact addresses', (name) => {
  const realm = Realm.parse(JSON.parse(text(name)));
  expect(realm).toMatchObject({ realm: 'csms', sslRequired: 'all', bruteForceProtected: true, registrationAllowed: false, revokeRefreshToken: true, refreshTokenMaxReuse: 0, eventsEnabled: true, adminEventsEnabled: true });
  expect(realm.accessTokenLifespan).toBeLessThanOrEqual(300);
  for (const client of realm.clients) {
    expect(client.directAccessGrantsEnabled, client.clientId).toBe(false);
    expect(client.implicitFlowEnabled ?? false, client.clientId).toBe(false);
    expect(client.secret ?? '${}', client.clientId).toMatch(/^\$\{[A-Z_]*\}$/);
    expect(client.redirectUris.filter((uri) => uri.includes('*') || !uri.startsWith('https://')), client.clientId).toEqual([]);
  }
  const dashboard = realm.clients.find(({ clientId }) => clientId === 'csms-dashboard');
  expect(dashboard?.attributes['pkce.code.challenge.method']).toBe('S256');
  expect(dashboard?.redirectUris).toEqual(name === 'default' ? ['https://csms-dashboard.csms-system.svc/auth/callback'] : ['https://csms.example.com/auth/callback', 'https://bandung.example.com/auth/callback']);
});
