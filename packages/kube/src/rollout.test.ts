import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { nextStep } from './rollout.ts';

interface Simulated {
  hash: string;
  ready: boolean;
}

it('a rollout reaches its end from any beginning, one at a time, and never has fewer ready than it had and needs', () => {
  const pod = fc.record({ hash: fc.constantFrom('old', 'older', 'new'), ready: fc.boolean() });
  fc.assert(
    fc.property(fc.array(pod, { maxLength: 8 }), fc.integer({ min: 0, max: 5 }), fc.infiniteStream(fc.nat(7)), (start, replicas, picks) => {
      let pods: Simulated[] = start;
      for (let turn = 0; turn < 60; turn += 1) {
        const readyBefore = pods.filter((each) => each.ready).length;
        const step = nextStep(replicas, 'new', pods);
        pods = pods.filter((each) => !step.end.includes(each));
        expect(pods.filter((each) => each.ready).length).toBeGreaterThanOrEqual(Math.min(readyBefore, replicas));
        pods = [...pods, ...Array.from({ length: step.start }, () => ({ hash: 'new', ready: false }))];
        if (step.start > 0) expect(pods.length).toBeLessThanOrEqual(replicas + 1);
        const starting = pods.filter((each) => !each.ready && each.hash === 'new');
        const next = starting[picks.next().value % Math.max(1, starting.length)];
        if (next !== undefined) next.ready = true;
      }
      expect(pods.map((each) => each.hash)).toEqual(Array.from({ length: replicas }, () => 'new'));
    }),
  );
});

it('replaces one of two at a time', () => {
  const pods: Simulated[] = [{ hash: 'old', ready: true }, { hash: 'old', ready: true }];
  expect(nextStep(2, 'new', pods)).toEqual({ end: [], start: 1 });
  const surged = [...pods, { hash: 'new', ready: false }];
  expect(nextStep(2, 'new', surged)).toEqual({ end: [], start: 0 });
  const ready = [...pods, { hash: 'new', ready: true }];
  expect(nextStep(2, 'new', ready)).toEqual({ end: [pods[1]], start: 1 });
});
