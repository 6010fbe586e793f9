import { randomBytes } from 'node:crypto';
import { namespaceKind, secretKind, type Kind } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { by } from '../test-cluster.ts';
import { inParallel } from './many-sites.ts';
import { pause, pidOf, untilStill, type Stage } from './measured.ts';
import { factsOf } from './process-facts.ts';

const configMapKind: Kind = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const each = 300;
const bytes = 500_000;

/** Six hundred large objects of others appear: what the operator holds more (O-36). */
export const foreignObjects: Stage = async (measured) => {
  const { cluster, operator } = measured;
  await untilStill(measured, 3_000, 120_000);
  const pid = pidOf(operator);
  const held = async (): Promise<number> => {
    let least = Infinity;
    for (let look = 0; look < 10; look += 1) { await pause(1_000); least = Math.min(least, (await factsOf(pid)).residentMb); }
    return least;
  };
  const before = await held();
  const namespace = 'many-foreign';
  await cluster.client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, by);
  const text = randomBytes((bytes * 3) / 4).toString('base64');
  await inParallel(Array.from({ length: each }, (_, index) => index), 4, async (index) => {
    await written(() => cluster.client.apply(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata: { name: `large-${index}`, namespace }, type: 'Opaque', data: { large: Buffer.from(text).toString('base64') } }, by));
    await written(() => cluster.client.apply(configMapKind, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `large-${index}`, namespace }, data: { large: text } }, by));
  });
  const after = await held();
  await cluster.client.delete(namespaceKind, { name: namespace });
  return [{ what: '600 Secrets and ConfigMaps of others of 500 KB: memory more', value: after - before, unit: 'MB', limit: { atMost: 20 }, detail: `${before.toFixed(0)} MB before, ${after.toFixed(0)} after` }];
};

/** A busy server may take longer for half a megabyte than a client waits. */
const written = (write: () => Promise<unknown>): Promise<unknown> => until('a large object is written', async () => { await write(); return true; }, 60_000);
