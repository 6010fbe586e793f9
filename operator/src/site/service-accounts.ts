import { roleBindingKind, roleKind, serviceAccountKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { labelsOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Namespace, Platform } from './platform.ts';

const owner: Owner = { kind: 'namespace' };
const components = ['ocpp-gateway', 'dashboard', 'ml-trainer'] as const;
export type Component = (typeof components)[number];

export const serviceAccountName = (component: Component): string => `csms-${component}`;

/** Who the pods of a namespace are to the API server: one account a component, none with a token and none with a right. */
export const serviceAccounts = (namespace: Namespace): Desired[] =>
  components.map((component) => ({
    kind: serviceAccountKind,
    object: {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: serviceAccountName(component), namespace: namespace.name, labels: labelsOf(component, owner) },
      automountServiceAccountToken: false,
    },
  }));

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
