import { describe, expect, it } from 'vitest';
import { EventRecorder } from './event-recorder.ts';
import type { ClusterClient } from './client.ts';
import { at, numberAt } from './object.ts';
import type { KubernetesObject } from './object.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const site: KubernetesObject = { apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'bandung-01', namespace: 'pln', uid: 'u1', resourceVersion: '7' } };
const failure = { type: 'Warning', reason: 'ApplyFailed', message: 'GatewayAvailable: quota exceeded.' } as const;

function recorder(apply?: ClusterClient['apply']) {
  const clock = new VirtualClock();
  const writes: KubernetesObject[] = [];
  const client: Pick<ClusterClient, 'apply'> = { apply: apply ?? (async (_kind, object) => (writes.push(object), object)) };
  const failures: unknown[] = [];
  return { clock, writes, failures, events: new EventRecorder({ client, clock, component: 'csms-operator', instance: 'pod-1', onFailure: (error) => failures.push(error) }) };
}

describe('events', () => {
  it('O-27 a thousand equal failures are one Event object with their count, in a few writes', async () => {
    const { clock, writes, events } = recorder();
    for (let times = 0; times < 1000; times += 1) {
      events.record(site, failure);
      await clock.advance(100);
    }
    await clock.advance(30_000);
    expect(new Set(writes.map((each) => each.metadata.name)).size).toBe(1);
    expect(numberAt(writes.at(-1), 'count')).toBe(1000);
    expect(writes.length).toBeLessThan(7);
    expect(at(writes.at(-1), 'involvedObject')).toMatchObject({ kind: 'ChargingSite', name: 'bandung-01', namespace: 'pln', uid: 'u1' });
    await clock.advance(300_000);
    expect(numberAt(writes.at(-1), 'count')).toBe(1000);
    expect(writes.length).toBeLessThan(7);
  });

  it('another reason, or another object, is another Event, and one that comes back after an hour begins anew', async () => {
    const { clock, writes, events } = recorder();
    events.record(site, failure);
    events.record(site, { ...failure, reason: 'NameConflict' });
    events.record({ ...site, metadata: { ...site.metadata, uid: 'u2' } }, failure);
    await clock.advance(3_600_000);
    events.record(site, failure);
    await clock.advance(0);
    expect(new Set(writes.map((each) => each.metadata.name)).size).toBe(3);
    expect(writes.map((each) => numberAt(each, 'count'))).toEqual([1, 1, 1, 1]);
  });

  it('one that cannot be written disturbs nobody', async () => {
    const { clock, failures, events } = recorder(async () => {
      throw new Error('forbidden');
    });
    events.record(site, failure);
    await clock.advance(1);
    expect(failures).toHaveLength(1);
  });
  it('many at once are written two at a time, all of them, so that they hold up nothing else', async () => {
    let under = 0;
    let most = 0;
    const { clock, events, writes } = recorder(async (_kind, object) => {
      most = Math.max(most, (under += 1));
      await Promise.resolve();
      under -= 1;
      writes.push(object);
      return object;
    });
    for (let index = 0; index < 300; index += 1) events.record({ ...site, metadata: { ...site.metadata, uid: `u${index}` } }, failure);
    await clock.advance(1);
    expect(new Set(writes.map((each) => each.metadata.name)).size).toBe(300);
    expect(most).toBe(2);
  });
});
