import { expect, it } from 'vitest';
import { ArrivalBudget } from './arrival-budget.ts';

const stranger = { cost: 1, mayUseReserve: false };
const known = { cost: 0, mayUseReserve: true };
const passed = (budget: ArrivalBudget, source: string, tries: number, terms = stranger, nowMs = 0): number => Array.from({ length: tries }, () => budget.take(source, terms, nowMs)).filter((each) => each === 'taken').length;

it('no address of strangers has more than its share, and all of them together leave the reserve', () => {
  const budget = new ArrivalBudget(10, 40, 0);
  expect(passed(budget, '10.0.0.1', 100)).toBe(20);
  expect(budget.take('10.0.0.1', stranger, 0)).toBe('share-used-up');
  expect(passed(budget, '10.0.0.2', 100)).toBe(10);
  expect(budget.take('10.0.0.2', stranger, 0)).toBe('all-used-up');
  expect(passed(budget, '10.0.0.2', 100, known)).toBe(10);
  expect(passed(budget, '10.0.0.1', 100, stranger, 2_000), 'a tenth of the rate, once the reserve is full again').toBe(2);
});

it('whoever proves who it is gives its share back: a crowd behind one address has the whole burst but for the reserve', () => {
  const budget = new ArrivalBudget(10, 40, 0);
  let arrived = 0;
  while (budget.take('10.0.0.1', stranger, 0) === 'taken') { arrived += 1; budget.giveBack('10.0.0.1', stranger); }
  expect(arrived).toBe(30);
});

it('an address that was limited pays more of its share, and never more than there is', () => {
  expect(passed(new ArrivalBudget(10, 40, 0), '10.0.0.1', 100, { cost: 5, mayUseReserve: false })).toBe(4);
  expect(passed(new ArrivalBudget(1, 2, 0), '10.0.0.1', 100, { cost: 5, mayUseReserve: false })).toBe(1);
});
