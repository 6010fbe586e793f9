import { parseChargingSite } from '@csms/contracts/charging-site/index';
import { at, type Kind } from '@csms/kube';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applySiteCrd, by, openTestCluster, siteObject, type TestCluster } from './test-cluster.ts';

const siteKind: Kind = { apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', plural: 'chargingsites', namespaced: true };
let cluster: TestCluster;
let namespace: string;
beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  namespace = await cluster.namespace('kind');
});
afterAll(() => cluster?.close());

const condition = (type: string, reason: string) => ({ type, status: 'True', reason, message: 'by the suite', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 });
const status = (name: string, value: unknown) => ({ apiVersion: siteKind.apiVersion, kind: siteKind.kind, metadata: { name, namespace }, status: value });

it('O-02 kubectl get shows Ready, Reason, chargers, gateways and the age; -o wide the endpoint too; csite and csms are names for it', async () => {
  await cluster.client.apply(siteKind, siteObject(namespace, 'columns'), by);
  const observed = {
    observedGeneration: 1, conditions: [condition('Ready', 'AllReady')],
    gateway: { replicas: 3, readyReplicas: 2, connectedStations: 41, stations: 50, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { url: 'https://bandung.example.com' }, versions: { gateway: '1.4.0' },
    training: { model: { kind: 'seasonal-naive' } },
  };
  await cluster.client.applyStatus(siteKind, status('columns', observed), by);
  const lines = (text: string): string[][] => text.trim().split('\n').map((line) => line.split(/\s{2,}/));
  const [head, row] = lines(await cluster.kubectl('-n', namespace, 'get', 'chargingsites', 'columns'));
  expect(head).toEqual(['NAME', 'READY', 'REASON', 'CHARGERS', 'GATEWAYS', 'DESIRED', 'VERSION', 'URL', 'AGE']);
  expect(row?.slice(0, 8)).toEqual(['columns', 'True', 'AllReady', '41', '2', '3', '1.4.0', 'https://bandung.example.com']);
  const [wideHead, wideRow] = lines(await cluster.kubectl('-n', namespace, 'get', 'csite', 'columns', '-o', 'wide'));
  expect(wideHead).toEqual([...(head?.slice(0, 8) ?? []), 'ENDPOINT', 'FORECAST', 'AGE']);
  expect(wideRow?.slice(8, 10)).toEqual(['wss://ocpp.example.com/ocpp', 'seasonal-naive']);
  expect(await cluster.kubectl('-n', namespace, 'get', 'csms')).toContain('columns');
});

it('O-03 the status is written apart: it moves no generation, and a spec that carries a status does not change it', async () => {
  const created = await cluster.client.apply(siteKind, siteObject(namespace, 'status'), by);
  expect(created.metadata.generation).toBe(1);
  const written = await cluster.client.applyStatus(siteKind, status('status', { observedGeneration: 1, conditions: [condition('Ready', 'AllReady')] }), { fieldManager: 'csms-operator', force: true });
  expect(written.metadata.generation).toBe(1);
  const again = await cluster.client.apply(siteKind, { ...siteObject(namespace, 'status', { displayName: 'Another name' }), status: { observedGeneration: 99 } }, by);
  expect(again.metadata.generation).toBe(2);
  expect(at(again, 'status', 'observedGeneration')).toBe(1);
  const sneaky = await cluster.client.applyStatus(siteKind, { ...siteObject(namespace, 'status', { displayName: 'By way of the status' }), status: { observedGeneration: 2 } }, { fieldManager: 'csms-operator', force: true });
  expect(at(sneaky, 'spec', 'displayName')).toBe('Another name');
});

it.each([
  ['nothing of it is said', {}],
  ['the groups are there and empty', { ocpp: {}, gateway: { replicas: {} }, training: {}, dashboard: {}, mirror: {} }],
  ['some of it is said', { ocpp: { securityProfile: 1 }, gateway: { replicas: { min: 1 } }, training: { horizonHours: 48 } }],
])('O-04 every default stands in what was stored, and no other is hidden in code, where %s', async (_title, spec) => {
  const object = siteObject(namespace, `defaults-${Object.keys(spec).length}`, spec);
  const stored = await cluster.client.apply(siteKind, object, by);
  expect(stored.spec).toEqual(parseChargingSite(object).spec);
});

it('O-07 two managers own different conditions and different dialects of one site', async () => {
  await cluster.client.apply(siteKind, siteObject(namespace, 'shared', { ocpp: { versions: ['ocpp1.6'] } }), by);
  const other = { fieldManager: 'somebody-else' };
  const added = await cluster.client.apply(siteKind, { apiVersion: siteKind.apiVersion, kind: siteKind.kind, metadata: { name: 'shared', namespace }, spec: { ...siteObject(namespace, 'shared').spec as object, ocpp: { versions: ['ocpp2.1'] } } }, other);
  expect(at(added, 'spec', 'ocpp', 'versions')).toEqual(['ocpp1.6', 'ocpp2.1']);
  await cluster.client.applyStatus(siteKind, status('shared', { conditions: [condition('Ready', 'AllReady')] }), by);
  const both = await cluster.client.applyStatus(siteKind, status('shared', { conditions: [condition('Audited', 'Elsewhere')] }), other);
  expect((at(both, 'status', 'conditions') as { type: string }[]).map(({ type }) => type)).toEqual(['Ready', 'Audited']);
  const withdrawn = await cluster.client.applyStatus(siteKind, status('shared', { conditions: [] }), other);
  expect((at(withdrawn, 'status', 'conditions') as { type: string }[]).map(({ type }) => type)).toEqual(['Ready']);
});
