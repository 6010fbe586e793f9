import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';
import { VirtualClock, settle } from './testing/virtual-clock.ts';
import { RECONCILE_BACKOFF, WorkQueue } from './work-queue.ts';

describe('work queue', () => {
  it('O-11 ten thousand adds of one key during one run cause exactly one more run', async () => {
    const queue = new WorkQueue(new VirtualClock());
    queue.add('a');
    expect(await queue.take()).toBe('a');
    for (let count = 0; count < 10_000; count += 1) queue.add('a');
    queue.done('a');
    expect(await queue.take()).toBe('a');
    queue.done('a');
    expect(queue.depth).toBe(0);
  });

  it('O-11 whatever the order of adds and runs, one key never runs twice at once and no add is lost', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('delay' as const), key: fc.constantFrom('a', 'b', 'c'), ms: fc.integer({ min: 0, max: 5000 }) }),
      fc.record({ kind: fc.constant('fail' as const), key: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('finish' as const), pick: fc.nat(10) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, workers) => {
        const clock = new VirtualClock();
        const queue = new WorkQueue(clock);
        const running: string[] = [];
        const unserved = new Set<string>();
        const take = async (): Promise<void> => {
          const key = await queue.take();
          if (key === undefined) return;
          expect(running).not.toContain(key);
          running.push(key);
          unserved.delete(key);
        };
        for (let count = 0; count < workers; count += 1) void take();
        const finish = async (pick: number): Promise<void> => {
          const [key] = running.splice(pick % running.length, 1);
          if (key === undefined) return;
          queue.done(key);
          void take();
          await clock.advance(0);
        };
        for (const each of steps) {
          if (each.kind === 'finish') {
            if (running.length > 0) await finish(each.pick);
            continue;
          }
          if (each.kind === 'wait') {
            await clock.advance(each.ms);
            continue;
          }
          unserved.add(each.key);
          if (each.kind === 'add') queue.add(each.key);
          else if (each.kind === 'delay') queue.addAfter(each.key, each.ms);
          else queue.addAfterFailure(each.key);
          await clock.advance(0);
        }
        for (let round = 0; round < 200 && (running.length > 0 || unserved.size > 0); round += 1) {
          await clock.advance(300_000);
          while (running.length > 0) await finish(0);
        }
        expect([...unserved]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('of two delays of one key the earlier holds', async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue(clock);
    queue.addAfter('a', 5000);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 9000);
    await clock.advance(999);
    expect(queue.depth).toBe(0);
    await clock.advance(1);
    expect(queue.depth).toBe(1);
    expect(await queue.take()).toBe('a');
    queue.done('a');
    await clock.advance(60_000);
    expect(queue.depth).toBe(0);
  });

  it('O-13 failures wait 1 s doubling to 5 min with jitter, and a success begins anew', async () => {
    const delays = Array.from({ length: 12 }, (_, failures) => backoffMs(RECONCILE_BACKOFF, failures, 0));
    expect(delays.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(delays.slice(-2)).toEqual([300_000, 300_000]);
    expect(backoffMs(RECONCILE_BACKOFF, 3, 0.999)).toBeLessThan(8000);
    const clock = new VirtualClock(() => 0);
    const queue = new WorkQueue(clock);
    for (const expectedMs of [1000, 2000, 4000]) {
      queue.addAfterFailure('a');
      await clock.advance(expectedMs - 1);
      expect(queue.depth).toBe(0);
      await clock.advance(1);
      expect(await queue.take()).toBe('a');
      queue.done('a');
    }
    queue.forget('a');
    queue.addAfterFailure('a');
    await clock.advance(1000);
    expect(queue.depth).toBe(1);
  });

  it('lets every taker go when it is closed', async () => {
    const queue = new WorkQueue(new VirtualClock());
    const taken = Promise.all([queue.take(), queue.take()]);
    queue.close();
    expect(await taken).toEqual([undefined, undefined]);
    queue.add('a');
    await settle();
    expect(await queue.take()).toBeUndefined();
  });
});
