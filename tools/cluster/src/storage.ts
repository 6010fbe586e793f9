import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClusterClient, Kind } from '@csms/kube';
import type { Place } from './place.ts';

const storageClassKind: Kind = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', plural: 'storageclasses', namespaced: false };
const volumeKind: Kind = { apiVersion: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes', namespaced: false };
/** What was released is not used again, so a suite of several installations needs many. */
const volumes = 36;

/** A default storage class and local volumes for it. `local` honours fsGroup, so that a process without root can write. */
export async function addStorage(place: Place, nodeName: string, client: ClusterClient): Promise<void> {
  const by = { fieldManager: 'csms-cluster', force: true };
  const storageClass = {
    apiVersion: storageClassKind.apiVersion, kind: 'StorageClass', metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Retain',
  };
  await client.apply(storageClassKind, storageClass, by);
  for (let index = 0; index < volumes; index += 1) {
    const name = `local-${String(index).padStart(2, '0')}`;
    const path = join(place.folder, 'volumes', name);
    await mkdir(path, { recursive: true });
    await client.apply(volumeKind, {
      apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name },
      spec: {
        capacity: { storage: '20Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'standard', persistentVolumeReclaimPolicy: 'Retain', local: { path },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }] }] } },
      },
    }, by);
  }
}
