import { roleBindingKind, roleKind, serviceAccountKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { labelsOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Namespace, Platform } from './platform.ts';

const owner: Owner = { kind: 'namespace' };

/** The account of a component's pods. Gateways have one a pool, which comes with it: pods are refused while their account is missing. */
export const serviceAccountName = (component: 'dashboard' | 'ml-trainer'): string => `csms-${component}`;

/** Who pods are to the API server: an account without a token and without a right. */
export function serviceAccount(name: string, namespace: string, component: string, whose: Owner): Desired {
  const object = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace, labels: labelsOf(component, whose) }, automountServiceAccountToken: false };
  return { kind: serviceAccountKind, object };
}

/** The accounts that a namespace has once. */
export const serviceAccounts = (namespace: Namespace): Desired[] =>
  (['dashboard', 'ml-trainer'] as const).map((component) => serviceAccount(serviceAccountName(component), namespace.name, component, owner));

const rights = {
  viewers: ['get', 'list', 'watch'],
  editors: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'],
} as const;

/** What people of a tenant may do with the sites of their namespace, for the groups that the platform names; nothing else of the namespace. */
export function tenantAccess(namespace: Namespace, platform: Platform): Desired[] {
  return (['viewers', 'editors'] as const).flatMap((who) => {
    const group = platform.access[who]?.replaceAll('{tenant}', namespace.tenant);
    if (group === undefined) return [];
    const metadata = { name: `csms-site-${who}`, namespace: namespace.name, labels: labelsOf('access', owner) };
    const { apiVersion } = roleKind;
    const rules = [{ apiGroups: ['csms.charge-it.io'], resources: ['chargingsites'], verbs: [...rights[who]] }];
    const apiGroup = 'rbac.authorization.k8s.io';
    return [
      { kind: roleKind, object: { apiVersion, kind: 'Role', metadata, rules } },
      { kind: roleBindingKind, object: { apiVersion, kind: 'RoleBinding', metadata, roleRef: { apiGroup, kind: 'Role', name: metadata.name }, subjects: [{ apiGroup, kind: 'Group', name: group }] } },
    ];
  });
}
