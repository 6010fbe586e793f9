import { expect, it } from 'vitest';
import { createSharedLimit, type SharedCount } from './shared-limit.ts';

/* one limit for all processes. The bus's own counting is tried by its contract suite. */
function aBus(): { count: SharedCount; state: { messages: number; isAway: boolean } } {
  const counts = new Map<string, number>();
  const state = { messages: 0, isAway: false };
  return { state, count: async (key) => {
    state.messages += 1;
    if (state.isAway) throw new Error('the bus is away');
    counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.get(key) ?? 0;
  } };
}
const minute = 60_000;

it('A-04 three processes give one holder what one of them would, whichever it asks', async () => {
  for (const max of [5, 90, 600]) {
    const { count, state } = aBus();
    const nowMs = (): number => 90_000;
    const limits = [1, 2, 3].map(() => createSharedLimit({ name: 'holder', max, count, nowMs }));
    let passed = 0;
    for (let i = 0; i < max * 3; i += 1) if (await limits[i % 3]!('demo/somebody') === null) passed += 1;
    // Blocks are taken whole: of the last ones a process may hold a few that nobody asks it for.
    const block = Math.max(1, Math.floor(max / 60));
    expect(passed, `${max}`).toBeGreaterThan(max - 3 * block);
    expect(passed, `${max}`).toBeLessThanOrEqual(max);
    expect(state.messages).toBeLessThanOrEqual(Math.ceil(max / block) + 3);
    expect(await limits[0]!('demo/somebody')).toBe(30);
    expect(await limits[0]!('kota/somebody')).toBeNull();
  }
});

it('requests that come together are not more than the limit either, and a new minute begins anew', async () => {
  const { count } = aBus();
  let now = minute * 100;
  const limit = createSharedLimit({ name: 'holder', max: 300, count, nowMs: () => now });
  const burst = async (): Promise<number> => (await Promise.all(Array.from({ length: 1_000 }, () => limit('a')))).filter((verdict) => verdict === null).length;
  expect(await burst()).toBe(300);
  expect(await burst()).toBe(0);
  now += minute;
  expect(await burst()).toBe(300);
});

it('while the bus is away each process counts for itself: milder, and neither open nor closed', async () => {
  const { count, state } = aBus();
  state.isAway = true;
  const limit = createSharedLimit({ name: 'address', max: 120, count, nowMs: () => 0 });
  const verdicts = [];
  for (let i = 0; i < 200; i += 1) verdicts.push(await limit('127.0.0.9'));
  expect(verdicts.filter((verdict) => verdict === null)).toHaveLength(120);
});
