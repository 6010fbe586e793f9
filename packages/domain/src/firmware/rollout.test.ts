import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countUpdates, failureShareMax, nextRolloutStep, onTheirWayMax, stageSize, type RolloutView } from './rollout.ts';
import type { UpdateState } from './update-state.ts';

const running: RolloutView = { state: 'running', stage: 'one', forgivenStarted: 0, forgivenFailed: 0 };

const countOf = (members: readonly UpdateState[]) => countUpdates(members.map((state) => [state, 1] as const));

/** Plays a rollout to its end: each asked station ends as `fails` says, `order` chooses which one ends next. Returns what was true after every step. */
function play(total: number, fails: (place: number) => boolean, order: (n: number) => number) {
  const members: UpdateState[] = Array<UpdateState>(total).fill('waiting');
  const seen: { stage: RolloutView['stage']; started: number; onTheirWay: number; failed: number }[] = [];
  let rollout = running;
  for (let round = 0; round < 3 * total + 10 && rollout.state === 'running'; round += 1) {
    const step = nextRolloutStep(rollout, countOf(members));
    rollout = { ...rollout, state: step.state, stage: step.stage };
    for (let asked = 0; asked < step.askMax; asked += 1) members[members.indexOf('waiting')] = 'asked';
    const { started, onTheirWay, failed } = countOf(members);
    seen.push({ stage: rollout.stage, started, onTheirWay, failed });
    const away = [...members.keys()].filter((place) => members[place] === 'asked');
    const ends = away[order(away.length)];
    if (ends !== undefined) members[ends] = fails(ends) ? 'failed' : 'installed';
  }
  return { rollout, members, seen };
}

const sizes = fc.integer({ min: 1, max: 120 });
const chance = fc.infiniteStream(fc.nat());

describe('a rollout', () => {
  it('where nothing fails reaches every station, first one, then a tenth, never more than a tenth at once', () => {
    fc.assert(fc.property(sizes, chance, (total, dice) => {
      const { rollout, members, seen } = play(total, () => false, (n) => (n === 0 ? 0 : dice.next().value! % n));
      expect(rollout.state).toBe('done');
      expect(members.every((state) => state === 'installed')).toBe(true);
      for (const { stage, started, onTheirWay } of seen) {
        expect(started).toBeLessThanOrEqual(stageSize(stage, total));
        expect(onTheirWay).toBeLessThanOrEqual(onTheirWayMax(total));
      }
      // Before a second one is asked, the first has ended.
      expect(seen[0]).toMatchObject({ started: 1, onTheirWay: 1 });
    }), { numRuns: 60 });
  });

  it('C-12 stops at the first step after more than one in twenty failed, whatever fails and in whatever order, and no more than were on their way can be lost', () => {
    fc.assert(fc.property(sizes, chance, fc.func(fc.boolean()), (total, dice, fails) => {
      const { rollout, members } = play(total, fails, (n) => (n === 0 ? 0 : dice.next().value! % n));
      const { started, failed } = countOf(members);
      if (rollout.state === 'done') expect(failed).toBeLessThanOrEqual(failureShareMax * started);
      else {
        expect(rollout.state).toBe('stopped');
        expect(failed).toBeGreaterThan(failureShareMax * started);
        expect(failed).toBeLessThanOrEqual(failureShareMax * started + onTheirWayMax(total));
        expect(nextRolloutStep(rollout, countOf(members)).askMax).toBe(0);
      }
    }), { numRuns: 60 });
  });

  it('waits for a stage whose stations have not ended, and ends with its last station', () => {
    const step = (states: UpdateState[], stage: RolloutView['stage'] = 'one') => nextRolloutStep({ ...running, stage }, countOf(states));
    expect(step(['waiting', 'waiting', 'waiting'])).toMatchObject({ stage: 'one', askMax: 1 });
    for (const state of ['asked', 'downloading', 'downloaded', 'installing'] as const) expect(step(['waiting', state, 'waiting'])).toMatchObject({ stage: 'one', askMax: 0 });
    expect(step(['waiting', 'installed', 'waiting'])).toMatchObject({ stage: 'all', askMax: 1 });
    expect(step(['waiting', 'installed', 'installed'], 'all')).toMatchObject({ state: 'running', askMax: 1 });
    expect(step(['cancelled', 'installed', 'installed'], 'all')).toMatchObject({ state: 'done', askMax: 0 });
    // A station that could not be asked waits again: its place in the stage is free.
    expect(step(Array<UpdateState>(30).fill('waiting'), 'tenth')).toMatchObject({ stage: 'tenth', askMax: 3 });
  });

  it('that a person let go on counts anew, and asks nobody while it is paused', () => {
    const members = Array.from({ length: 40 }, (_, i): UpdateState => (i === 0 ? 'failed' : 'waiting'));
    expect(nextRolloutStep(running, countOf(members)).state).toBe('stopped');
    const forgiven = { ...running, forgivenStarted: 1, forgivenFailed: 1 };
    expect(nextRolloutStep(forgiven, countOf(members))).toMatchObject({ state: 'running', stage: 'tenth', askMax: 3 });
    members[1] = 'failed';
    expect(nextRolloutStep(forgiven, countOf(members)).state).toBe('stopped');
    for (const state of ['paused', 'stopped', 'aborted', 'done'] as const) expect(nextRolloutStep({ ...forgiven, state }, countOf(members))).toMatchObject({ state, askMax: 0 });
  });
});
