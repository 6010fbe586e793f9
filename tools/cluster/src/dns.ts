import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serviceKind, type ClusterClient, type Kind } from '@csms/kube';
import { healthy } from './api-server.ts';
import type { Binaries } from './binaries.ts';
import { addresses, type Place } from './place.ts';
import type { Processes } from './processes.ts';

const endpointSliceKind: Kind = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', plural: 'endpointslices', namespaced: true };

/** What programs inside the namespace see as /etc/resolv.conf: they know Services by the short names that certificates and issuers carry (NAME.NAMESPACE.svc), as pods do. */
export const resolvConfFile = (place: Place): string => join(place.folder, 'resolv.conf');

/** Starts CoreDNS on the node's address, behind the Service that pods ask. Names outside the cluster do not exist. */
export async function startDns(place: Place, binaries: Binaries, processes: Processes, client: ClusterClient): Promise<void> {
  await mkdir(place.folder, { recursive: true });
  await writeFile(resolvConfFile(place), `nameserver ${addresses.node}\nsearch cluster.local\noptions ndots:1\n`);
  const corefile = join(place.folder, 'Corefile');
  // Two blocks: in one, `template` would answer before `kubernetes` and for everything. No cache: it keeps "no such name".
  await writeFile(corefile, `cluster.local in-addr.arpa ip6.arpa {
  bind ${addresses.node}
  errors
  health 127.0.0.1:8080
  ready 127.0.0.1:8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${place.kubeconfig} csms
    pods insecure
    ttl 1
  }
  loadbalance
}
. {
  bind ${addresses.node}
  template ANY ANY . {
    rcode NXDOMAIN
  }
}
`);
  await processes.start('coredns', [binaries.of('coredns'), '-conf', corefile]);
  const metadata = { name: 'kube-dns', namespace: 'kube-system' };
  const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }, { name: 'dns-tcp', port: 53, protocol: 'TCP' }];
  const by = { fieldManager: 'csms-cluster', force: true };
  await client.apply(serviceKind, { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: addresses.dns, ports } }, by);
  const slice = { apiVersion: endpointSliceKind.apiVersion, kind: 'EndpointSlice', metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'kube-dns' } }, addressType: 'IPv4', endpoints: [{ addresses: [addresses.node], conditions: { ready: true } }], ports };
  await client.apply(endpointSliceKind, slice, by);
  await processes.until('coredns', () => healthy('http://127.0.0.1:8181/ready'));
}
