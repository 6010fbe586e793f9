import { createHash } from 'node:crypto';
import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import { httpRouteKind, ingressKind, tlsRouteKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { certificate, hostsOfPool } from './certificate.ts';
import { dashboardNamespace } from './dashboard.ts';
import { DASHBOARD_NAME, gatewayName, labelsOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Pool } from './pool.ts';
import type { Namespace, Offers, Platform } from './platform.ts';

const INGRESS_TLS_NAME = 'csms-dashboard-tls';

/** A host as part of an object's name, which is shorter than a host may be: what a person recognises, and a hash that is its own. */
const nameOf = (host: string): string => `${host.replaceAll('.', '-').slice(0, 36).replace(/-+$/, '')}-${createHash('sha256').update(host).digest('hex').slice(0, 6)}`;

/** The route of stations to a pool: TLS goes through to the gateways, which see the client's certificate themselves (security profile 3). */
export function gatewayRoutes(pool: Pool, platform: Platform, offers: Offers): Desired[] {
  const gateway = platform.routes?.gateway;
  const hosts = hostsOfPool(pool);
  if (gateway === undefined || hosts.length === 0 || platform.mode === 'lab' || !offers(tlsRouteKind)) return [];
  const owner: Owner = { kind: 'pool', name: pool.name };
  const { apiVersion, kind } = tlsRouteKind;
  return [
    {
      kind: tlsRouteKind,
      object: {
        apiVersion,
        kind,
        metadata: { name: gatewayName(pool.name), namespace: pool.namespace.name, labels: labelsOf('ocpp-gateway', owner) },
        spec: { parentRefs: [parentOf(gateway, gateway.chargersSection)], hostnames: hosts, rules: [{ backendRefs: [{ name: gatewayName(pool.name), port: 443 }] }] },
      },
    },
  ];
}

/** The hosts of a namespace's dashboards, in order; those that sites of other namespaces had before are left out. */
export const dashboardHosts = (sites: ChargingSite[], foreignHosts: ReadonlySet<string>): string[] =>
  [...new Set(sites.flatMap((site) => site.spec.dashboard.host ?? []))].filter((host) => !foreignHosts.has(host)).sort();

/** One route a host to the namespace's dashboard: an HTTPRoute where the cluster has the Gateway API and the platform names a Gateway, else an Ingress. */
export function dashboardRoutes(namespace: Namespace, sites: ChargingSite[], foreignHosts: ReadonlySet<string>, platform: Platform, offers: Offers): Desired[] {
  const hosts = dashboardHosts(sites, foreignHosts);
  if (platform.routes === undefined || hosts.length === 0 || platform.mode === 'lab' || dashboardNamespace(namespace.name, platform) !== namespace.name) return [];
  const owner: Owner = { kind: 'namespace' };
  const labels = labelsOf('dashboard', owner);
  const { gateway, ingressClassName } = platform.routes;
  if (gateway !== undefined && offers(httpRouteKind)) {
    const { apiVersion, kind } = httpRouteKind;
    return hosts.map((host) => ({
      kind: httpRouteKind,
      object: {
        apiVersion,
        kind,
        metadata: { name: `${DASHBOARD_NAME}-${nameOf(host)}`, namespace: namespace.name, labels },
        // Live events are one long answer: no time limit of the route may end it.
        spec: {
          parentRefs: [parentOf(gateway, gateway.dashboardsSection)],
          hostnames: [host],
          rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: DASHBOARD_NAME, port: 80 }], timeouts: { request: '0s' } }],
        },
      },
    }));
  }
  const tls = certificate({ name: INGRESS_TLS_NAME, namespace: namespace.name, component: 'dashboard', owner, hosts }, platform, offers);
  const backend = { service: { name: DASHBOARD_NAME, port: { name: 'http' } } };
  const spec = {
    ...(ingressClassName === undefined ? {} : { ingressClassName }),
    rules: hosts.map((host) => ({ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } })),
    ...(tls.length === 0 ? {} : { tls: [{ hosts, secretName: INGRESS_TLS_NAME }] }),
  };
  const { apiVersion, kind } = ingressKind;
  return [...tls, { kind: ingressKind, object: { apiVersion, kind, metadata: { name: DASHBOARD_NAME, namespace: namespace.name, labels }, spec } }];
}

const parentOf = (gateway: { name: string; namespace: string }, sectionName: string | undefined): Record<string, string> => ({
  group: 'gateway.networking.k8s.io',
  kind: 'Gateway',
  name: gateway.name,
  namespace: gateway.namespace,
  ...(sectionName === undefined ? {} : { sectionName }),
});

/**
 * Whose each host is: the oldest site that names it, and with it every site of that namespace. `created` may be absent for a site that is
 * not stored yet. `reserved` are the platform's own, which no site gets. Returns, by namespace, the hosts that its sites name and that are another's.
 */
export function foreignHostsByNamespace(sites: readonly ChargingSite[], reserved: ReadonlySet<string> = new Set()): Map<string, Set<string>> {
  const named = sites.filter(({ spec }) => spec.dashboard.host !== undefined || spec.ocpp.host !== undefined);
  const dated = named.map((site) => ({ site, age: `${site.metadata.creationTimestamp ?? '9'} ${site.metadata.namespace}/${site.metadata.name}` }));
  const oldestFirst = dated.sort((a, b) => (a.age < b.age ? -1 : 1)).map(({ site }) => site);
  const holders = new Map<string, string>();
  const foreign = new Map<string, Set<string>>();
  for (const { metadata, spec } of oldestFirst)
    for (const host of [spec.dashboard.host, spec.ocpp.host]) {
      if (host === undefined) continue;
      const holder = holders.get(host) ?? metadata.namespace;
      holders.set(host, holder);
      if (holder === metadata.namespace && !reserved.has(host)) continue;
      const hosts = foreign.get(metadata.namespace) ?? new Set();
      foreign.set(metadata.namespace, hosts.add(host));
    }
  return foreign;
}
