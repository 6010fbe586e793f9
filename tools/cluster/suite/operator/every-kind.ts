import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import {
  at, certificateKind, configMapKind, cronJobKind, deploymentKind, httpRouteKind, namespaceKind, networkPolicyKind, podDisruptionBudgetKind, prometheusRuleKind, roleBindingKind, roleKind, scaledObjectKind, serviceAccountKind, serviceKind,
  serviceMonitorKind, tlsRouteKind, type Kind, type KubernetesObject,
} from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BooksApi } from '@csms/operator/testing/books-api';
import { by, crdKind, siteObject, type TestCluster } from '../test-cluster.ts';
import { openOperatorHome, tenantNamespace, type OperatorHome, type RunningOperator } from './running-operator.ts';

/** A kind of somebody else's operator, as far as its name goes. */
export const anyCrd = (group: string, version: string, kind: string): KubernetesObject => {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: crdKind.apiVersion, kind: crdKind.kind,
    // Groups below k8s.io are guarded; this is how one says that nobody approved it.
    metadata: { name: `${plural}.${group}`, ...(group.endsWith('.k8s.io') ? { annotations: { 'api-approved.kubernetes.io': 'unapproved, a stand-in of a test' } } : {}) },
    spec: {
      group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } } }],
    },
  };
};

/** What a person might do to an object of each kind (a merge patch), and where. */
const edits: [Kind, string, object][] = [
  [deploymentKind, 'csms-gateway-default', { spec: { strategy: { rollingUpdate: { maxUnavailable: 1 } } } }],
  [deploymentKind, 'csms-dashboard', { spec: { replicas: 0 } }],
  [cronJobKind, 'trainer-solo-daily', { spec: { schedule: '5 5 5 5 *' } }],
  [serviceKind, 'csms-gateway-default', { spec: { ports: [{ name: 'ocpp', port: 444, targetPort: 'ocpp' }] } }],
  [serviceAccountKind, 'csms-gateway-default', { automountServiceAccountToken: true }],
  [podDisruptionBudgetKind, 'csms-dashboard', { spec: { maxUnavailable: 5 } }],
  [networkPolicyKind, 'csms-closed', { spec: { podSelector: { matchLabels: { nobody: 'here' } } } }],
  [scaledObjectKind, 'csms-gateway-default', { spec: { minReplicaCount: 0 } }],
  [httpRouteKind, '', { spec: { hostnames: ['evil.example.com'] } }],
  [tlsRouteKind, 'csms-gateway-default', { spec: { hostnames: ['evil.example.com'] } }],
  [certificateKind, 'csms-gateway-default-tls', { spec: { dnsNames: ['evil.example.com'] } }],
  [serviceMonitorKind, 'csms-sites', { spec: { endpoints: [] } }],
  [prometheusRuleKind, 'csms-sites', { spec: { groups: [] } }],
  [configMapKind, 'csms-sites-grafana', { metadata: { labels: { grafana_dashboard: '0' } } }],
  [roleKind, 'csms-site-viewers', { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] }],
  [roleBindingKind, 'csms-site-editors', { subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'mallory' }] }],
];
const others = [scaledObjectKind, httpRouteKind, tlsRouteKind, certificateKind, serviceMonitorKind, prometheusRuleKind].map(({ apiVersion, kind }) => {
  const [group = '', version = ''] = apiVersion.split('/');
  return anyCrd(group, version, kind);
});

/** Every kind that a site becomes (the operators of `others` end before), on a cluster that has them all: what is edited and what is deleted is repaired, and a namespace that goes takes all with it. */
export function describeEveryKind(given: () => { cluster: TestCluster; books: BooksApi; others: RunningOperator[] }): void {
  describe('every kind that a site becomes', () => {
    let cluster: TestCluster;
    let home: OperatorHome;
    let operator: RunningOperator;
    let namespace: string;
    const names = new Map<Kind, string>();
    const nameOf = (kind: Kind, name: string): string => name || (names.get(kind) ?? '');
    const found = (kind: Kind, name: string): Promise<KubernetesObject | undefined> => cluster.client.get(kind, { namespace, name: nameOf(kind, name) });
    const stated = async (kind: Kind, name: string): Promise<string> => {
      const object = await found(kind, name);
      return JSON.stringify([object?.spec, object?.data, object?.metadata.labels, ...['rules', 'subjects', 'automountServiceAccountToken'].map((field) => at(object, field))]);
    };

    beforeAll(async () => {
      ({ cluster } = given());
      await Promise.all(given().others.map(({ child, end }) => (child.exitCode === null && child.signalCode === null ? end('SIGTERM') : undefined)));
      for (const crd of others) await cluster.client.apply(crdKind, crd, by);
      namespace = await tenantNamespace(cluster, 'every');
      home = await openOperatorHome(cluster, given().books.url, { rules: 'clusterWithTenantAccess', platform: { access: { viewers: 'csms:{tenant}:viewers', editors: 'csms:{tenant}:editors' }, certificates: { issuer: 'any' }, secrets: { gatewayTls: undefined } } });
      operator = home.start();
      await cluster.client.apply(chargingSiteKind, siteObject(namespace, 'solo', { dashboard: { host: 'every.example.com' }, ocpp: { host: 'ocpp.every.example.com' } }), by);
      for (const [kind, name] of edits)
        await until(`${kind.kind} ${name}`, async () => {
          if (name !== '') return (await found(kind, name)) !== undefined;
          const [first] = (await cluster.client.list(kind, { namespace })).items;
          if (first !== undefined) names.set(kind, first.metadata.name);
          return first !== undefined;
        }, 60_000);
    });
    afterAll(async () => {
      await home?.close();
      for (const crd of others) await cluster.client.delete(crdKind, { name: crd.metadata.name });
    });

    it('O-21 an edit of any of them is repaired', async () => {
      for (const [kind, name, patch] of edits) {
        const before = await stated(kind, name);
        await cluster.kubectl('patch', `${kind.plural}${kind.apiVersion.includes('/') ? `.${kind.apiVersion.split('/')[0]}` : ''}`, nameOf(kind, name), '-n', namespace, '--type', 'merge', '-p', JSON.stringify(patch), '--field-manager', 'a-person');
        await until(`${kind.kind} ${nameOf(kind, name)} is repaired`, async () => (await stated(kind, name)) === before);
      }
    });

    it('O-21 any of them comes back when it is deleted', async () => {
      for (const [kind, name] of edits) {
        const before = await found(kind, name);
        await cluster.client.delete(kind, { namespace, name: nameOf(kind, name) });
        await until(`${kind.kind} ${nameOf(kind, name)} is back`, async () => {
          const now = await found(kind, name);
          return now !== undefined && now.metadata.uid !== before?.metadata.uid;
        });
      }
    });

    it('a namespace that is deleted as a whole ends, with everything in it, and nothing was denied', async () => {
      await cluster.client.delete(namespaceKind, { name: namespace });
      await until('the namespace is gone', async () => (await cluster.client.get(namespaceKind, { name: namespace })) === undefined, 100_000);
      expect(given().books.removed).toContain(`${namespace}/solo`);
      expect(operator.lines.filter((line) => /cannot \w+ resource|attempting to grant/.test(String(line['reason'] ?? '')))).toEqual([]);
      expect(operator.child.exitCode).toBeNull();
    });
  });
}
