import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApplyError, Applier } from './apply-and-prune.ts';
import { ClusterError } from './client.ts';
import type { Copy } from './apply-and-prune.ts';
import type { ClusterClient } from './client.ts';
import { systemClock } from './clock.ts';
import { HttpClusterClient, urlTransport } from './http-client.ts';
import { configMapKind, secretKind } from './kind.ts';
import { startLocalCluster } from './local-cluster/index.ts';
import type { LocalCluster } from './local-cluster/index.ts';
import type { KubernetesObject } from './object.ts';
import { Reflector } from './reflector.ts';
import { until } from './testing/until.ts';

const labels = { 'app.kubernetes.io/managed-by': 'us', owner: 'site.a' };
const secret = (name: string, more: Partial<KubernetesObject['metadata']> = {}, data: Record<string, string> = { k: 'dg==' }): KubernetesObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'demo', ...more }, data });
const wanted = (...names: string[]) => names.map((name) => ({ kind: secretKind, object: secret(name, { labels }) }));
const prune = { kinds: [secretKind], labels };

let cluster: LocalCluster;
let client: HttpClusterClient;
let copy: Reflector;

beforeAll(async () => {
  cluster = await startLocalCluster({ kinds: [], images: {}, env: {} });
  cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } }]);
  client = new HttpClusterClient(urlTransport(cluster.url));
  copy = new Reflector({ client, kind: secretKind, labelSelector: 'app.kubernetes.io/managed-by=us', clock: systemClock, onChange: () => undefined });
  copy.start();
  await copy.synced;
});
afterAll(async () => {
  await copy.stop();
  await client.close();
  await cluster.stop();
});

const applier = (over: Partial<ClusterClient> = {}, copied: Copy = copy): Applier => {
  const mine: ClusterClient = { get: (...args) => client.get(...args), list: (...args) => client.list(...args), watch: (...args) => client.watch(...args), apply: (...args) => client.apply(...args), applyStatus: (...args) => client.applyStatus(...args), delete: (...args) => client.delete(...args), resources: (...args) => client.resources(...args), ...over };
  return new Applier({ client: mine, fieldManager: 'us', copies: new Map([['Secret', copied]]) });
};
const names = (): string[] => cluster.list(secretKind, 'demo').map((each) => each.metadata.name);

