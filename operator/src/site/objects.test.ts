import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseChargingSite } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import type { Kind } from '@csms/kube/kind';
import type { KubernetesObject } from '@csms/kube/object';
import { at, isRecord, listAt, numberAt, stringAt } from '@csms/kube/object';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { autoscaledBy, quantity } from './autoscaler.ts';
import { desired } from './desired.ts';
import { failuresByComponent } from './failures.ts';
import { offersAll } from './kinds.ts';
import { OWNER_LABEL, ownerOf, trainerName } from './names.ts';
import { Platform } from './platform.ts';
import { foreignHostsByNamespace } from './routes.ts';

const read = (file: string): unknown => parse(readFileSync(join(import.meta.dirname, '../../testdata', file), 'utf8'));
const platform = Platform.parse(read('platform-routed.yaml'));
const site = parseChargingSite(read('routed.site.yaml'));
const without = (...kinds: string[]) => (kind: Kind): boolean => !kinds.includes(kind.kind);
const objectsOf = (each: ChargingSite, given = platform, offers = offersAll): KubernetesObject[] => desired(each, { name: each.metadata.namespace, tenant: 'pln' }, given, offers).map(({ object }) => object);
const objects = objectsOf(site);
const named = (list: KubernetesObject[], kind: string, name?: string): KubernetesObject | undefined => list.find((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
const podOf = (object: KubernetesObject): unknown => at(object, 'spec', 'template') ?? at(object, 'spec', 'jobTemplate', 'spec', 'template');

describe('the pods of a site', () => {
  it('O-41 keep to the restricted Pod Security Standard, with a root that is read only, limits, and no token', () => {
    const pods = objects.flatMap((object) => podOf(object) ?? []);
    expect(pods).toHaveLength(4);
    for (const pod of pods) {
      const spec = at(pod, 'spec');
      expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } });
      for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(at(spec, field)).toBeUndefined();
      expect(numberAt(spec, 'securityContext', 'runAsUser')).toBeGreaterThan(0);
      for (const volume of listAt(spec, 'volumes')) expect(Object.keys(isRecord(volume) ? volume : {}).filter((key) => key !== 'name' && key !== 'emptyDir' && key !== 'secret')).toEqual([]);
      for (const container of listAt(spec, 'containers')) {
        expect(container).toMatchObject({ securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } } });
        expect(stringAt(container, 'resources', 'limits', 'memory')).toBeDefined();
      }
    }
  });

  it('O-53 a gateway is given its drain, the pause before it and a rest, and one starts before one goes', () => {
    const gateway = named(objects, 'Deployment', 'csms-gateway-default');
    const spec = at(podOf(gateway!), 'spec');
    const preStop = numberAt(listAt(spec, 'containers')[0], 'lifecycle', 'preStop', 'sleep', 'seconds') ?? 0;
    expect(preStop).toBeGreaterThan(0);
    expect(numberAt(spec, 'terminationGracePeriodSeconds')).toBe(site.spec.gateway.drainSeconds + 60);
    expect(numberAt(spec, 'terminationGracePeriodSeconds')).toBeGreaterThanOrEqual(preStop + site.spec.gateway.drainSeconds + 15);
    expect(at(gateway, 'spec', 'strategy', 'rollingUpdate')).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(listAt(spec, 'topologySpreadConstraints')).toHaveLength(2);
  });
});

describe('who counts the gateways', () => {
  it('O-52 an autoscaler on open connections where the cluster has one: up at once, down by one in two minutes; the Deployment then says no number', () => {
    const autoscaler = named(objects, 'HorizontalPodAutoscaler');
    expect(at(autoscaler, 'spec')).toMatchObject({ minReplicas: 2, maxReplicas: 8, scaleTargetRef: { name: 'csms-gateway-default' } });
    expect(at(listAt(autoscaler, 'spec', 'metrics')[0], 'pods')).toEqual({ metric: { name: 'ocpp_connections' }, target: { type: 'AverageValue', averageValue: '2k' } });
    expect(at(autoscaler, 'spec', 'behavior', 'scaleDown')).toMatchObject({ stabilizationWindowSeconds: 300, policies: [{ type: 'Pods', value: 1, periodSeconds: 120 }] });
    expect(at(named(objects, 'Deployment', 'csms-gateway-default'), 'spec', 'replicas')).toBeUndefined();
    const alone = objectsOf(site, platform, without('MetricValueList'));
    expect(named(alone, 'HorizontalPodAutoscaler')).toBeUndefined();
    expect(at(named(alone, 'Deployment', 'csms-gateway-default'), 'spec', 'replicas')).toBe(2);
  });

  it('KEDA goes first where it is told where to ask', () => {
    const asked = { ...platform, monitoring: { ...platform.monitoring, prometheusUrl: 'http://prometheus.monitoring:9090' } };
    expect([autoscaledBy(asked, offersAll), autoscaledBy(platform, offersAll), autoscaledBy(asked, without('ScaledObject')), autoscaledBy(asked, () => false)]).toEqual(['keda', 'hpa', 'hpa', 'operator']);
    expect(at(named(objectsOf(site, asked), 'ScaledObject'), 'spec')).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 8 });
    expect([quantity(4000), quantity(2500), quantity(3_000_000), quantity(1)]).toEqual(['4k', '2500', '3M', '1']);
  });
});

