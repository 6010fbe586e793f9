import { expect, it } from 'vitest';
import { fixtureData } from '../../../test/fixture-data.ts';
import { countConnectors } from './connector-counts.ts';

it('counts each connector once, and the words of "other" add up to its figure', () => {
  const { stations } = fixtureData(Date.parse('2026-03-10T05:00:00Z'));
  const counts = countConnectors(stations);
  expect(counts.available + counts.charging + counts.faulted + counts.other).toBe(counts.total);
  expect(counts.others.reduce((sum, [, count]) => sum + count, 0)).toBe(counts.other);
  expect(counts.others).toContainEqual(['offline', 1]);
});
