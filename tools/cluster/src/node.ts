import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, listAt, type HttpClusterClient } from '@csms/kube';
import { stringify } from 'yaml';
import { healthy } from './api-server.ts';
import type { Binaries } from './binaries.ts';
import { pkiFile } from './certificates.ts';
import { containerdSocket, startContainerd } from './container-runtime.ts';
import { startDns } from './dns.ts';
import { nodeKind } from './fake-nodes.ts';
import { keepKernelSettings } from './kernel-settings.ts';
import { addresses, type Place } from './place.ts';
import type { Processes } from './processes.ts';
import { addStorage } from './storage.ts';

export interface NodeParts { place: Place; nodeName: string; binaries: Binaries; processes: Processes; client: HttpClusterClient }

/** Starts containerd, kubelet, kube-proxy and CoreDNS, and waits until the node is Ready and names of Services resolve. */
export async function startNode(parts: NodeParts): Promise<void> {
  const { place, nodeName, binaries, processes, client } = parts;
  await makeCgroups(place);
  await keepKernelSettings(place);
  await Promise.all([startContainerd(place, binaries, processes), addStorage(place, nodeName, client)]);
  await startKubelet(parts);
  await startProxy(parts);
  await startDns(place, binaries, processes, client);
  await processes.until('kubelet', async () => {
    const node = await client.get(nodeKind, { name: nodeName });
    return listAt(node, 'status', 'conditions').some((condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True');
  });
}

/** A cgroup of the cluster's own in each hierarchy of cgroup v1 (on v2 kubelet makes it itself): two kubelets in one would end each other's pods. */
async function makeCgroups(place: Place): Promise<void> {
  const root = '/sys/fs/cgroup';
  const hierarchies = await readdir(root, { withFileTypes: true });
  if (hierarchies.some((entry) => entry.name === 'cgroup.controllers')) { await mkdir(join(root, place.id), { recursive: true }); return; }
  for (const entry of hierarchies) {
    // Links such as cpu,cpuacct name a hierarchy a second time; `unified` has no controllers.
    if (!entry.isDirectory()) continue;
    const folder = join(root, entry.name, place.id);
    await mkdir(folder, { recursive: true });
    if (entry.name !== 'cpuset') continue;
    for (const file of ['cpuset.cpus', 'cpuset.mems']) await writeFile(join(folder, file), await readFile(join(root, entry.name, file), 'utf8'));
  }
}

async function startKubelet({ place, nodeName, binaries, processes }: NodeParts): Promise<void> {
  const emptyResolvConf = join(place.folder, 'empty-resolv.conf');
  await writeFile(emptyResolvConf, '');
  const config = join(place.folder, 'kubelet.yaml');
  await writeFile(config, stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration',
    address: addresses.node,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pkiFile(place, 'ca.crt') } },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pkiFile(place, 'kubelet.crt'), tlsPrivateKeyFile: pkiFile(place, 'kubelet.key'),
    containerRuntimeEndpoint: `unix://${containerdSocket(place)}`,
    cgroupDriver: 'cgroupfs', cgroupRoot: `/${place.id}`, failCgroupV1: false, failSwapOn: false, oomScoreAdj: 0, makeIPTablesUtilChains: false,
    clusterDNS: [addresses.dns], clusterDomain: 'cluster.local', resolvConf: emptyResolvConf,
    podLogsDir: join(place.folder, 'pod-logs'), volumePluginDir: join(place.folder, 'volume-plugins'), staticPodPath: '',
    serializeImagePulls: false,
    // An imported image cannot be pulled again, and a disk that is rather full is none of a test's business.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '1%', 'nodefs.available': '1%', 'imagefs.available': '1%', 'nodefs.inodesFree': '1%' },
    healthzBindAddress: '127.0.0.1', healthzPort: 10248,
  }));
  await processes.start('kubelet', [
    binaries.of('kubelet'), `--config=${config}`, `--kubeconfig=${pkiFile(place, 'kubelet.kubeconfig')}`, `--root-dir=${join(place.folder, 'kubelet')}`,
    `--cert-dir=${join(place.folder, 'pki')}`, `--hostname-override=${nodeName}`, `--node-ip=${addresses.node}`, `--containerd=${containerdSocket(place)}`,
  ]);
  await processes.until('kubelet', () => healthy('http://127.0.0.1:10248/healthz'));
}

async function startProxy({ place, nodeName, binaries, processes }: NodeParts): Promise<void> {
  const config = join(place.folder, 'kube-proxy.yaml');
  await writeFile(config, stringify({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration',
    mode: 'nftables', clusterCIDR: addresses.podRange, bindAddress: addresses.node, hostnameOverride: nodeName, oomScoreAdj: 0,
    clientConnection: { kubeconfig: pkiFile(place, 'kube-proxy.kubeconfig') },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    healthzBindAddress: '127.0.0.1:10256', metricsBindAddress: '127.0.0.1:10249',
  }));
  await processes.start('kube-proxy', [binaries.of('kube-proxy'), `--config=${config}`]);
  await processes.until('kube-proxy', () => healthy('http://127.0.0.1:10256/healthz'));
}