describe('apply and prune', () => {
  it('O-25 never takes over what is another’s, says so, and makes everything else', async () => {
    cluster.applyObjects([secret('taken', { labels: { app: 'theirs' } }, { theirs: 'eA==' })]);
    const error: unknown = await applier().run({ namespace: 'demo', desired: wanted('first', 'taken', 'last'), prune }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApplyError);
    expect((error as ApplyError).refusals).toEqual([{ kind: 'Secret', key: 'demo/taken', reason: 'NameConflict', message: "Secret demo/taken exists and is not the operator's: it is left alone. Rename or delete it." }]);
    expect(names()).toEqual(['first', 'last', 'taken']);
    expect(cluster.get(secretKind, { namespace: 'demo', name: 'taken' })?.data).toEqual({ theirs: 'eA==' });
    cluster.deleteObject(secretKind, { namespace: 'demo', name: 'taken' });
    await until('the copy has both', () => copy.list().length === 2);
    expect((await applier().run({ namespace: 'demo', desired: wanted('first', 'taken', 'last'), prune })).applied).toEqual(['Secret demo/taken']);
  });

  it('O-22 takes away exactly what carries its labels and is not wanted any more', async () => {
    cluster.applyObjects([secret('of-another-site', { labels: { ...labels, owner: 'site.b' } }), secret('of-nobody')]);
    await until('the copy has four', () => copy.list().length === 4);
    expect((await applier().run({ namespace: 'demo', desired: wanted('first'), prune })).deleted.sort()).toEqual(['Secret demo/last', 'Secret demo/taken']);
    expect(names()).toEqual(['first', 'of-another-site', 'of-nobody']);
  });

  it('O-22 an object whose field managers say that it is not ours stays, whatever its labels say', async () => {
    cluster.applyObjects([secret('copied', { labels })]);
    await until('the copy has it', () => copy.get('demo/copied') !== undefined);
    const madeBy = (manager: string): Applier => {
      const read = (object: KubernetesObject): KubernetesObject => ({ ...object, metadata: Object.assign({ ...object.metadata }, { managedFields: [{ manager: object.metadata.name === 'copied' ? manager : 'us', operation: 'Apply' }] }) });
      return applier({ get: async (...args) => [await client.get(...args)].flatMap((each) => each ?? []).map(read)[0] }, { get: (key) => [copy.get(key)].flatMap((each) => each ?? []).map(read)[0], list: () => copy.list().map(read) });
    };
    expect((await madeBy('kubectl').run({ namespace: 'demo', desired: wanted('first'), prune })).deleted).toEqual([]);
    await expect(madeBy('kubectl').run({ namespace: 'demo', desired: wanted('first', 'copied'), prune })).rejects.toThrow('Secret demo/copied exists');
    expect((await madeBy('us').run({ namespace: 'demo', desired: wanted('first'), prune })).deleted).toEqual(['Secret demo/copied']);
  });

  it('one refused object holds up no other, and a cluster that is away is no refusal', async () => {
    const refuse: ClusterClient['apply'] = async (kind, object, options) => {
      if (object.metadata.name === 'too-big') throw new ClusterError(422, 'Invalid', 'it is too big');
      return client.apply(kind, object, options);
    };
    await expect(applier({ apply: refuse }).run({ namespace: 'demo', desired: wanted('first', 'too-big', 'after'), prune })).rejects.toThrow('Secret demo/too-big was refused: it is too big.');
    expect(names()).toContain('after');
    const away: ClusterClient['apply'] = async () => {
      throw new Error('connect ECONNREFUSED');
    };
    const error: unknown = await applier({ apply: away }).run({ namespace: 'demo', desired: wanted('first', 'new'), prune }).catch((caught: unknown) => caught);
    expect(error).not.toBeInstanceOf(ApplyError);
  });

  it('does not ask for a kind that the cluster does not offer', async () => {
    const never: ClusterClient['get'] = async () => {
      throw new Error('asked');
    };
    const map = { kind: configMapKind, object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'demo' } } };
    expect(await applier({ get: never }).run({ namespace: 'demo', desired: [map], prune: { kinds: [configMapKind], labels } })).toEqual({ applied: [], deleted: [] });
  });
});

describe('an edit that no apply can repair', () => {
  const invalid = new ClusterError(422, 'Invalid', 'spec.ports[1].name: Duplicate value: "ocpp"');
  const ours = secret('edited', { labels, resourceVersion: '1' }, { k: 'b3RoZXI=' });
  const copied: Copy = { get: () => ours, list: () => [ours] };

  it('O-21 is put back as a whole, once, and then applied; a new object that is refused is not', async () => {
    const done: string[] = [];
    const refusingFirst = (): ClusterClient['apply'] => {
      let refused = false;
      return async (_kind, object) => {
        done.push(refused ? 'apply' : 'refused');
        if (refused) return object;
        refused = true;
        throw invalid;
      };
    };
    const overwrite: ClusterClient['overwrite'] = async (_kind, object) => (done.push('overwrite'), object);
    await applier({ apply: refusingFirst(), overwrite }, copied).run({ namespace: 'demo', desired: wanted('edited'), prune });
    expect(done).toEqual(['refused', 'overwrite', 'apply']);
    done.length = 0;
    const fresh = applier({ get: async () => undefined, apply: refusingFirst(), overwrite }, { get: () => undefined, list: () => [] });
    await expect(fresh.run({ namespace: 'demo', desired: wanted('new'), prune })).rejects.toBeInstanceOf(ApplyError);
    expect(done).toEqual(['refused']);
  });
});
