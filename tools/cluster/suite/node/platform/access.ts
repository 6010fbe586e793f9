import { listAt, namespaceKind, stringAt } from '@csms/kube';
import { expect, it } from 'vitest';
import type { Installation } from './installation.ts';
import { podKind } from './pods.ts';

/** What `kubectl auth can-i --list` says of an account, a line a right, sorted. */
async function rightsOf({ cluster }: Installation, namespace: string, account: string): Promise<string[]> {
  const text = await cluster.kubectl('auth', 'can-i', '--list', '--no-headers', '-n', namespace, `--as=system:serviceaccount:${account.replace('/', ':')}`);
  return text.trim().split('\n').map((line) => line.trim().replace(/\s+/g, ' ')).sort();
}

export function accessProofs(installed: () => Installation): void {
  it('K-01 O-41 both namespaces hold the restricted Pod Security Standard, and every pod in them was admitted under it, with a root file system that is read only', async () => {
    const { cluster, namespace, siteNamespace } = installed();
    for (const name of [namespace, siteNamespace]) {
      expect((await cluster.client.get(namespaceKind, { name }))?.metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
      const { items } = await cluster.client.list(podKind, { namespace: name });
      expect(items.length).toBeGreaterThan(2);
      for (const pod of items) {
        for (const container of [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')]) expect(container, pod.metadata.name).toMatchObject({ securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false } });
        const holdsToken = JSON.stringify(listAt(pod, 'spec', 'volumes')).includes('serviceAccountToken');
        expect(holdsToken, `${pod.metadata.name} has a token`).toBe(/^csms-(operator|prometheus)-/.test(pod.metadata.name));
      }
    }
    await expect(cluster.kubectl('-n', siteNamespace, 'run', 'root', '--image=localhost/csms-edge:1', '--dry-run=server')).rejects.toThrow('violates PodSecurity "restricted');
  }, 60_000);

  it('a pod of a tenant may do nothing at the API server beyond what anybody may, in no namespace: no Secrets, no other namespaces, no sites', async () => {
    const installation = installed();
    const { cluster, namespace, siteNamespace } = installation;
    const accounts = [...new Set((await cluster.client.list(podKind, { namespace: siteNamespace })).items.map((pod) => stringAt(pod, 'spec', 'serviceAccountName') ?? ''))];
    expect(accounts.sort()).toEqual(expect.arrayContaining(['csms-dashboard', 'csms-gateway-default']));
    // Whoever has no role at all: an account that nobody ever made.
    const anybody = await rightsOf(installation, siteNamespace, `${siteNamespace}/nobody-made-it`);
    for (const account of accounts) for (const where of [siteNamespace, namespace, 'kube-system']) expect(await rightsOf(installation, where, `${siteNamespace}/${account}`), `${account} in ${where}`).toEqual(anybody);
    for (const right of [['get', 'secrets'], ['list', 'secrets'], ['get', 'pods'], ['create', 'pods'], ['list', 'namespaces'], ['get', 'chargingsites'], ['create', 'pods/exec'], ['impersonate', 'users']])
      for (const where of [siteNamespace, namespace]) await expect(cluster.kubectl('auth', 'can-i', ...right, '-n', where, `--as=system:serviceaccount:${siteNamespace}:csms-gateway-default`), right.join(' ')).rejects.toThrow();
  }, 60_000);
}
