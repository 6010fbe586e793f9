import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openApiServer, healthy } from './api-server.ts';
import { auditFlags } from './audit.ts';
import type { Binaries } from './binaries.ts';
import { pkiFile } from './certificates.ts';
import { addresses, type Place } from './place.ts';
import type { Processes } from './processes.ts';

const etcdUrl = 'http://127.0.0.1:2379';

/** Starts etcd, the API server, the controllers, the scheduler and kwok, and waits until each says that it is ready. */
export async function startControlPlane(place: Place, binaries: Binaries, processes: Processes): Promise<void> {
  const pki = (file: string): string => pkiFile(place, file);
  await mkdir(join(place.folder, 'etcd'), { recursive: true, mode: 0o700 });
  await processes.start('etcd', [
    binaries.of('etcd'), `--data-dir=${join(place.folder, 'etcd')}`, `--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`,
    '--listen-peer-urls=http://127.0.0.1:2380', '--unsafe-no-fsync', '--log-level=warn',
  ]);
  await processes.until('etcd', () => healthy(`${etcdUrl}/health`));

  await processes.start('kube-apiserver', [binaries.of('kube-apiserver'), ...apiServerFlags(pki), ...(await auditFlags(place))]);
  const server = await openApiServer(place);
  await processes.until('kube-apiserver', server.ready);
  await server.close();

  await processes.start('kube-controller-manager', [
    binaries.of('kube-controller-manager'), `--kubeconfig=${pki('kube-controller-manager.kubeconfig')}`, '--use-service-account-credentials',
    `--service-account-private-key-file=${pki('service-accounts.key')}`, `--root-ca-file=${pki('ca.crt')}`,
    `--cluster-signing-cert-file=${pki('ca.crt')}`, `--cluster-signing-key-file=${pki('ca.key')}`, '--leader-elect=false', '--bind-address=127.0.0.1',
    // Autoscaling that a test can wait for.
    '--horizontal-pod-autoscaler-sync-period=5s', '--horizontal-pod-autoscaler-initial-readiness-delay=5s', '--horizontal-pod-autoscaler-cpu-initialization-period=30s',
    // kwok's nodes say that they live every five minutes at most; taken for lost, their pods would be not ready for ever after.
    '--node-monitor-grace-period=1h',
  ]);
  await processes.start('kube-scheduler', [binaries.of('kube-scheduler'), `--kubeconfig=${pki('kube-scheduler.kubeconfig')}`, '--leader-elect=false', '--bind-address=127.0.0.1']);
  await processes.start('kwok', [
    binaries.of('kwok'), `--kubeconfig=${place.kubeconfig}`, '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake', `--cidr=${addresses.seemingPodRange}`,
    `--node-ip=${addresses.node}`, '--server-address=127.0.0.1:10247', '--config=/dev/null',
  ], { HOME: place.folder });
  await processes.until('kwok', () => healthy('http://127.0.0.1:10247/healthz'));
}

function apiServerFlags(pki: (file: string) => string): string[] {
  return [
    `--etcd-servers=${etcdUrl}`, '--bind-address=0.0.0.0', `--advertise-address=${addresses.node}`, `--secure-port=${addresses.apiPort}`,
    `--tls-cert-file=${pki('apiserver.crt')}`, `--tls-private-key-file=${pki('apiserver.key')}`, `--client-ca-file=${pki('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local', `--service-account-key-file=${pki('service-accounts.pub')}`,
    `--service-account-signing-key-file=${pki('service-accounts.key')}`, `--service-cluster-ip-range=${addresses.serviceRange}`,
    '--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction', '--allow-privileged=true',
    `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`, '--requestheader-allowed-names=front-proxy-client', '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group', '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`, `--proxy-client-key-file=${pki('front-proxy-client.key')}`, '--enable-aggregator-routing=true',
    `--kubelet-certificate-authority=${pki('ca.crt')}`, `--kubelet-client-certificate=${pki('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${pki('apiserver-kubelet-client.key')}`, '--kubelet-preferred-address-types=InternalIP',
  ];
}
