import { FactRefused } from '@csms/domain/station/fact-refused';
import { expect, it } from 'vitest';
import { UnwrittenFacts } from './unwritten-facts.ts';

it('a kept fact that the books refuse is dropped and reported, and stands in the way of no other', async () => {
  let dropped = 0;
  const kept = new UnwrittenFacts({ onDropped: () => { dropped += 1; } });
  const written: string[] = [];
  kept.keep('a', () => Promise.reject(new FactRefused('no')));
  kept.keep('b', async () => { written.push('b'); });
  await kept.flush();
  expect({ dropped, written, size: kept.size }).toEqual({ dropped: 1, written: ['b'], size: 0 });
  kept.close();
});
