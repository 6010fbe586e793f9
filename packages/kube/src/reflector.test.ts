import { describe, expect, it } from 'vitest';
import { ClusterError, NOT_OFFERED } from './client.ts';
import type { ClusterClient, ListPage, WatchEvent } from './client.ts';
import { deploymentKind } from './kind.ts';
import type { KubernetesObject } from './object.ts';
import { Reflector } from './reflector.ts';
import type { Change } from './reflector.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

const named = (name: string, version: string): KubernetesObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'demo', uid: name, resourceVersion: version } });

/** A cluster that answers lists and watches from scripts; a watch whose script ran out stays open. */
function scripted(lists: (() => ListPage)[], watches: ((version: string | undefined) => (WatchEvent | Error)[])[]): { client: ClusterClient; asked: string[] } {
  const asked: string[] = [];
  const refuse = (): never => {
    throw new Error('A reflector does not write.');
  };
  const client: ClusterClient = {
    list: async (_kind, options) => {
      asked.push(`list ${options?.continueToken ?? ''}`.trim());
      return (lists.shift() ?? refuse)();
    },
    async *watch(_kind, options) {
      asked.push(`watch ${options?.resourceVersion}`);
      const script = watches.shift();
      if (script === undefined) await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve));
      for (const event of script?.(options?.resourceVersion) ?? []) {
        if (event instanceof Error) throw event;
        yield event;
      }
    },
    get: refuse,
    apply: refuse,
    applyStatus: refuse,
    delete: refuse,
    resources: refuse,
  };
  return { client, asked };
}

const run = async (client: ClusterClient, forMs: number): Promise<{ changes: string[]; keys: string[]; failures: unknown[] }> => {
  const clock = new VirtualClock(() => 0);
  const changes: Change[] = [];
  const failures: unknown[] = [];
  const reflector = new Reflector({ client, kind: deploymentKind, clock, onChange: (change) => changes.push(change), onFailure: (error) => failures.push(error) });
  reflector.start();
  await clock.advance(forMs);
  await reflector.stop();
  return { changes: changes.map(({ type, key }) => `${type} ${key}`), keys: reflector.list().map((object) => object.metadata.name), failures };
};

describe('reflector', () => {
  it('reads a list page by page and follows it from its version', async () => {
    const { client, asked } = scripted(
      [() => ({ items: [named('a', '1')], resourceVersion: '5', continueToken: 'next' }), () => ({ items: [named('b', '2')], resourceVersion: '5' })],
      [() => [{ type: 'MODIFIED', object: named('a', '6') }, { type: 'DELETED', object: named('b', '7') }, { type: 'BOOKMARK', resourceVersion: '9' }]],
    );
    const { changes, keys } = await run(client, 10);
    expect(asked).toEqual(['list', 'list next', 'watch 5', 'watch 9']);
    expect(changes).toEqual(['added demo/a', 'added demo/b', 'updated demo/a', 'deleted demo/b']);
    expect(keys).toEqual(['a']);
  });

  it('O-18 lists anew after 410 and reports what went meanwhile as deleted', async () => {
    const { client, asked } = scripted(
      [() => ({ items: [named('a', '1'), named('b', '2')], resourceVersion: '2' }), () => ({ items: [named('b', '2'), named('c', '8')], resourceVersion: '8' })],
      [() => [new ClusterError(410, 'Expired', 'too old resource version')]],
    );
    const { changes, failures } = await run(client, 10);
    expect(asked).toEqual(['list', 'watch 2', 'list', 'watch 8']);
    expect(changes).toEqual(['added demo/a', 'added demo/b', 'added demo/c', 'deleted demo/a']);
    expect(failures).toEqual([]);
  });

  it('goes on from the last version after any other failure, with delays from 0.8 s, and never gives up', async () => {
    const broken = (): Error[] => [new Error('other side closed')];
    const { client, asked } = scripted([() => ({ items: [], resourceVersion: '3' })], [broken, broken, broken, () => [{ type: 'ADDED', object: named('a', '4') }]]);
    const early = await run(client, 799);
    expect(early.failures).toHaveLength(1);
    expect(asked).toEqual(['list', 'watch 3']);
    const second = scripted([() => ({ items: [], resourceVersion: '3' })], [broken, broken, broken, () => [{ type: 'ADDED', object: named('a', '4') }]]);
    const late = await run(second.client, 800 + 1600 + 3200);
    expect(second.asked).toEqual(['list', 'watch 3', 'watch 3', 'watch 3', 'watch 3', 'watch 4']);
    expect(late.changes).toEqual(['added demo/a']);
    expect(late.failures).toHaveLength(3);
  });

  it('does not ask a server in a loop that closes every watch at once', async () => {
    const { client, asked } = scripted([() => ({ items: [], resourceVersion: '3' })], Array.from({ length: 50 }, () => () => []));
    await run(client, 60_000);
    expect(asked.length).toBeLessThan(12);
  });

  it('O-31 counts as complete when the kind is not offered, and picks it up when it is', async () => {
    const clock = new VirtualClock(() => 0);
    let offered = false;
    const { client } = scripted([], []);
    client.list = async () => {
      if (!offered) throw new ClusterError(404, NOT_OFFERED, 'not offered');
      return { items: [named('a', '1')], resourceVersion: '1' };
    };
    const reflector = new Reflector({ client, kind: deploymentKind, clock, onChange: () => undefined });
    reflector.start();
    await reflector.synced;
    offered = true;
    await clock.advance(60_000);
    expect(reflector.get('demo/a')).toBeDefined();
    await reflector.stop();
  });
});
