import type { Desired, KubernetesObject } from '@csms/kube';
import { ApplyError, at, deploymentKind, keyOf } from '@csms/kube';
import { describe, expect, it } from 'vitest';
import { Rollouts } from './rollouts.ts';
import { TEMPLATE_HASH } from './site/names.ts';

const labels = { 'app.kubernetes.io/component': 'ocpp-gateway' };
const template = (image: string): object => ({ spec: { containers: [{ name: 'ocpp-gateway', image }] } });
const wanted = (namespace: string, hash: string, image: string): Desired => ({
  kind: deploymentKind, object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'csms-gateway-default', namespace, labels, annotations: { [TEMPLATE_HASH]: hash } }, spec: { replicas: 3, template: template(image) } },
});
const settled = { observedGeneration: 1, updatedReplicas: 2, replicas: 2 };
/** What the cluster has: what was applied, with what others added, and who applied what. */
const observed = (namespace: string, hash: string | undefined, image: string, status: object = settled): KubernetesObject => {
  const metadata = {
    name: 'csms-gateway-default', namespace, labels, generation: 1, ...(hash === undefined ? {} : { annotations: { [TEMPLATE_HASH]: hash } }),
    managedFields: [{ manager: 'csms-operator', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"ocpp-gateway"}': { '.': {}, 'f:name': {}, 'f:image': {} } } } } } } }],
  };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 2, template: { spec: { containers: [{ name: 'ocpp-gateway', image, imagePullPolicy: 'Always' }] } } }, status };
};

function cluster(...objects: KubernetesObject[]): { rollouts: Rollouts; set(object: KubernetesObject): void; asked: string[] } {
  const all = new Map(objects.map((each) => [keyOf(each.metadata), each]));
  const asked: string[] = [];
  const get = async (_kind: unknown, ref: { name: string; namespace?: string }): Promise<KubernetesObject | undefined> => (asked.push(keyOf(ref)), all.get(keyOf(ref)));
  return { rollouts: new Rollouts({ get }, () => ({ get: (key) => all.get(key), list: () => [...all.values()] }), 1), set: (object) => void all.set(keyOf(object.metadata), object), asked };
}
const imageOf = ([each]: Desired[]): unknown => at(each?.object, 'spec', 'template', 'spec', 'containers', 0, 'image');

describe('rollouts of gateways', () => {
  it('O-48 one pool is replaced at a time; another keeps its template as it was applied, and all else of it goes on', async () => {
    const { rollouts, set, asked } = cluster(observed('a', 'old', 'g:1'), observed('b', 'old', 'g:1'));
    expect(imageOf(await rollouts.admitted([wanted('a', 'new', 'g:2')]))).toBe('g:2');
    const held = await rollouts.admitted([wanted('b', 'new', 'g:2')]);
    expect(held[0]?.object).toMatchObject({ metadata: { annotations: { [TEMPLATE_HASH]: 'old' } }, spec: { replicas: 3, template: template('g:1') } });
    expect(JSON.stringify(held)).not.toContain('imagePullPolicy');
    expect([rollouts.waits('a/csms-gateway-default'), rollouts.waits('b/csms-gateway-default')]).toEqual([false, true]);
    // The first one is under way: begun, then seen, then at its last pod.
    for (const status of [{ ...settled, observedGeneration: 0 }, { observedGeneration: 1, updatedReplicas: 1, replicas: 3 }, { observedGeneration: 1, updatedReplicas: 2, replicas: 3 }]) {
      set(observed('a', 'new', 'g:2', status));
      expect(imageOf(await rollouts.admitted([wanted('b', 'new', 'g:2')]))).toBe('g:1');
    }
    set(observed('a', 'new', 'g:2'));
    expect(imageOf(await rollouts.admitted([wanted('b', 'new', 'g:2')]))).toBe('g:2');
    expect(rollouts.waits('b/csms-gateway-default')).toBe(false);
    expect(asked).toEqual(['b/csms-gateway-default']);
  });

  it('O-48 what does not replace pods waits for nobody: the same template, a new pool, and one that an older operator made', async () => {
    const { rollouts } = cluster(observed('a', 'old', 'g:1', { ...settled, observedGeneration: 0 }), observed('b', 'old', 'g:1'), observed('c', undefined, 'g:1'));
    for (const each of [wanted('b', 'old', 'g:1'), wanted('c', 'new', 'g:1'), wanted('d', 'new', 'g:2')]) expect(await rollouts.admitted([each])).toEqual([each]);
    expect(imageOf(await rollouts.admitted([wanted('c', 'new', 'g:2')]))).toBe('g:1');
    expect(imageOf(await rollouts.admitted([wanted('b', 'new', 'g:2')]))).toBe('g:1');
  });

  it('O-48 one that gets no further gives up its place, and whoever waits knows for whom', async () => {
    const stuck = (conditions: object[], observedGeneration = 1): KubernetesObject => observed('a', 'new', 'g:2', { observedGeneration, updatedReplicas: 1, replicas: 3, conditions });
    const { rollouts, set } = cluster(stuck([{ type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated' }, { type: 'ReplicaFailure', status: 'False' }]), observed('b', 'old', 'g:1'), observed('c', 'old', 'g:1'));
    const begins = async (namespace: string): Promise<boolean> => imageOf(await rollouts.admitted([wanted(namespace, 'new', 'g:2')])) === 'g:2';
    expect(await begins('b')).toBe(false);
    expect(rollouts.waitsFor('b/csms-gateway-default')).toEqual(['a/csms-gateway-default']);
    const late = { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' };
    // What was said of the template before says nothing of this one.
    set(stuck([late], 0));
    expect(await begins('b')).toBe(false);
    set(stuck([late]));
    expect(await begins('b')).toBe(true);
    expect(rollouts.waitsFor('b/csms-gateway-default')).toBeUndefined();
    // The place that it gave up is one, not many.
    expect(await begins('c')).toBe(false);
    expect(rollouts.waitsFor('c/csms-gateway-default')).toEqual(['b/csms-gateway-default']);
    set(observed('b', 'new', 'g:2', { observedGeneration: 1, updatedReplicas: 1, replicas: 2, conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' }] }));
    expect(await begins('c')).toBe(true);
  });

  it('O-48 what was let through and then refused holds up nobody; what may have been written holds up the others', async () => {
    const { rollouts } = cluster(observed('a', 'old', 'g:1'), observed('b', 'old', 'g:1'));
    await rollouts.admitted([wanted('a', 'new', 'g:2')]);
    rollouts.failed('a/csms-gateway-default', new Error('no answer in time'));
    expect(imageOf(await rollouts.admitted([wanted('b', 'new', 'g:2')]))).toBe('g:1');
    rollouts.failed('a/csms-gateway-default', new ApplyError([{ kind: 'Service', key: 'a/csms-gateway-default', reason: 'ApplyFailed', message: 'no' }]));
    expect(imageOf(await rollouts.admitted([wanted('b', 'new', 'g:2')]))).toBe('g:1');
    rollouts.failed('a/csms-gateway-default', new ApplyError([{ kind: 'Deployment', key: 'a/csms-gateway-default', reason: 'ApplyFailed', message: 'no' }]));
    expect(imageOf(await rollouts.admitted([wanted('b', 'new', 'g:2')]))).toBe('g:2');
  });
});
