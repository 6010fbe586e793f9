import { expect, it } from 'vitest';
import { datedConditions } from './conditions.ts';

it('O-08 lastTransitionTime moves only when the status flips', () => {
  const finding = (status: 'True' | 'False', reason: string) => [{ type: 'Ready', status, reason, message: reason }];
  const first = datedConditions([], finding('False', 'Starting'), 1, '2026-01-01T00:00:00.000Z');
  const reworded = datedConditions(first, finding('False', 'StillStarting'), 2, '2026-01-01T00:01:00.000Z');
  expect(reworded).toEqual([{ type: 'Ready', status: 'False', reason: 'StillStarting', message: 'StillStarting', lastTransitionTime: '2026-01-01T00:00:00.000Z', observedGeneration: 2 }]);
  const flipped = datedConditions(reworded, finding('True', 'Started'), 2, '2026-01-01T00:02:00.000Z');
  expect(flipped[0]?.lastTransitionTime).toBe('2026-01-01T00:02:00.000Z');
});
