import { describe, expect, it } from 'vitest';
import { Controller } from './controller.ts';
import type { ControllerMetrics, Outcome } from './controller.ts';
import { pause } from './clock.ts';
import { VirtualClock } from './testing/virtual-clock.ts';

function counting(): { counts: Map<string, number>; metrics: ControllerMetrics } {
  const counts = new Map<string, number>();
  return { counts, metrics: { reconciled: (_controller, result) => void counts.set(result, (counts.get(result) ?? 0) + 1), depth: () => undefined, active: () => undefined, added: () => undefined, retried: () => undefined, queued: () => undefined } };
}

describe('controller', () => {
  it('O-12 a hundred keys with ten workers run at most ten at once, and a key that takes 30 s delays no other', async () => {
    const clock = new VirtualClock();
    const endedAtMs = new Map<string, number>();
    let running = 0;
    let runningMax = 0;
    const reconcile = async (key: string): Promise<Outcome> => {
      runningMax = Math.max(runningMax, (running += 1));
      await pause(clock, key === 'slow' ? 30_000 : 10);
      running -= 1;
      endedAtMs.set(key, clock.nowMs());
      return { kind: 'done' };
    };
    const controller = new Controller({ name: 'test', workers: 10, clock, reconcile });
    controller.start();
    controller.enqueue('slow');
    for (let key = 0; key < 99; key += 1) controller.enqueue(`k${key}`);
    await clock.advance(29_000);
    expect(runningMax).toBe(10);
    expect(endedAtMs.size).toBe(99);
    // Nine workers, eleven rounds of 10 ms: nobody waited for the slow one.
    expect(Math.max(...endedAtMs.values())).toBeLessThanOrEqual(110);
    await clock.advance(1000);
    expect(endedAtMs.get('slow')).toBe(30_000);
    await controller.stop();
  });

  it('O-14 a terminal outcome is not retried in 60 s, and a new change runs it again', async () => {
    const clock = new VirtualClock();
    let runs = 0;
    const reconcile = async (): Promise<Outcome> => {
      runs += 1;
      return { kind: 'terminal', reason: 'spec.grid.maxPowerKw must be more than 0 kW' };
    };
    const controller = new Controller({ name: 'test', workers: 2, clock, reconcile });
    controller.start();
    controller.enqueue('demo/bandung-01');
    await clock.advance(60_000);
    expect(runs).toBe(1);
    controller.enqueue('demo/bandung-01');
    await clock.advance(0);
    expect(runs).toBe(2);
    await controller.stop();
  });

  it('O-19 a throwing reconcile ends nothing, is counted and reported, and is retried with growing delays', async () => {
    const clock = new VirtualClock(() => 0);
    const { counts, metrics } = counting();
    const reported: unknown[] = [];
    const runsAtMs: number[] = [];
    const reconcile = async (key: string): Promise<Outcome> => {
      if (key === 'good') return { kind: 'done' };
      runsAtMs.push(clock.nowMs());
      if (runsAtMs.length < 4) throw new Error('the cluster is away');
      return { kind: 'done' };
    };
    const controller = new Controller({ name: 'test', workers: 1, clock, metrics, onFailure: (key, error) => reported.push([key, String(error)]), reconcile });
    controller.start();
    controller.enqueue('bad');
    controller.enqueue('good');
    await clock.advance(60_000);
    expect(runsAtMs).toEqual([0, 1000, 3000, 7000]);
    expect(Object.fromEntries(counts)).toEqual({ error: 3, success: 2 });
    expect(reported).toEqual(Array.from({ length: 3 }, () => ['bad', 'Error: the cluster is away']));
    await controller.stop();
  });
});
