import { parseChargingSite } from '@csms/contracts/charging-site/index';
import type { KubernetesObject } from '@csms/kube/object';
import { at, isRecord, listAt, stringAt } from '@csms/kube/object';
import { describe, expect, it } from 'vitest';
import { desired } from './desired.ts';
import { Platform } from './platform.ts';

/** A pod, as far as policies look at it. `cidr`: one outside the cluster. */
interface Peer {
  namespace: string;
  labels: Record<string, string>;
  ip?: string;
}

const platform = Platform.parse({
  namespace: 'csms-system', images: { gateway: 'g', dashboard: 'd', trainer: 't' }, apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' }, ocpp: { port: 9221, endpoint: 'wss://ocpp.example.com/ocpp' },
  dashboard: { port: 3500, url: 'https://csms.example.com' }, network: { monitoringNamespaces: ['monitoring'], issuer: { cidrs: ['203.0.113.0/24'] } },
});
const objectsOf = (namespace: string): KubernetesObject[] =>
  desired(parseChargingSite({ apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'a', namespace }, spec: { displayName: 'A', location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 1 } } }), { name: namespace, tenant: namespace }, platform).map(({ object }) => object);
const cluster = [...objectsOf('site-a'), ...objectsOf('site-b')];
const policies = cluster.filter(({ kind }) => kind === 'NetworkPolicy');
const podsIn = (namespace: string, component: string): Peer => {
  const owner = cluster.find((each) => each.metadata.namespace === namespace && (each.kind === 'Deployment' || each.kind === 'CronJob') && each.metadata.labels?.['app.kubernetes.io/component'] === component);
  const labels = at(owner, 'spec', 'template', 'metadata', 'labels') ?? at(owner, 'spec', 'jobTemplate', 'spec', 'template', 'metadata', 'labels');
  return { namespace, labels: Object.fromEntries(Object.entries(isRecord(labels) ? labels : {}).map(([key, value]) => [key, String(value)])) };
};

const matches = (selector: unknown, labels: Record<string, string>): boolean => Object.entries(at(selector, 'matchLabels') ?? {}).every(([label, value]) => labels[label] === value);
const admits = (peer: unknown, other: Peer): boolean => {
  const cidr = stringAt(peer, 'ipBlock', 'cidr');
  if (cidr !== undefined) return other.ip !== undefined && other.ip.startsWith(cidr.slice(0, cidr.lastIndexOf('.') + 1));
  return other.ip === undefined && matches(at(peer, 'namespaceSelector'), { 'kubernetes.io/metadata.name': other.namespace }) && matches(at(peer, 'podSelector'), other.labels);
};

/** Whether policies leave a direction of a connection open, as the API's reference has it: what no policy selects is open, else one rule must admit it. */
function open(direction: 'ingress' | 'egress', pod: Peer, other: Peer, port: number): boolean {
  if (pod.ip !== undefined) return true;
  const selecting = policies.filter((policy) => policy.metadata.namespace === pod.namespace && matches(at(policy, 'spec', 'podSelector'), pod.labels));
  if (selecting.length === 0) return true;
  return selecting.some((policy) => listAt(policy, 'spec', direction).some((rule) => {
    const peers = at(rule, direction === 'ingress' ? 'from' : 'to');
    return (peers === undefined || (Array.isArray(peers) && peers.some((peer) => admits(peer, other)))) && listAt(rule, 'ports').some((each) => at(each, 'port') === port);
  }));
}
const reaches = (from: Peer, to: Peer, port: number): boolean => open('egress', from, to, port) && open('ingress', to, from, port);

const outside = (ip: string): Peer => ({ namespace: '', labels: {}, ip });
const inNamespace = (namespace: string): Peer => ({ namespace, labels: { app: 'any' } });
const everyone: Record<string, Peer> = {
  'gateway of a': podsIn('site-a', 'ocpp-gateway'), 'dashboard of a': podsIn('site-a', 'dashboard'), 'trainer of a': podsIn('site-a', 'ml-trainer-daily'), 'deep trainer of a': podsIn('site-a', 'ml-trainer-deep'), 'gateway of b': podsIn('site-b', 'ocpp-gateway'),
  'dashboard of b': podsIn('site-b', 'dashboard'), platform: inNamespace('csms-system'), monitoring: inNamespace('monitoring'), dns: inNamespace('kube-system'), 'another pod of a': inNamespace('site-a'), charger: outside('198.51.100.7'), issuer: outside('203.0.113.5'),
};
const ports = [53, 80, 443, 3500, 5432, 6379, 8080, 9221, 9464];

describe('O-42 the connections that are left open', () => {
  it('between all that there is, from and to the pods of site a, are exactly these', () => {
    const edges: string[] = [];
    for (const [from, source] of Object.entries(everyone))
      for (const [to, target] of Object.entries(everyone)) {
        const ours = (name: string): boolean => / of a$/.test(name) && name !== 'another pod of a';
        if (from === to || (!ours(from) && !ours(to))) continue;
        const through = ports.filter((port) => reaches(source, target, port));
        if (through.length > 0) edges.push(`${from} -> ${to}: ${through.join(', ')}`);
      }
    const anybody = ['platform', 'monitoring', 'dns', 'another pod of a', 'charger', 'issuer'];
    const scraped = ['platform', 'monitoring'];
    const expected = [
      ...anybody.flatMap((who) => [`${who} -> dashboard of a: 3500${scraped.includes(who) ? ', 9464' : ''}`, `${who} -> gateway of a: 9221${scraped.includes(who) ? ', 9464' : ''}`]),
      'gateway of a -> platform: 5432, 6379', 'gateway of a -> dns: 53', 'dashboard of a -> platform: 8080', 'dashboard of a -> dns: 53', 'dashboard of a -> issuer: 443',
      ...['trainer of a', 'deep trainer of a'].flatMap((who) => [`${who} -> platform: 5432, 6379`, `${who} -> dns: 53`]),
    ];
    expect(edges.sort()).toEqual(expected.sort());
  });

  it('the pods of one site cannot reach those of another on any port', () => {
    for (const component of ['ocpp-gateway', 'dashboard', 'ml-trainer-daily'])
      for (const target of ['ocpp-gateway', 'dashboard'])
        for (const port of ports) expect([component, target, port, reaches(podsIn('site-a', component), podsIn('site-b', target), port)]).toEqual([component, target, port, false]);
  });

  it('chargers come only from the addresses that are named, where some are', () => {
    const given = Platform.parse({ ...platform, network: { ...platform.network, chargerCidrs: ['198.51.100.0/24'] } });
    const site = parseChargingSite({ apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'a', namespace: 'x' }, spec: { displayName: 'A', location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 1 } } });
    const policy = desired(site, { name: 'x', tenant: 'x' }, given).map(({ object }) => object).find((each) => each.kind === 'NetworkPolicy' && each.metadata.name === 'csms-gateway-default');
    expect(at(listAt(policy, 'spec', 'ingress')[0], 'from')).toEqual([{ ipBlock: { cidr: '198.51.100.0/24' } }]);
  });
});
