import { isOnItsWay, type UpdateState } from './update-state.ts';

export type RolloutState = 'running' | 'paused' | 'stopped' | 'aborted' | 'done';
/** One station, then a tenth of all, then all. */
export type RolloutStage = 'one' | 'tenth' | 'all';

export interface RolloutView {
  state: RolloutState;
  stage: RolloutStage;
  /** How many were asked and how many failed when a person let a stopped rollout go on: they are not counted against it again. */
  forgivenStarted: number;
  forgivenFailed: number;
}

/** `askMax`: how many more stations may be asked now. */
export interface RolloutStep { state: RolloutState; stage: RolloutStage; detail: string | null; askMax: number }

/** Its stations by how far they are, without those that are never asked. */
export interface RolloutCount { total: number; started: number; onTheirWay: number; installed: number; failed: number }

/** More than one in twenty that failed stops a rollout (trust.md C-12). */
export const failureShareMax = 0.05;

const nextStage: Readonly<Record<RolloutStage, RolloutStage | null>> = { one: 'tenth', tenth: 'all', all: null };

/** How many stations a stage may have asked in all. */
export function stageSize(stage: RolloutStage, total: number): number {
  return stage === 'one' ? Math.min(1, total) : stage === 'tenth' ? Math.ceil(total / 10) : total;
}

/** How many may be on their way at once: a tenth. Asked all together, a fleet would be lost before the first failure is heard of. */
export function onTheirWayMax(total: number): number {
  return Math.ceil(total / 10);
}

export function countUpdates(updates: Iterable<readonly [state: UpdateState, howMany: number]>): RolloutCount {
  const count = { total: 0, started: 0, onTheirWay: 0, installed: 0, failed: 0 };
  for (const [state, howMany] of updates) {
    if (state === 'cancelled') continue;
    count.total += howMany;
    if (state !== 'waiting') count.started += howMany;
    if (isOnItsWay(state)) count.onTheirWay += howMany;
    if (state === 'installed') count.installed += howMany;
    if (state === 'failed') count.failed += howMany;
  }
  return count;
}

/**
 * What a rollout does next, from how far its stations are. A stage goes over into the next one when each of its stations has ended. The
 * share of failures is that of the stations asked so far, so one failure among the first twenty stops it.
 */
export function nextRolloutStep(rollout: RolloutView, { total, started, onTheirWay, failed }: RolloutCount): RolloutStep {
  const unchanged = { state: rollout.state, stage: rollout.stage, detail: null, askMax: 0 };
  if (rollout.state !== 'running') return unchanged;
  const [failedNow, startedNow] = [failed - rollout.forgivenFailed, started - rollout.forgivenStarted];
  if (failedNow > 0 && failedNow > failureShareMax * startedNow) {
    return { ...unchanged, state: 'stopped', detail: `${failed} of the ${started} stations asked so far failed, and more than ${100 * failureShareMax} % stop a rollout` };
  }
  if (started === total && onTheirWay === 0) return { ...unchanged, state: 'done' };
  let { stage } = rollout;
  for (let next = nextStage[stage]; next !== null && onTheirWay === 0 && started >= stageSize(stage, total); next = nextStage[stage]) stage = next;
  return { ...unchanged, stage, askMax: Math.max(0, Math.min(stageSize(stage, total) - started, onTheirWayMax(total) - onTheirWay)) };
}
