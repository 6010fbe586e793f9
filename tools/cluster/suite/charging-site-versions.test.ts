import { anySpec } from '@csms/contracts/charging-site/testing/any-site';
import { at, type Kind, type KubernetesObject } from '@csms/kube';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applySiteCrd, by, openTestCluster, type TestCluster } from './test-cluster.ts';

let cluster: TestCluster;
let namespace: string;
beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  namespace = await cluster.namespace('versions');
});
afterAll(() => cluster?.close());

const kindOf = (version: string): Kind => ({ apiVersion: `csms.charge-it.io/${version}`, kind: 'ChargingSite', plural: 'chargingsites', namespaced: true });
const [alpha, beta] = [kindOf('v1alpha1'), kindOf('v1beta1')];

it('O-10 twenty random sites go through both versions, there and back, and lose nothing', async () => {
  let sites = 0;
  await fc.assert(fc.asyncProperty(anySpec, async (spec) => {
    const name = `random-${(sites += 1)}`;
    const object = (kind: Kind): KubernetesObject => ({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, namespace }, spec });
    const stored = await cluster.client.apply(alpha, object(alpha), by);
    const read = await cluster.client.get(beta, { namespace, name });
    expect([read?.apiVersion, read?.spec]).toEqual([beta.apiVersion, stored.spec]);
    const again = await cluster.client.apply(beta, object(beta), by);
    expect([again.spec, again.metadata.generation]).toEqual([stored.spec, 1]);
    expect((await cluster.client.get(alpha, { namespace, name }))?.spec).toEqual(stored.spec);
  }), { numRuns: 20 });
});

it('O-10 both are served, one is stored, and kubectl shows the same of both', async () => {
  const crd: unknown = JSON.parse(await cluster.kubectl('get', 'crd', 'chargingsites.csms.charge-it.io', '-o', 'json'));
  expect(at(crd, 'status', 'storedVersions')).toEqual(['v1alpha1']);
  const shown = await Promise.all(['v1alpha1', 'v1beta1'].map((version) => cluster.kubectl('get', `chargingsites.${version}.csms.charge-it.io`, '-n', namespace, '--sort-by=.metadata.name', '--no-headers', '-o', 'custom-columns=:metadata.name,:spec.displayName')));
  expect(shown[1]).toBe(shown[0]);
  expect(shown[0]?.trim().split('\n')).toHaveLength(20);
});
