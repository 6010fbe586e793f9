import { parseChargingSite } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import { at, listAt, stringAt } from '@csms/kube/object';
import type { KubernetesObject } from '@csms/kube/object';
import { expect, it } from 'vitest';
import { desiredOfNamespace } from './desired.ts';
import { offersAll } from './kinds.ts';
import { Platform } from './platform.ts';

const platform = (mirror: string | undefined): Platform => Platform.parse({
  namespace: 'csms-system', images: { gateway: 'g', dashboard: 'd', trainer: 't', ...(mirror === undefined ? {} : { mirror }) }, apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' },
  ocpp: { port: 9221, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { port: 3500, url: 'https://csms.example.com' }, secrets: { gatewayTls: 'csms-gateway-tls' },
});
const site = (name: string, firebase?: { databaseUrl: string; credentialsSecret: string }, deletionTimestamp?: string): ChargingSite => {
  const parsed = parseChargingSite({
    apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name, namespace: 'pln-bandung', uid: `uid-${name}` },
    spec: { displayName: name, location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 150 }, ...(firebase === undefined ? {} : { mirror: { firebase } }) },
  });
  return deletionTimestamp === undefined ? parsed : { ...parsed, metadata: { ...parsed.metadata, deletionTimestamp } };
};
const one = { databaseUrl: 'https://one.firebaseio.com', credentialsSecret: 'key-one' };
const two = { databaseUrl: 'https://two.asia-southeast1.firebasedatabase.app', credentialsSecret: 'key-two' };
const mirrorsOf = (sites: ChargingSite[]): KubernetesObject[] =>
  desiredOfNamespace({ name: 'pln-bandung', tenant: 'pln' }, sites, new Set(), platform('m'), offersAll).map(({ object }) => object).filter((object) => object.metadata.labels?.['app.kubernetes.io/component'] === 'mirror');
const envOf = (deployment: KubernetesObject | undefined): Record<string, unknown> =>
  Object.fromEntries(listAt(listAt(deployment, 'spec', 'template', 'spec', 'containers')[0], 'env').map((variable) => [stringAt(variable, 'name'), at(variable, 'value')]));

it('a namespace has one mirror a database that its sites name, with the key from the Secret beside it', () => {
  const objects = mirrorsOf([site('b', one), site('a', one), site('c', two), site('d')]);
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  expect(deployments.map((each) => envOf(each)['CSMS_MIRROR_SITES'])).toEqual(['a,b', 'c']);
  expect(envOf(deployments[0])).toMatchObject({ CSMS_MODE: 'production', CSMS_TENANT: 'pln', CSMS_SITE_NAMESPACE: 'pln-bandung', CSMS_FIREBASE_DATABASE_URL: one.databaseUrl, CSMS_FIREBASE_CREDENTIALS_FILE: '/etc/csms/firebase/service-account.json' });
  expect(deployments.map((each) => listAt(each, 'spec', 'template', 'spec', 'volumes')[1])).toEqual(['key-one', 'key-two'].map((secretName) => ({ name: 'firebase', secret: { secretName, defaultMode: 0o440 } })));
  // No pod of one is taken for the other's, and all are scraped through one Service.
  const selectors = deployments.map((each) => JSON.stringify(at(each, 'spec', 'selector')));
  expect(new Set(selectors).size).toBe(2);
  expect(objects.filter(({ kind }) => kind !== 'Deployment').map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['ServiceAccount csms-mirror', 'NetworkPolicy csms-mirror', 'Service csms-mirror']);
  expect(Object.keys(at(objects.find(({ kind }) => kind === 'Service'), 'spec', 'selector') as object)).not.toContain('csms.charge-it.io/mirror');
});

it('the order of sites changes nothing, and a site that goes leaves its mirror', () => {
  expect(mirrorsOf([site('a', one), site('b', one)])).toEqual(mirrorsOf([site('b', one), site('a', one)]));
  expect(mirrorsOf([site('a', one), site('b', one, '2026-11-24T00:00:00Z')]).filter(({ kind }) => kind === 'Deployment').map((each) => envOf(each)['CSMS_MIRROR_SITES'])).toEqual(['a']);
  expect(mirrorsOf([site('a', one, '2026-11-24T00:00:00Z')])).toEqual([]);
});

it('there is none where no site asks for one, or the platform has no image for it', () => {
  expect(mirrorsOf([site('a')])).toEqual([]);
  expect(desiredOfNamespace({ name: 'pln-bandung', tenant: 'pln' }, [site('a', one)], new Set(), platform(undefined), offersAll).filter(({ object }) => object.metadata.name.startsWith('csms-mirror'))).toEqual([]);
});

it('a mirror may reach the books, the bus, names, and public addresses over HTTPS; nobody but Prometheus may reach it', () => {
  const policy = mirrorsOf([site('a', one)]).find(({ kind }) => kind === 'NetworkPolicy');
  expect(at(policy, 'spec', 'podSelector', 'matchLabels')).toMatchObject({ 'app.kubernetes.io/component': 'mirror' });
  expect(listAt(policy, 'spec', 'ingress')).toEqual([{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'csms-system' } } }], ports: [{ port: 9464, protocol: 'TCP' }] }]);
  const world = listAt(policy, 'spec', 'egress').at(-1);
  expect(world).toMatchObject({ ports: [{ port: 443, protocol: 'TCP' }] });
  expect(listAt(listAt(world, 'to')[0], 'ipBlock', 'except')).toEqual(expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16']));
});
