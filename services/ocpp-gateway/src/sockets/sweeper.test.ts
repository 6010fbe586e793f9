import { expect, it } from 'vitest';
import { Sweeper } from './sweeper.ts';

it('looks at every member once an interval, a slice at a time, and no more at one that left', () => {
  const looked: number[] = [];
  const members = Array.from({ length: 90 }, (_, number) => ({ inspect: () => { looked.push(number); } }));
  const sweeper = new Sweeper(30_000, 30);
  for (const member of members) sweeper.add(member);
  sweeper.tick(0);
  expect(looked).toHaveLength(3);
  for (let tick = 1; tick < 30; tick += 1) sweeper.tick(tick);
  expect([...looked].sort((a, b) => a - b)).toEqual(members.map((_, number) => number));
  for (const member of members.slice(1)) sweeper.remove(member);
  looked.length = 0;
  for (let tick = 0; tick < 30; tick += 1) sweeper.tick(tick);
  expect(looked).toEqual([0]);
});
