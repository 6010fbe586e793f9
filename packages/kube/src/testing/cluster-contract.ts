import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isConflict, isGone, isNotOffered } from '../client.ts';
import type { ClusterClient, WatchEvent } from '../client.ts';
import { deploymentKind, namespaceKind, secretKind } from '../kind.ts';
import type { Kind } from '../kind.ts';
import { at, keyOf } from '../object.ts';
import type { KubernetesObject } from '../object.ts';
import { Reflector } from '../reflector.ts';
import { systemClock } from '../clock.ts';
import { until } from './until.ts';

/** A cluster to hold to the contract. `close` ends what `open` began; the suite works in a namespace of its own and deletes it. */
export interface ContractCluster {
  client: ClusterClient;
  close(): Promise<void>;
}

const ME = { fieldManager: 'contract-suite', force: true };

const never: Kind = { apiVersion: 'nothing.example.com/v1', kind: 'Nothing', plural: 'nothings', namespaced: true };

/** What every ClusterClient promises, whichever cluster is behind it. Deployments here ask for no replicas, so that nothing is started. */
export function clusterContract(title: string, open: () => Promise<ContractCluster>): void {
  describe(`cluster contract: ${title}`, () => {
    const namespace = `contract-${Math.floor(Math.random() * 1e9).toString(36)}`;
    let cluster: ContractCluster;
    let client: ClusterClient;
    const secret = (name: string, more: Partial<KubernetesObject['metadata']> = {}, data: Record<string, string> = {}): KubernetesObject => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, ...more },
      type: 'Opaque',
      data,
    });
    const deployment = (name: string, image: string, env: { name: string; value: string }[]): KubernetesObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { app: name } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image, env }] } },
      },
    });

    beforeAll(async () => {
      cluster = await open();
      client = cluster.client;
      await client.apply(namespaceKind, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, ME);
    });
    afterAll(async () => {
      await client?.delete(namespaceKind, { name: namespace });
      await cluster?.close();
    });

    it('creates by apply, and a second apply of the same changes no version', async () => {
      const first = await client.apply(secretKind, secret('same', { labels: { a: '1' } }, { k: 'dg==' }), ME);
      expect(first.metadata.uid).toBeTruthy();
      expect(first.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT/);
      const second = await client.apply(secretKind, secret('same', { labels: { a: '1' } }, { k: 'dg==' }), ME);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      expect((await client.get(secretKind, { namespace, name: 'same' }))?.data).toEqual({ k: 'dg==' });
    });

    it('an object that is not there is undefined to get and false to delete; a kind that is not offered is an error of its own', async () => {
      expect(await client.get(secretKind, { namespace, name: 'absent' })).toBeUndefined();
      expect(await client.delete(secretKind, { namespace, name: 'absent' })).toBe(false);
      for (const ask of [() => client.list(never), () => client.get(never, { namespace, name: 'a' }), () => client.apply(never, { apiVersion: never.apiVersion, kind: never.kind, metadata: { name: 'a', namespace } }, ME)])
        expect(isNotOffered(await ask().catch((error: unknown) => error))).toBe(true);
    });

    it('refuses an object in a namespace that does not exist, and that is not "not offered"', async () => {
      const error: unknown = await client.apply(secretKind, { ...secret('a'), metadata: { name: 'a', namespace: 'no-such-namespace' } }, ME).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ status: 404, reason: 'NotFound' });
    });

    it('O-20 apply removes what the manager no longer states and keeps foreign labels, annotations and container env', async () => {
      await client.apply(deploymentKind, deployment('shared', 'one', [{ name: 'A', value: '1' }, { name: 'B', value: '2' }]), ME);
      const foreign = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'shared', namespace, labels: { theirs: 'yes' }, annotations: { note: 'kept' } },
        spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'FOREIGN', value: '9' }] }] } } },
      };
      await client.apply(deploymentKind, foreign, { fieldManager: 'somebody-else' });
      const after = await client.apply(deploymentKind, deployment('shared', 'two', [{ name: 'A', value: '5' }]), ME);
      expect(after.metadata.labels).toEqual({ app: 'shared', theirs: 'yes' });
      expect(after.metadata.annotations).toMatchObject({ note: 'kept' });
      expect(at(after, 'spec', 'template', 'spec', 'containers', 0)).toMatchObject({ image: 'two', env: [{ name: 'A', value: '5' }, { name: 'FOREIGN', value: '9' }] });
    });

    it('without force a value that another manager holds is a conflict, with force it is taken over', async () => {
      await client.apply(deploymentKind, deployment('held', 'one', []), ME);
      const mine = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'held', namespace }, spec: { minReadySeconds: 3, template: { spec: { containers: [{ name: 'main', image: 'other' }] } } } };
      expect(isConflict(await client.apply(deploymentKind, mine, { fieldManager: 'somebody-else' }).catch((error: unknown) => error))).toBe(true);
      const taken = await client.apply(deploymentKind, mine, { fieldManager: 'somebody-else', force: true });
      expect(at(taken, 'spec', 'template', 'spec', 'containers', 0, 'image')).toBe('other');
    });

    it('the generation follows the intent alone, and status is written apart from it', async () => {
      const created = await client.apply(deploymentKind, deployment('generations', 'one', []), ME);
      const labelled = await client.apply(deploymentKind, { ...deployment('generations', 'one', []), metadata: { name: 'generations', namespace, labels: { app: 'generations', more: '1' } } }, ME);
      expect(labelled.metadata.generation).toBe(created.metadata.generation);
      const changed = await client.apply(deploymentKind, deployment('generations', 'two', []), ME);
      expect(changed.metadata.generation).toBe((created.metadata.generation ?? 0) + 1);
      const condition = { type: 'Contract', status: 'True', reason: 'Tested', message: 'by the suite', lastTransitionTime: '2026-01-01T00:00:00Z' };
      const status = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'generations', namespace }, status: { conditions: [condition] } };
      const written = await client.applyStatus(deploymentKind, status, ME);
      expect(written.metadata.generation).toBe(changed.metadata.generation);
      expect(JSON.stringify(at(written, 'status', 'conditions'))).toContain('"Contract"');
      expect(at(written, 'spec', 'template', 'spec', 'containers', 0, 'image')).toBe('two');
    });

    it('lists by label and page by page', async () => {
      for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) await client.apply(secretKind, secret(name, { labels: { page: 'yes' } }), ME);
      await client.apply(secretKind, secret('other', { labels: { page: 'no' } }), ME);
      const names: string[] = [];
      let pages = 0;
      let continueToken: string | undefined;
      do {
        const page = await client.list(secretKind, { namespace, labelSelector: 'page=yes', limit: 2, continueToken });
        names.push(...page.items.map((item) => item.metadata.name));
        continueToken = page.continueToken;
        pages += 1;
      } while (continueToken !== undefined);
      expect([names, pages]).toEqual([['p1', 'p2', 'p3', 'p4', 'p5'], 3]);
    });

    it('a watch from a version tells what came after it, in order, and ends when it is aborted', async () => {
      const { resourceVersion } = await client.list(secretKind, { namespace });
      await client.apply(secretKind, secret('watched', {}, { k: 'MQ==' }), ME);
      await client.apply(secretKind, secret('watched', {}, { k: 'Mg==' }), ME);
      await client.delete(secretKind, { namespace, name: 'watched' });
      const end = new AbortController();
      const events: string[] = [];
      for await (const event of client.watch(secretKind, { namespace, resourceVersion, signal: end.signal }) as AsyncIterable<WatchEvent>) {
        if (event.type === 'BOOKMARK') continue;
        events.push(`${event.type} ${event.object.metadata.name} ${event.object.data?.['k']}`);
        if (event.type === 'DELETED') end.abort();
      }
      expect(events).toEqual(['ADDED watched MQ==', 'MODIFIED watched Mg==', 'DELETED watched Mg==']);
    });

    it('finalizers hold a deleted object until they are released', async () => {
      const finalizer = 'contract.csms.charge-it.io/hold';
      const held = await client.apply(secretKind, secret('held', { finalizers: [finalizer] }), ME);
      expect(await client.delete(secretKind, { namespace, name: 'held' })).toBe(true);
      const deleting = await client.get(secretKind, { namespace, name: 'held' });
      expect(deleting?.metadata.deletionTimestamp).toBeTruthy();
      expect(deleting?.metadata.uid).toBe(held.metadata.uid);
      await client.apply(secretKind, secret('held'), ME);
      await until('the object is gone', async () => (await client.get(secretKind, { namespace, name: 'held' })) === undefined);
    });

    it('a delete that names another uid is refused', async () => {
      await client.apply(secretKind, secret('another'), ME);
      const error: unknown = await client.delete(secretKind, { namespace, name: 'another' }, { uid: '00000000-0000-4000-8000-000000000000' }).catch((caught: unknown) => caught);
      expect(isConflict(error)).toBe(true);
      expect(await client.get(secretKind, { namespace, name: 'another' })).toBeDefined();
    });

    it('what an object owns goes with it', async () => {
      const owner = await client.apply(secretKind, secret('owner'), ME);
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Secret', name: 'owner', uid: owner.metadata.uid ?? '' }];
      await client.apply(secretKind, secret('owned', { ownerReferences }), ME);
      await client.delete(secretKind, { namespace, name: 'owner' });
      await until('the owned object is gone', async () => (await client.get(secretKind, { namespace, name: 'owned' })) === undefined, 60_000);
    });

    it('a version of long ago is Gone or still remembered, never silently skipped', async () => {
      const end = new AbortController();
      const first = await (async (): Promise<unknown> => {
        for await (const event of client.watch(secretKind, { namespace, resourceVersion: '1', timeoutSeconds: 5, signal: end.signal })) return event;
        return undefined;
      })().catch((error: unknown) => error);
      end.abort();
      expect(isGone(first) || at(first, 'type') === 'ADDED').toBe(true);
    });

    it('a reflector has what the cluster has, also after objects came and went', async () => {
      const reflector = new Reflector({ client, kind: secretKind, namespace, labelSelector: 'page', clock: systemClock, onChange: () => undefined });
      reflector.start();
      await reflector.synced;
      await client.apply(secretKind, secret('p6', { labels: { page: 'yes' } }), ME);
      await client.delete(secretKind, { namespace, name: 'p1' });
      await until('the copy is the same', async () => {
        const listed = await client.list(secretKind, { namespace, labelSelector: 'page' });
        const versions = (objects: KubernetesObject[]): string => JSON.stringify(objects.map((each) => [keyOf(each.metadata), each.metadata.resourceVersion]).sort());
        return versions(listed.items) === versions(reflector.list());
      });
      expect(reflector.get(`${namespace}/p1`)).toBeUndefined();
      expect(reflector.get(`${namespace}/p6`)).toBeDefined();
      await reflector.stop();
    });
  });
}
