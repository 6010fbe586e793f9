import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countMembers, failureShareMax, nextRolloutStep, onTheirWayMax, stageSize, type RolloutMember, type RolloutView } from './rollout.ts';

const running: RolloutView = { state: 'running', stage: 'one', forgivenStarted: 0, forgivenFailed: 0 };

/** Plays a rollout to its end: each asked station ends as `fails` says, `order` chooses which one ends next. Returns what was true after every step. */
function play(total: number, fails: (place: number) => boolean, order: (n: number) => number) {
  const members: RolloutMember[] = Array.from({ length: total }, (_, place) => ({ id: String(place), state: 'waiting', isReady: true }));
  const seen: { stage: RolloutView['stage']; started: number; onTheirWay: number; failed: number }[] = [];
  let rollout = running;
  for (let round = 0; round < 3 * total + 10 && rollout.state === 'running'; round += 1) {
    const step = nextRolloutStep(rollout, members);
    rollout = { ...rollout, state: step.state, stage: step.stage };
    for (const id of step.toAsk) members[Number(id)]!.state = 'asked';
    const { started, onTheirWay, failed } = countMembers(members);
    seen.push({ stage: rollout.stage, started, onTheirWay, failed });
    const away = members.filter((member) => member.state === 'asked');
    const ends = away[order(away.length)];
    if (ends) ends.state = fails(Number(ends.id)) ? 'failed' : 'installed';
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
      expect(members.every((member) => member.state === 'installed')).toBe(true);
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
      const { started, failed } = countMembers(members);
      if (rollout.state === 'done') expect(failed).toBeLessThanOrEqual(failureShareMax * started);
      else {
        expect(rollout.state).toBe('stopped');
        expect(failed).toBeGreaterThan(failureShareMax * started);
        expect(failed).toBeLessThanOrEqual(failureShareMax * started + onTheirWayMax(total));
        expect(nextRolloutStep(rollout, members).toAsk).toEqual([]);
      }
    }), { numRuns: 60 });
  });

  it('waits for a stage whose stations have not ended, and passes over those that are not connected', () => {
    const members: RolloutMember[] = [{ id: 'a', state: 'waiting', isReady: false }, { id: 'b', state: 'waiting', isReady: true }, { id: 'c', state: 'waiting', isReady: true }];
    expect(nextRolloutStep(running, members)).toMatchObject({ stage: 'one', toAsk: ['b'] });
    members[1]!.state = 'installing';
    expect(nextRolloutStep(running, members)).toMatchObject({ stage: 'one', toAsk: [] });
    members[1]!.state = 'installed';
    expect(nextRolloutStep(running, members)).toMatchObject({ stage: 'all', toAsk: ['c'] });
    members[2]!.state = 'installed';
    expect(nextRolloutStep({ ...running, stage: 'all' }, members)).toMatchObject({ state: 'running', toAsk: [] });
  });

  it('that a person let go on counts anew, and asks nobody while it is paused', () => {
    const members: RolloutMember[] = Array.from({ length: 40 }, (_, i) => ({ id: String(i), state: i === 0 ? 'failed' : 'waiting', isReady: true }));
    expect(nextRolloutStep(running, members).state).toBe('stopped');
    const forgiven = { ...running, forgivenStarted: 1, forgivenFailed: 1 };
    expect(nextRolloutStep(forgiven, members)).toMatchObject({ state: 'running', stage: 'tenth', toAsk: ['1', '2', '3'] });
    members[1]!.state = 'failed';
    expect(nextRolloutStep(forgiven, members).state).toBe('stopped');
    for (const state of ['paused', 'stopped', 'aborted', 'done'] as const) expect(nextRolloutStep({ ...forgiven, state }, members)).toMatchObject({ state, toAsk: [] });
  });
});
