import { Controller, Reflector, deploymentKind } from '@csms/kube';
import type { ClusterClient, Run, WatchEvent } from '@csms/kube';
import { VirtualClock } from '@csms/kube/testing/virtual-clock';
import { createLogger } from '@csms/kit';
import { describe, expect, it } from 'vitest';
import { faultOf } from './health.ts';
import { logRun } from './log-run.ts';

/** A cluster whose watches say what `events` gives, and then wait for ever. */
function clusterOf(clock: VirtualClock, bookmarkEveryMs: number | undefined): ClusterClient {
  const never = async (): Promise<never> => Promise.reject(new Error('not asked for here'));
  return {
    get: never, apply: never, applyStatus: never, delete: never, resources: never,
    list: async () => ({ items: [], resourceVersion: '1' }),
    async *watch(_kind, options): AsyncIterable<WatchEvent> {
      for (;;) {
        const aborted = await new Promise<boolean>((resolve) => {
          options?.signal?.addEventListener('abort', () => resolve(true));
          if (bookmarkEveryMs !== undefined) clock.after(bookmarkEveryMs, () => resolve(false));
        });
        if (aborted) return;
        yield { type: 'BOOKMARK', resourceVersion: '2' };
      }
    },
  };
}

describe('what only a restart heals', () => {
  it('O-45 is a worker that has one key for more than five minutes', async () => {
    const clock = new VirtualClock();
    const free = Promise.withResolvers<void>();
    const controller = new Controller({ name: 'pool', workers: 2, clock, reconcile: async (key) => ((key === 'slow' ? await free.promise : undefined), { kind: 'done' }) });
    controller.start();
    controller.enqueue('slow');
    controller.enqueue('quick');
    await clock.advance(300_000);
    expect(faultOf([controller], new Map())).toBeNull();
    await clock.advance(1000);
    expect(faultOf([controller], new Map())).toBe('A worker of the controller pool is stuck since 301 s.');
    free.resolve();
    await clock.advance(0);
    expect(faultOf([controller], new Map())).toBeNull();
    await controller.stop();
  });

  it('O-45 is a watch from which nothing came for two minutes; bookmarks are something, and so is a cluster that is away', async () => {
    const clock = new VirtualClock();
    const follow = (client: ClusterClient): Reflector => new Reflector({ client, kind: deploymentKind, clock, onChange: () => undefined });
    const quiet = follow(clusterOf(clock, 60_000));
    const dead = follow(clusterOf(clock, undefined));
    const away = follow({ ...clusterOf(clock, undefined), list: async () => Promise.reject(new Error('away')) });
    const faultIn = (copy: Reflector): string | null => faultOf([], new Map([['Deployment', copy]]));
    expect(faultIn(dead)).toBeNull();
    for (const each of [quiet, dead, away]) each.start();
    await clock.advance(119_000);
    expect([quiet, dead, away].map(faultIn)).toEqual([null, null, null]);
    await clock.advance(2000);
    expect([quiet, dead, away].map(faultIn)).toEqual([null, 'The watch of Deployment is silent since 121 s.', null]);
    await clock.advance(600_000);
    expect([quiet, away].map(faultIn)).toEqual([null, null]);
    for (const each of [quiet, dead, away]) await Promise.all([each.stop(), clock.advance(30_000)]);
  });

  it('O-29 an order to end lets runs end, and waits for none longer than it is told', async () => {
    const clock = new VirtualClock();
    const runs: Run[] = [];
    const reconcile = async (key: string): Promise<{ kind: 'done' }> => {
      await new Promise<void>((resolve) => key === 'stuck' ? undefined : clock.after(3000, resolve));
      return { kind: 'done' };
    };
    const controller = new Controller({ name: 'pool', workers: 2, clock, reconcile, onRun: (run) => runs.push(run) });
    controller.start();
    for (const key of ['stuck', 'slow', 'waiting']) controller.enqueue(key);
    await clock.advance(0);
    let ended = false;
    void controller.stop(4500).then(() => (ended = true));
    await clock.advance(4499);
    expect([ended, runs.map(({ key, result }) => [key, result])]).toEqual([false, [['slow', 'success']]]);
    await clock.advance(1);
    expect(ended).toBe(true);
  });
});

it('O-47 a run is one line with what it was about, the generation, an id of its own and what came of it', () => {
  const lines: { level: string; fields: unknown; text: unknown }[] = [];
  const log = createLogger('operator', 'debug');
  for (const level of ['debug', 'info', 'warn'] as const) log[level] = (fields: unknown, text?: unknown) => void lines.push({ level, fields, text });
  const tell = logRun(log);
  const run = { id: 'a1b2c3d4', key: 'pln/bandung-01', result: 'success' as const, seconds: 0.0123, generation: 3 };
  tell({ ...run, controller: 'chargingsite' });
  tell({ ...run, controller: 'books', result: 'requeue_after' });
  tell({ id: 'e5', controller: 'namespace', key: 'pln', result: 'error', seconds: 1, reason: 'The cluster answered 500.' });
  tell({ ...run, controller: 'chargingsite', result: 'terminal', reason: 'spec.grid is required.' });
  expect(lines).toEqual([
    { level: 'info', text: 'reconciled', fields: { event: 'reconcile', controller: 'chargingsite', reconcileId: 'a1b2c3d4', namespace: 'pln', site: 'bandung-01', generation: 3, result: 'success', ms: 12 } },
    { level: 'debug', text: 'reconciled', fields: expect.objectContaining({ controller: 'books', site: 'bandung-01' }) },
    { level: 'warn', text: 'will be tried again', fields: expect.objectContaining({ what: 'namespace pln', reason: 'The cluster answered 500.' }) },
    { level: 'warn', text: 'waits for the next change', fields: expect.objectContaining({ result: 'terminal', generation: 3 }) },
  ]);
});
