import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestsOf, podsOf } from '../rendered/manifests.ts';
import type { Manifest, Pod } from '../rendered/manifests.ts';
import { kept, keptFile } from '../rendered/render.ts';
import { accessFaults } from './access.ts';
import { chartFaults } from './chart-faults.ts';
import { operatorRights, platformOf } from './operator-platform.ts';
import { deniesByDefault, edgesOf, halfOpen } from './network.ts';
import { houseFaults, restrictedFaults } from './pod-security.ts';

const root = join(import.meta.dirname, '../../../..');
const rendered = new Map(kept.map((name) => [name, manifestsOf(readFileSync(keptFile(root, name), 'utf8'))]));

describe.each(kept)('the chart under ci/%s-values.yaml', (name) => {
  const manifests = rendered.get(name)!;
  it('K-01 K-02 K-03 O-60 O-62 every object holds the rules', () => {
    expect(podsOf(manifests).length).toBeGreaterThan(2);
    expect(chartFaults(manifests)).toEqual([]);
  });
  it('K-03 O-39 the operator may do what its code calls and nothing else', () => {
    const { given, needed } = operatorRights(manifests);
    expect(Object.values(needed).flat().length).toBeGreaterThan(50);
    expect(given).toEqual(needed);
  });
  it('the operator takes the platform that the chart gives it, and every Secret that it names is there or somebody else’s', () => {
    const { secrets, mode, routes } = platformOf(manifests);
    expect(mode).toBe('production');
    expect(routes === undefined).toBe(name === 'default');
    const made = manifests.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name);
    expect(Object.values(secrets).filter((secret) => !made.includes(secret!))).toEqual({ default: [], 'vps-k3s': ['csms-gateway-tls'], 'external-everything': ['books', 'bus', 'csms-pepper', 'dashboard-client', 'ocpp-example-com'] }[name]);
  });
});

/** A pod without a fault, to be spoilt in one place. */
function pod(change: (spec: Record<string, Record<string, unknown>>) => void): Pod {
  const container = {
    name: 'main', image: 'registry.example.com/csms/api:1.0', ports: [], resources: { requests: { cpu: '1', memory: '1Mi' }, limits: { memory: '1Mi' } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }, livenessProbe: {}, readinessProbe: {},
  };
  const spec = { securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } }, automountServiceAccountToken: false, topologySpreadConstraints: [{}], containers: [container], volumes: [{ name: 'tmp', emptyDir: {} }] };
  change(spec as never);
  const manifest: Manifest = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x', labels: {}, annotations: {} }, spec: { template: { metadata: { labels: { 'app.kubernetes.io/component': 'api' } }, spec } } };
  return podsOf([manifest])[0]!;
}
const first = (spec: Record<string, unknown>): Record<string, Record<string, unknown>> => (spec['containers'] as Record<string, Record<string, unknown>>[])[0]!;
const context = (spec: Record<string, unknown>): Record<string, unknown> => first(spec)['securityContext']!;