describe('routes and certificates', () => {
  it('an HTTPRoute and a TLSRoute where there is the Gateway API, an Ingress where there is not, and nothing where nobody asks', () => {
    expect(at(named(objects, 'HTTPRoute'), 'spec')).toMatchObject({ hostnames: ['solo.example.com'], parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'pages' }] });
    expect(at(named(objects, 'TLSRoute'), 'spec')).toMatchObject({ hostnames: ['ocpp.solo.example.com'], rules: [{ backendRefs: [{ name: 'csms-gateway-default', port: 443 }] }] });
    expect(named(objects, 'Ingress')).toBeUndefined();
    const old = objectsOf(site, platform, without('HTTPRoute', 'TLSRoute'));
    expect(listAt(named(old, 'Ingress'), 'spec', 'rules').map((rule) => at(rule, 'host'))).toEqual(['solo.example.com']);
    expect(old.filter(({ kind }) => kind === 'Certificate').map(({ metadata }) => metadata.name)).toEqual(['csms-dashboard-tls', 'csms-gateway-default-tls']);
    const unasked = objectsOf(parseChargingSite(read('minimal.site.yaml')));
    expect(unasked.filter(({ kind }) => ['HTTPRoute', 'TLSRoute', 'Ingress', 'Certificate'].includes(kind))).toEqual([]);
  });

  it('gateways show the certificate of their hosts where cert-manager makes one, else the platform’s', () => {
    const tls = (list: KubernetesObject[]): unknown => listAt(podOf(named(list, 'Deployment', 'csms-gateway-default')!), 'spec', 'volumes').map((volume) => stringAt(volume, 'secret', 'secretName')).findLast((name) => name !== undefined);
    expect(tls(objects)).toBe('csms-gateway-default-tls');
    const own = { ...platform, secrets: { ...platform.secrets, gatewayTls: 'wildcard' } };
    expect(tls(objectsOf(site, own, without('Certificate')))).toBe('wildcard');
  });

  it('O-32 a host is the oldest site’s that names it, and its namespace’s', () => {
    const at = (namespace: string, name: string, creationTimestamp: string, host: string): ChargingSite => parseChargingSite({ ...site, metadata: { name, namespace, creationTimestamp }, spec: { ...site.spec, dashboard: { host }, ocpp: {} } });
    const sites = [at('b', 'young', '2026-02-01T00:00:00Z', 'one.example.com'), at('a', 'old', '2026-01-01T00:00:00Z', 'one.example.com'), at('a', 'second', '2026-03-01T00:00:00Z', 'one.example.com'), at('b', 'other', '2026-02-01T00:00:00Z', 'two.example.com')];
    expect(foreignHostsByNamespace(sites)).toEqual(new Map([['b', new Set(['one.example.com'])]]));
    expect(foreignHostsByNamespace([...sites].reverse())).toEqual(foreignHostsByNamespace(sites));
    // The platform's own host is nobody's, however old the site.
    expect(foreignHostsByNamespace(sites, new Set(['one.example.com'])).get('a')).toEqual(new Set(['one.example.com']));
  });
});

describe('what was refused', () => {
  it('is sorted by the component that suffers from it', () => {
    const refusal = (kind: string, message: string) => ({ kind, key: 'pln/a', reason: 'ApplyFailed' as const, message });
    expect(failuresByComponent({ pool: [refusal('NetworkPolicy', 'one.'), refusal('Deployment', 'two.'), refusal('Service', 'three.')], namespace: [refusal('Role', 'four.'), refusal('Certificate', 'five.')], site: [refusal('', 'six.')] })).toEqual({
      NetworkPolicyReady: { reason: 'ApplyFailed', message: 'one.' }, GatewayAvailable: { reason: 'ApplyFailed', message: 'two. (and 1 more)' },
      DashboardAvailable: { reason: 'ApplyFailed', message: 'four.' }, IngressReady: { reason: 'ApplyFailed', message: 'five.' }, TrainerScheduled: { reason: 'ApplyFailed', message: 'six.' },
    });
  });
});

it('K-04 the names of trainers fit into what a CronJob may be called, whatever a site is called, and are each their own', () => {
  const long = 'a'.repeat(38);
  const names = ['bandung-01', `${long}-1`, `${long}-2`, `${long}01`].flatMap((name) => [trainerName(name, 'daily'), trainerName(name, 'deep')]);
  expect(names.slice(0, 2)).toEqual(['trainer-bandung-01-daily', 'trainer-bandung-01-deep']);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z0-9-]{1,52}$/);
});

it('O-23 what belongs to one site is owned by it, as its controller and holding up its deletion; what sites share has a label and no owner', () => {
  const own = objects.filter(({ metadata }) => metadata.labels?.[OWNER_LABEL]?.startsWith('site.'));
  expect(own.map(({ kind }) => kind)).toEqual(['CronJob', 'CronJob']);
  for (const { metadata } of own) expect(metadata.ownerReferences).toEqual([{ apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', name: site.metadata.name, uid: site.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }]);
  const shared = objects.filter((each) => !own.includes(each));
  expect(shared.length).toBeGreaterThan(15);
  for (const { metadata } of shared) expect([metadata.ownerReferences, ownerOf(metadata.labels?.[OWNER_LABEL])?.kind, metadata.labels?.['app.kubernetes.io/managed-by']]).toEqual([undefined, expect.stringMatching(/^(pool|namespace)$/), 'csms-operator']);
});
