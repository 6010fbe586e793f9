import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClusterError } from './client.ts';
import type { ClusterClient } from './client.ts';
import { fencedClient } from './fenced-client.ts';
import { secretKind } from './kind.ts';
import { LeaderElector } from './leader-election.ts';
import { stringAt } from './object.ts';
import type { KubernetesObject } from './object.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

/** The part of an API server that elections need: one Lease under a resource version, and a list of who wrote what when. Each process has a cable that can be cut. */
function server(clock: VirtualClock) {
  let lease: KubernetesObject | undefined;
  let version = 0;
  const writes: { by: string; atMs: number }[] = [];
  const cut = new Set<string>();
  const client = (who: string): ClusterClient => {
    const reach = (): void => {
      if (cut.has(who)) throw new Error('connect ECONNREFUSED');
    };
    const never = (): never => {
      throw new Error('not needed here');
    };
    return {
      get: async () => (reach(), lease),
      apply: async (kind, object, { force }) => {
        reach();
        if (kind === secretKind) return writes.push({ by: who, atMs: clock.nowMs() }), object;
        const expected = object.metadata.resourceVersion;
        if (expected !== undefined && expected !== lease?.metadata.resourceVersion) throw new ClusterError(409, 'Conflict', 'the object has been modified');
        if (lease !== undefined && force !== true) throw new ClusterError(409, 'Conflict', 'conflict with another manager');
        version += 1;
        lease = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
        return lease;
      },
      list: never,
      watch: never,
      applyStatus: never,
      delete: never,
      resources: never,
    };
  };
  return { client, cut, writes, holder: () => stringAt(lease, 'spec', 'holderIdentity') };
}

/** A process that writes every 100 ms for as long as it thinks that it leads; a write takes up to 4 s to arrive, as the client's limit allows. */
function contender(clock: VirtualClock, api: ReturnType<typeof server>, who: string, writeTakesMs = 0) {
  let led = false;
  const elector = new LeaderElector({
    client: api.client(who), clock, lease: { namespace: 'csms-system', name: 'csms-operator' }, identity: who,
    onElected: () => {
      led = true;
      tick();
    },
    onLost: () => {
      led = false;
    },
  });
  const client = fencedClient({ ...api.client(who), apply: (...args) => new Promise((resolve, reject) => void clock.after(writeTakesMs, () => void api.client(who).apply(...args).then(resolve, reject))) }, () => elector.leads());
  const tick = (): void => {
    if (!led) return;
    client.apply(secretKind, { apiVersion: 'v1', kind: 'Secret', metadata: { name: who } }, { fieldManager: who }).catch(() => undefined);
    clock.after(100, tick);
  };
  elector.start();
  return { elector, leads: () => led };
}

describe('leader election', () => {
  it('O-28 hands over within 3 s when the leader ends in an orderly way, and within 20 s when it is killed', async () => {
    const clock = new VirtualClock();
    const api = server(clock);
    const a = contender(clock, api, 'a');
    await clock.advance(1000);
    const b = contender(clock, api, 'b');
    await clock.advance(10_000);
    expect([a.leads(), b.leads(), api.holder()]).toEqual([true, false, 'a']);
    void a.elector.stop();
    await clock.advance(3000);
    expect([a.leads(), b.leads()]).toEqual([false, true]);
    const c = contender(clock, api, 'c');
    await clock.advance(5000);
    // Killed: it renews nothing and gives nothing back.
    api.cut.add('b');
    await clock.advance(20_000);
    expect([b.leads(), c.leads(), api.holder()]).toEqual([false, true, 'c']);
    await Promise.all([b.elector, c.elector].map((elector) => elector.stop()));
  });

  it('O-28 a leader that is cut off stops to write before its lease is over, and leads again when it can', async () => {
    const clock = new VirtualClock();
    const api = server(clock);
    const a = contender(clock, api, 'a');
    await clock.advance(5000);
    api.cut.add('a');
    await clock.advance(12_100);
    expect([a.leads(), a.elector.leads()]).toEqual([false, false]);
    api.cut.delete('a');
    const before = api.writes.length;
    await clock.advance(5000);
    expect(a.leads()).toBe(true);
    expect(api.writes.length).toBeGreaterThan(before);
    await a.elector.stop();
  });

  it('O-28 over a hundred handovers by cuts of every length no two processes ever write in each other’s time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ who: fc.constantFrom('a', 'b'), forMs: fc.integer({ min: 500, max: 40_000 }), thenMs: fc.integer({ min: 0, max: 20_000 }) }), { minLength: 15, maxLength: 15 }), async (cuts) => {
        const clock = new VirtualClock();
        const api = server(clock);
        const all = [contender(clock, api, 'a', 4000), contender(clock, api, 'b', 4000)];
        for (const { who, forMs, thenMs } of cuts) {
          api.cut.add(who);
          await clock.advance(forMs);
          api.cut.delete(who);
          await clock.advance(thenMs);
          expect(all.filter(({ elector }) => elector.leads()).length).toBeLessThanOrEqual(1);
        }
        await clock.advance(60_000);
        expect(all.filter(({ elector }) => elector.leads())).toHaveLength(1);
        // A write of the one before that arrives late shows as two turns close together; a lease lies between true ones.
        const turns = api.writes.filter(({ by }, index) => by !== api.writes[index - 1]?.by);
        for (const [index, turn] of turns.entries()) expect(turn.atMs - (turns[index - 1]?.atMs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThan(5000);
        await Promise.all(all.map(({ elector }) => elector.stop()));
      }),
      { numRuns: 7 },
    );
  });
});
