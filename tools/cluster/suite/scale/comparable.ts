import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import {
  configMapKind, cronJobKind, deploymentKind, horizontalPodAutoscalerKind, ingressKind, isRecord, networkPolicyKind, podDisruptionBudgetKind, secretKind, serviceAccountKind, serviceKind, type Kind, type KubernetesObject,
} from '@csms/kube';
import type { TestCluster } from '../test-cluster.ts';

const kinds: Kind[] = [
  chargingSiteKind, configMapKind, cronJobKind, deploymentKind, horizontalPodAutoscalerKind, ingressKind, networkPolicyKind, podDisruptionBudgetKind, secretKind, serviceAccountKind, serviceKind,
];
/** What the server gives every object anew, and what controllers of the cluster count. The hashes are over what has the owner's uid and the namespace's name in it. */
const given = new Set([
  'uid', 'resourceVersion', 'creationTimestamp', 'time', 'lastTransitionTime', 'clusterIP', 'clusterIPs', 'deployment.kubernetes.io/revision', 'csms.charge-it.io/applied-hash', 'f:csms.charge-it.io/applied-hash',
  'csms.charge-it.io/template-hash', 'f:csms.charge-it.io/template-hash',
]);
/** Also inside of the keys of owner references. */
const uid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** What Kubernetes itself puts into every namespace. */
const everywhere = new Set(['ConfigMap kube-root-ca.crt', 'ServiceAccount default']);

/** Everything in a namespace that follows from its sites, as text that is equal for equal outcomes: without what the server gives and without the namespace's name. */
export async function comparable(cluster: TestCluster, namespace: string): Promise<string[]> {
  const found = await Promise.all(kinds.map(async (kind) => (await cluster.client.list(kind, { namespace })).items.filter((object) => !everywhere.has(`${kind.kind} ${object.metadata.name}`)).map((object) => text(kind, object, namespace))));
  return found.flat().sort();
}

function text(kind: Kind, object: KubernetesObject, namespace: string): string {
  const cleaned = clean(kind === chargingSiteKind ? object : { ...object, status: undefined });
  const metadata = isRecord(cleaned) && isRecord(cleaned['metadata']) ? cleaned['metadata'] : {};
  // How often a shared object was written depends on which site came when; who wrote what does not. Controllers of the cluster are not looked at.
  if (kind !== chargingSiteKind) delete metadata['generation'];
  const managers = metadata['managedFields'];
  if (Array.isArray(managers)) metadata['managedFields'] = managers.filter((each) => isRecord(each) && String(each['manager']).startsWith('csms')).map((each) => JSON.stringify(each)).sort();
  return JSON.stringify({ kind: kind.kind, name: object.metadata.name, cleaned }).replaceAll(namespace, 'NAMESPACE').replace(uid, 'UID');
}

/** Every object in a namespace that follows from its sites, with its version: equal lists mean that nobody wrote anything that changed one. */
export async function versions(cluster: TestCluster, namespace: string): Promise<string[]> {
  const found = await Promise.all(kinds.map(async (kind) => (await cluster.client.list(kind, { namespace })).items.map(({ metadata }) => `${kind.kind} ${namespace}/${metadata.name} ${metadata.resourceVersion}`)));
  return found.flat().sort();
}

/** Fields in the order of their names, without what is given. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([field]) => !given.has(field)).sort(([a], [b]) => (a < b ? -1 : 1)).map(([field, inner]) => [field, clean(inner)]));
}

/** Where two outcomes differ: each object with a little of what stands where it begins to be another one. */
export function differences(whole: readonly string[], other: readonly string[]): string[] {
  const missing = whole.filter((each) => !other.includes(each));
  const added = other.filter((each) => !whole.includes(each));
  const nameOf = (each: string): string => /^\{"kind":"(\w+)","name":"([^"]+)"/.exec(each)?.slice(1).join(' ') ?? each;
  return [...missing, ...added.filter((each) => !missing.some((one) => nameOf(one) === nameOf(each)))].map((each) => {
    const twin = added.find((one) => one !== each && nameOf(one) === nameOf(each));
    if (twin === undefined) return `${nameOf(each)} is only in ${missing.includes(each) ? 'the whole' : 'the other'}`;
    let start = 0;
    while (each[start] === twin[start]) start += 1;
    return `${nameOf(each)}: ${each.slice(start - 60, start + 100)} | ${twin.slice(start, start + 100)}`;
  });
}
