import { describe, expect, it } from 'vitest';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { Lane } from './lane.ts';

const quick = { windowMs: 0, factsMax: 400, waitingMax: 1000 };

describe('a lane', () => {
  it('commits what comes together in one batch and answers each with its own outcome', async () => {
    const batches: number[][] = [];
    const lane = new Lane<number>(async (facts) => { batches.push(facts); return facts.map((fact) => fact * 10); }, quick);
    expect(await Promise.all([1, 2, 3].map((fact) => lane.put(fact)))).toEqual([10, 20, 30]);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('takes up a fact that is put at any moment of the last batch’s end', async () => {
    const lane = new Lane<number>(async (facts) => facts, quick);
    for (let microtasks = 0; microtasks < 12; microtasks += 1) {
      const first = lane.put(microtasks);
      const second = first.then(async () => {
        for (let n = 0; n < microtasks; n += 1) await Promise.resolve();
        return lane.put(100 + microtasks);
      });
      expect(await second).toBe(100 + microtasks);
    }
  });

  it('splits a batch that fails until the bad fact fails alone, and keeps the order of the others', async () => {
    const written: number[] = [];
    const lane = new Lane<number>(async (facts) => {
      if (facts.includes(5)) throw new RangeError('5 is bad');
      written.push(...facts);
      return facts;
    }, quick);
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((fact) => lane.put(fact)));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(written).toEqual([1, 2, 3, 4, 6, 7]);
  });

  it('tries a transaction that met another one at most three times more', async () => {
    let attempts = 0;
    const lane = new Lane<number>(async (facts) => {
      attempts += 1;
      if (facts[0] === 1 && attempts < 3) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      if (facts[0] === 2) throw Object.assign(new Error('could not serialize'), { code: '40001' });
      return facts;
    }, quick);
    expect(await lane.put(1)).toBe(1);
    attempts = 0;
    await expect(lane.put(2)).rejects.toMatchObject({ code: '40001' });
    expect(attempts).toBe(4);
  });

  it('does not split a batch because the database is away: all of it is refused at once', async () => {
    let attempts = 0;
    const lane = new Lane<number>(async () => { attempts += 1; throw new BooksUnavailable('a commit'); }, quick);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((fact) => lane.put(fact)));
    expect(outcomes.every((outcome) => outcome.status === 'rejected' && outcome.reason instanceof BooksUnavailable)).toBe(true);
    expect(attempts).toBe(1);
  });

  it('lets callers wait for room and drops nothing', async () => {
    let largest = 0;
    const lane = new Lane<number>(async (facts) => { largest = Math.max(largest, facts.length); return facts; }, { windowMs: 0, factsMax: 10, waitingMax: 10 });
    const outcomes = await Promise.all(Array.from({ length: 95 }, (_, n) => lane.put(n)));
    expect(outcomes).toEqual(Array.from({ length: 95 }, (_, n) => n));
    expect(largest).toBe(10);
  });
});
