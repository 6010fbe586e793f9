import { networkPolicyKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { MANAGED_BY, gatewayName, labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Pool } from './pool.ts';
import type { Namespace, Platform } from './platform.ts';
import type { Server } from './platform-network.ts';
import { ADMIN_PORT } from './pod.ts';

type Rule = Record<string, unknown>;

/** A policy of some of our pods: nothing is open to them and from them but what it lists (and what is beside it). */
function policy(name: string, namespace: string, component: string, owner: Owner, matchLabels: Record<string, string>, rules: { ingress: Rule[]; egress: Rule[] }): Desired {
  return {
    kind: networkPolicyKind,
    object: {
      apiVersion: networkPolicyKind.apiVersion,
      kind: networkPolicyKind.kind,
      metadata: { name, namespace, labels: labelsOf(component, owner) },
      // An API server drops empty lists, so none is stated.
      spec: {
        podSelector: { matchLabels },
        policyTypes: ['Ingress', 'Egress'],
        ...(rules.ingress.length === 0 ? {} : { ingress: rules.ingress }),
        ...(rules.egress.length === 0 ? {} : { egress: rules.egress }),
      },
    },
  };
}

/** Stations come to gateways; gateways reach the books, the bus and names, and nothing else. */
export function gatewayNetworkPolicy(pool: Pool, platform: Platform): Desired[] {
  if (pool.members.length === 0) return [];
  const owner: Owner = { kind: 'pool', name: pool.name };
  const { network } = platform;
  const stations = { ...(network.chargerCidrs.length === 0 ? {} : { from: network.chargerCidrs.map((cidr) => ({ ipBlock: { cidr } })) }), ports: [tcp(platform.ocpp.port)] };
  const rules = { ingress: [stations, scrapes(platform)], egress: [names(platform), to(network.database, platform), to(network.bus, platform)] };
  return [policy(gatewayName(pool.name), pool.namespace.name, 'ocpp-gateway', owner, selectorOf('ocpp-gateway', owner), rules)];
}

/** What a namespace with sites has once: our pods are closed, and the dashboard and the trainers are opened as far as they need. Pods of others are not touched. */
export function namespaceNetworkPolicies(namespace: Namespace, hasDashboard: boolean, platform: Platform): Desired[] {
  const owner: Owner = { kind: 'namespace' };
  const { network, routes } = platform;
  const proxies = routes?.controllerNamespaces ?? [];
  const people = { ...(proxies.length === 0 ? {} : { from: proxies.map(namespaceNamed) }), ports: [tcp(platform.dashboard.port)] };
  return [
    policy('csms-closed', namespace.name, 'network', owner, MANAGED_BY, { ingress: [], egress: [] }),
    ...(hasDashboard
      ? [policy('csms-dashboard', namespace.name, 'dashboard', owner, selectorOf('dashboard', owner), { ingress: [people, scrapes(platform)], egress: [names(platform), to(network.api, platform), to(network.issuer, platform)] })]
      : []),
    ...(['daily', 'deep'] as const).map((run) =>
      policy(`csms-trainer-${run}`, namespace.name, 'ml-trainer', owner, { ...MANAGED_BY, 'app.kubernetes.io/component': `ml-trainer-${run}` }, { ingress: [], egress: [names(platform), to(network.database, platform), to(network.bus, platform)] }),
    ),
  ];
}

/** Mirrors reach the books, the bus, names, and public addresses over HTTPS: where Firebase is nobody can say by an address. */
export function mirrorNetworkPolicy(namespace: Namespace, platform: Platform): Desired {
  const owner: Owner = { kind: 'namespace' };
  const { network } = platform;
  const everywhere = { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: privateV4 } }, { ipBlock: { cidr: '::/0', except: privateV6 } }], ports: [tcp(443)] };
  return policy('csms-mirror', namespace.name, 'mirror', owner, selectorOf('mirror', owner), { ingress: [scrapes(platform)], egress: [names(platform), to(network.database, platform), to(network.bus, platform), everywhere] });
}

/** Addresses that are not public: those of clusters, of clouds' own services and of machines beside us. */
const privateV4 = ['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'];
const privateV6 = ['::1/128', 'fc00::/7', 'fe80::/10'];

const tcp = (port: number): Rule => ({ port, protocol: 'TCP' });
const namespaceNamed = (name: string): Rule => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

/** Metrics are read from the platform's namespace and those of the monitoring. Without either, by nobody beside the kubelet. */
function scrapes(platform: Platform): Rule {
  const namespaces = [...new Set([...(platform.namespace === undefined ? [] : [platform.namespace]), ...platform.network.monitoringNamespaces])];
  // A rule without `from` would be open to all; one that names a namespace that cannot exist is open to none.
  return { from: (namespaces.length === 0 ? ['-'] : namespaces).map(namespaceNamed), ports: [tcp(ADMIN_PORT)] };
}

const names = (platform: Platform): Rule => ({ to: [namespaceNamed(platform.network.dnsNamespace)], ports: [{ port: 53, protocol: 'UDP' }, tcp(53)] });

/** Connections to one server on its port. Where neither a namespace nor addresses are known, the port alone limits them. */
function to(server: Server, platform: Platform): Rule {
  const namespace = server.namespace ?? platform.namespace;
  const peers = server.cidrs !== undefined ? server.cidrs.map((cidr) => ({ ipBlock: { cidr } })) : namespace === undefined ? undefined : [namespaceNamed(namespace)];
  return { ...(peers === undefined ? {} : { to: peers }), ports: [tcp(server.port)] };
}
