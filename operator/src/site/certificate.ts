import { certificateKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { gatewayTlsName, labelsOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Pool } from './pool.ts';
import type { Offers, Platform } from './platform.ts';

/** The hosts under which stations come to a pool, in order; those that sites of other namespaces had before are left out. */
export const hostsOfPool = (pool: Pool): string[] =>
  [...new Set(pool.members.flatMap((site) => site.spec.ocpp.host ?? []))].filter((host) => !pool.foreignHosts.has(host)).sort();

/** The certificate of a pool for its hosts; none where no site names one, or where the platform brings one certificate for all. */
export function poolCertificate(pool: Pool, platform: Platform, offers: Offers): Desired[] {
  const hosts = hostsOfPool(pool);
  if (hosts.length === 0) return [];
  return certificate({ name: gatewayTlsName(pool.name), namespace: pool.namespace.name, component: 'ocpp-gateway', owner: { kind: 'pool', name: pool.name }, hosts }, platform, offers);
}

/** Asks cert-manager for a certificate into the Secret of the same name. RSA, because old chargers know nothing else; the key is made anew with each. */
export function certificate(wanted: { name: string; namespace: string; component: string; owner: Owner; hosts: string[] }, platform: Platform, offers: Offers): Desired[] {
  const { name, namespace, component, owner, hosts } = wanted;
  const issuer = platform.certificates;
  if (issuer === undefined || platform.mode === 'lab' || !offers(certificateKind)) return [];
  return [
    {
      kind: certificateKind,
      object: {
        apiVersion: certificateKind.apiVersion,
        kind: certificateKind.kind,
        metadata: { name, namespace, labels: labelsOf(component, owner) },
        spec: {
          secretName: name,
          dnsNames: hosts,
          issuerRef: { name: issuer.issuer, kind: issuer.issuerKind, group: 'cert-manager.io' },
          privateKey: { algorithm: 'RSA', size: 2048, rotationPolicy: 'Always' },
          usages: ['digital signature', 'key encipherment', 'server auth'],
        },
      },
    },
  ];
}
