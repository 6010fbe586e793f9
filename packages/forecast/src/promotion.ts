import { probabilityBetter } from './bootstrap.ts';
import type { ModelKind } from './rolling.ts';
import { scoreDays, type ScoredDay, type Scores } from './scores.ts';

/** One condition of a promotion, as it was found. */
export interface Check {
  name: 'rmse' | 'certainty' | 'bias' | 'coverage';
  passed: boolean;
  sentence: string;
}

export interface Decision {
  promoted: boolean;
  checks: Check[];
  /** what a person reads: the first thing that stood against it, or why it serves now */
  reason: string;
}

/** A model and the days it was judged on. */
export interface Judged {
  kind: ModelKind;
  days: readonly ScoredDay[];
}

const RMSE_GAIN_MIN = 0.02;
const CERTAINTY_MIN = 0.9;
const BIAS_MAX = 0.1;
const COVERAGE_MIN = 0.72;
const COVERAGE_MAX = 0.88;
const DRIFT_DAYS = 7;
const DRIFT_LOSS_MAX = 0.05;

const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)} %`;
const kwh = (wh: number): string => `${(wh / 1000).toFixed(3)} kWh`;

/**
 * May the challenger take the champion's place? Only if it is better by at least 2 % RMSE on the same days, surely so (paired day-block
 * bootstrap, 90 %), hardly biased (10 %), and honest about its doubt (72..88 % of hours within its 80 % interval).
 */
export function judgeChallenger(input: { challenger: Judged; champion: Judged; seed: number }): Decision {
  const { challenger, champion, seed } = input;
  const own = scoreDays(challenger.days);
  const other = scoreDays(champion.days);
  if (!own || !other) return { promoted: false, checks: [], reason: `${challenger.kind} was refused: there are no days to judge it on` };

  const checks = [rmseCheck(own, other, champion.kind), certaintyCheck(challenger, champion, seed), biasCheck(own), coverageCheck(own)];
  const failed = checks.filter((check) => !check.passed);
  return {
    promoted: failed.length === 0,
    checks,
    reason: failed.length === 0
      ? `${challenger.kind} takes over from ${champion.kind}: ${checks.map((check) => check.sentence).join('; ')}`
      : `${challenger.kind} was refused: ${failed.map((check) => check.sentence).join('; ')}`,
  };
}

function rmseCheck(own: Scores, other: Scores, championKind: ModelKind): Check {
  if (other.rmseWh === 0) return { name: 'rmse', passed: false, sentence: `${championKind} made no error in ${other.days} days, so nothing can be better` };
  const gain = 1 - own.rmseWh / other.rmseWh;
  const compared = `RMSE ${kwh(own.rmseWh)} against ${kwh(other.rmseWh)} of ${championKind} over ${own.days} days`;
  return gain >= RMSE_GAIN_MIN
    ? { name: 'rmse', passed: true, sentence: `${compared}, ${percent(gain, 1)} better` }
    : { name: 'rmse', passed: false, sentence: `${compared} is ${gain >= 0 ? `${percent(gain, 1)} better` : `${percent(-gain, 1)} worse`}; at least ${percent(RMSE_GAIN_MIN)} better is asked` };
}

function certaintyCheck(challenger: Judged, champion: Judged, seed: number): Check {
  const probability = probabilityBetter(challenger.days, champion.days, seed);
  return probability >= CERTAINTY_MIN
    ? { name: 'certainty', passed: true, sentence: `better in ${percent(probability)} of resampled months` }
    : { name: 'certainty', passed: false, sentence: `it is better in only ${percent(probability)} of resampled months; ${percent(CERTAINTY_MIN)} is asked` };
}

function biasCheck(own: Scores): Check {
  if (own.biasShare === null) return { name: 'bias', passed: false, sentence: 'nothing was charged on the judged days, so its bias cannot be said' };
  const sentence = `its forecasts were ${percent(own.biasShare, 1)} too ${own.biasWh >= 0 ? 'high' : 'low'} on the whole`;
  return own.biasShare <= BIAS_MAX ? { name: 'bias', passed: true, sentence } : { name: 'bias', passed: false, sentence: `${sentence}; at most ${percent(BIAS_MAX)} is allowed` };
}

function coverageCheck(own: Scores): Check {
  if (own.coverage80 === null) return { name: 'coverage', passed: false, sentence: 'it has no interval yet' };
  const sentence = `${percent(own.coverage80)} of the hours fell within its 80 % interval`;
  return own.coverage80 >= COVERAGE_MIN && own.coverage80 <= COVERAGE_MAX
    ? { name: 'coverage', passed: true, sentence }
    : { name: 'coverage', passed: false, sentence: `${sentence}; ${percent(COVERAGE_MIN)} to ${percent(COVERAGE_MAX)} is asked` };
}

/**
 * The drift fallback: over the last 7 issued days, did the champion lose to a yardstick by more than 5 % RMSE? Then the yardstick that did
 * best serves from now on, without the other conditions, because something broke. Null: the champion stays.
 */
export function driftFallback(input: { champion: Judged; yardsticks: readonly Judged[] }): { kind: ModelKind; reason: string } | null {
  const { champion, yardsticks } = input;
  if (champion.days.length < DRIFT_DAYS) return null;
  const own = scoreDays(champion.days.slice(-DRIFT_DAYS));
  let best: { kind: ModelKind; scores: Scores } | null = null;
  for (const yardstick of yardsticks) {
    if (yardstick.kind === champion.kind || yardstick.days.length !== champion.days.length) continue;
    const scores = scoreDays(yardstick.days.slice(-DRIFT_DAYS));
    if (scores && (best === null || scores.rmseWh < best.scores.rmseWh)) best = { kind: yardstick.kind, scores };
  }
  if (!own || !best || !(own.rmseWh > best.scores.rmseWh * (1 + DRIFT_LOSS_MAX))) return null;
  return {
    kind: best.kind,
    reason: `${champion.kind} lost its ground: over the last ${DRIFT_DAYS} issued days its RMSE was ${kwh(own.rmseWh)}, ${best.kind}'s ${kwh(best.scores.rmseWh)}; ${best.kind} serves until something earns its place again`,
  };
}