describe('what the rules refuse', () => {
  it('a pod that holds them has no fault', () => {
    expect([...restrictedFaults(pod(() => {})), ...houseFaults(pod(() => {}))]).toEqual([]);
  });

  it.each<[string, (spec: Record<string, Record<string, unknown>>) => void]>([
    ['hostNetwork', (spec) => Object.assign(spec, { hostNetwork: true })],
    ['hostPID', (spec) => Object.assign(spec, { hostPID: true })],
    ['hostIPC', (spec) => Object.assign(spec, { hostIPC: true })],
    ['volume host', (spec) => Object.assign(spec, { volumes: [{ name: 'host', hostPath: { path: '/' } }] })],
    ['privileged', (spec) => Object.assign(context(spec), { privileged: true })],
    ['allowPrivilegeEscalation', (spec) => delete context(spec)['allowPrivilegeEscalation']],
    ['capabilities are not dropped', (spec) => Object.assign(context(spec), { capabilities: { drop: ['NET_RAW'] } })],
    ['capabilities are added', (spec) => Object.assign(context(spec), { capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } })],
    ['runAsNonRoot', (spec) => delete spec['securityContext']!['runAsNonRoot']],
    ['runAsUser is 0', (spec) => Object.assign(context(spec), { runAsUser: 0 })],
    ['seccompProfile', (spec) => delete spec['securityContext']!['seccompProfile']],
    ['seccompProfile of the pod', (spec) => Object.assign(spec['securityContext']!, { seccompProfile: { type: 'Unconfined' } })],
    ['hostPort', (spec) => Object.assign(first(spec), { ports: [{ containerPort: 80, hostPort: 80 }] })],
    ['sysctl', (spec) => Object.assign(spec['securityContext']!, { sysctls: [{ name: 'kernel.msgmax' }] })],
    ['seLinuxOptions', (spec) => Object.assign(spec['securityContext']!, { seLinuxOptions: { type: 'spc_t' } })],
    ['procMount', (spec) => Object.assign(context(spec), { procMount: 'Unmasked' })],
    ['appArmorProfile', (spec) => Object.assign(spec['securityContext']!, { appArmorProfile: { type: 'Unconfined' } })],
  ])('K-01 restricted Pod Security: %s', (words, change) => {
    expect(restrictedFaults(pod(change)).join('\n')).toContain(words);
  });

  it.each<[string, (spec: Record<string, Record<string, unknown>>) => void]>([
    ['can be written', (spec) => delete context(spec)['readOnlyRootFilesystem']],
    ['no memory limit', (spec) => Object.assign(first(spec), { resources: { requests: { cpu: '1', memory: '1Mi' } } })],
    ['automountServiceAccountToken', (spec) => delete spec['automountServiceAccountToken']],
    ['not fully named', (spec) => Object.assign(first(spec), { image: 'registry.example.com/api:latest' })],
    ['probes', (spec) => delete first(spec)['readinessProbe']],
  ])('K-01 of ours: %s', (words, change) => {
    expect(houseFaults(pod(change)).join('\n')).toContain(words);
  });

  it('K-02 an arrow that only one end allows, and a policy that allows everything', () => {
    const policy = (name: string, spec: Record<string, unknown>): Manifest => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, labels: {}, annotations: {} }, spec });
    const to = (component: string) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/component': component } } });
    const out = policy('api', { ...to('api'), policyTypes: ['Egress'], egress: [{ to: [to('postgres')], ports: [{ port: 5432, protocol: 'TCP' }] }] });
    expect(halfOpen(edgesOf([out]), ['api', 'postgres'])).toEqual([{ from: 'api', to: 'postgres', port: 5432 }]);
    expect(() => edgesOf([policy('open', { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] })])).toThrow();
    expect(deniesByDefault([out], { 'app.kubernetes.io/component': 'api' })).toBe(false);
  });

  it.each([
    ['verb *', { apiGroups: [''], resources: ['pods'], verbs: ['*'] }], ['verb escalate', { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'], verbs: ['escalate'] }],
    ['resource *', { apiGroups: ['apps'], resources: ['*'], verbs: ['get'] }], ['pods/exec', { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] }],
    ['lists Secrets', { apiGroups: [''], resources: ['secrets'], verbs: ['list'], resourceNames: ['a'] }], ['Secrets without their names', { apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
  ])('K-03 %s', (words, rule) => {
    expect(accessFaults([{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'x', labels: {}, annotations: {} }, rules: [rule] }]).join()).toContain(words);
  });

  it('K-01 of ours: a Secret’s value in an argument or a variable', () => {
    const manifests = (env: unknown[]): Manifest[] => [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', labels: {}, annotations: {} }, spec: { ...(pod((spec) => Object.assign(first(spec), { env })).spec as object) } }];
    expect(chartFaults(manifests([{ name: 'PGPASSWORD', value: 'hunter2' }])).join()).toContain('PGPASSWORD is written out');
    expect(chartFaults(manifests([{ name: 'DATABASE_URL', value: 'postgres://a:b@c/d' }])).join()).toContain('DATABASE_URL is written out');
  });
});

it('O-61 what is somebody else’s leaves no trace', () => {
  const names = rendered.get('external-everything')!.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names.filter((name) => /postgres|redis|keycloak|prometheus|grafana|logs|backup|authority/.test(name))).toEqual([]);
  expect(rendered.get('default')!.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(['csms-postgres', 'csms-redis', 'csms-keycloak', 'csms-prometheus', 'csms-grafana', 'csms-logs', 'csms-backup']));
});

it('O-59 Secrets and claims stay when the release goes', () => {
  const manifests = rendered.get('default')!;
  const left = manifests.filter(({ kind, metadata }) => ['Secret', 'PersistentVolumeClaim'].includes(kind) && metadata.annotations['helm.sh/resource-policy'] !== 'keep');
  expect(left.map(({ metadata }) => metadata.name)).toEqual([]);
  expect(manifests.filter(({ kind }) => kind === 'StatefulSet').map(({ spec }) => spec)).toSatisfy((specs: unknown[]) => specs.every((spec) => JSON.stringify(spec).includes('"whenDeleted":"Retain"')));
});
