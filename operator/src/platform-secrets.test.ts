import { HttpClusterClient, namespaceKind, secretKind, urlTransport } from '@csms/kube';
import type { ClusterClient, KubernetesObject } from '@csms/kube';
import { startLocalCluster } from '@csms/kube/local-cluster/index';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import { VirtualClock } from '@csms/kube/testing/virtual-clock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PlatformSecrets } from './platform-secrets.ts';
import { Platform } from './site/platform.ts';

const platform = Platform.parse({
  namespace: 'csms', images: { gateway: 'g', dashboard: 'd', trainer: 't' }, apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' },
  ocpp: { port: 9220, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { port: 3500, url: 'https://csms.example.com' },
});
const names = [...new Set(Object.values(platform.secrets).filter((name) => name !== undefined))];
let cluster: LocalCluster;
let http: HttpClusterClient;
let reads = 0;
let writes = 0;

beforeAll(async () => {
  cluster = await startLocalCluster({ kinds: [], images: {}, env: {} });
  http = new HttpClusterClient(urlTransport(cluster.url), { onRequest: (method) => void (method === 'GET' ? (reads += 1) : (writes += 1)) });
  for (const name of ['csms', 'a', 'b']) await http.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'test', force: true });
  for (const name of names) await put(name, 'first');
});
afterAll(async () => {
  await http.close();
  await cluster.stop();
});

const put = (name: string, value: string): Promise<KubernetesObject> =>
  http.apply(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'csms' }, type: 'Opaque', data: { KEY: Buffer.from(value).toString('base64') } }, { fieldManager: 'test', force: true });
const valueIn = async (namespace: string): Promise<string | undefined> => {
  const data = (await http.get(secretKind, { namespace, name: names[0] ?? '' }))?.data;
  return data === undefined ? undefined : Buffer.from(data['KEY'] ?? '', 'base64').toString('utf8');
};
/** What `work` asked and wrote. */
async function costs(work: () => Promise<unknown>): Promise<{ reads: number; writes: number }> {
  const before = { reads, writes };
  await work();
  return { reads: reads - before.reads, writes: writes - before.writes };
}

it('the platform’s Secrets are read once for all namespaces, written where a copy differs, and followed when they rotate', async () => {
  const clock = new VirtualClock();
  const uids = new Map([['a', 'a1'], ['b', 'b1']]);
  const client: ClusterClient = http;
  const world = { client, clock, platform, namespaces: { get: (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...(uids.has(name) ? { uid: uids.get(name) ?? '' } : {}) } }) } };
  const secrets = new PlatformSecrets(world);
  const changes: string[] = [];
  const look = secrets.reconciler(() => changes.push('changed'));

  expect(await costs(() => secrets.copyInto('a'))).toEqual({ reads: 2 * names.length, writes: names.length });
  expect(await costs(() => secrets.copyInto('b'))).toEqual({ reads: names.length, writes: names.length });
  expect(await costs(() => secrets.copyInto('a'))).toEqual({ reads: 0, writes: 0 });
  expect(await valueIn('b')).toBe('first');

  // A process that begins looks at what is there and writes nothing.
  expect(await costs(() => new PlatformSecrets(world).copyInto('a'))).toEqual({ reads: 2 * names.length, writes: 0 });

  await clock.advance(61_000);
  expect(await costs(() => look())).toEqual({ reads: names.length, writes: 0 });
  expect(changes).toEqual([]);
  await put(names[0] ?? '', 'second');
  await clock.advance(61_000);
  // Whoever reads them first: all namespaces are told.
  await secrets.copyInto('a');
  await look();
  expect(changes).toEqual(['changed']);
  expect(await costs(() => secrets.copyInto('b'))).toMatchObject({ writes: 1 });
  expect([await valueIn('a'), await valueIn('b')]).toEqual(['second', 'second']);

  // A copy that somebody deleted is there again after five minutes, one of a namespace that was made anew at once.
  await http.delete(secretKind, { namespace: 'a', name: names[0] ?? '' });
  await secrets.copyInto('a');
  expect(await valueIn('a')).toBeUndefined();
  await clock.advance(300_000);
  await secrets.copyInto('a');
  expect(await valueIn('a')).toBe('second');
  await http.delete(secretKind, { namespace: 'b', name: names[0] ?? '' });
  uids.set('b', 'b2');
  await secrets.copyInto('b');
  expect(await valueIn('b')).toBe('second');

  await secrets.removeFrom('b');
  expect([await valueIn('a'), await valueIn('b')]).toEqual(['second', undefined]);
});

it('a Secret of that name that is somebody else’s is never written and never deleted; the others are copied', async () => {
  await http.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'c' } }, { fieldManager: 'test', force: true });
  const [taken = '', free = ''] = names;
  const theirs = { apiVersion: 'v1', kind: 'Secret', metadata: { name: taken, namespace: 'c' }, type: 'Opaque', data: { KEY: Buffer.from('theirs').toString('base64') } };
  await http.apply(secretKind, theirs, { fieldManager: 'tenant', force: true });
  const client: ClusterClient = http;
  const secrets = new PlatformSecrets({ client, clock: new VirtualClock(), platform, namespaces: { get: () => undefined } });

  await expect(secrets.copyInto('c')).rejects.toMatchObject({ refusals: [{ kind: 'Secret', key: `c/${taken}`, reason: 'NameConflict' }] });
  expect(await valueIn('c')).toBe('theirs');
  expect(await http.get(secretKind, { namespace: 'c', name: free })).toBeDefined();
  await secrets.removeFrom('c');
  expect(await valueIn('c')).toBe('theirs');
  expect(await http.get(secretKind, { namespace: 'c', name: free })).toBeUndefined();

  // Once the name is free the copy comes at once.
  await http.delete(secretKind, { namespace: 'c', name: taken });
  await secrets.copyInto('c');
  expect(await valueIn('c')).toBe('second');
});
