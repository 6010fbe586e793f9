import type { Assessment } from './assessment.ts';
import { judgeChallenger, type Check } from './promotion.ts';
import type { ModelKind } from './rolling.ts';

/** Judged against whoever serves; the naive ones are yardsticks and come in by the drift fallback alone. */
const CONTENDERS: readonly ModelKind[] = ['profile', 'ridge', 'blend'];

/** What was decided of one kind of model, and the sentence that says why. */
export interface Verdict {
  kind: ModelKind;
  decision: 'first' | 'promoted' | 'refitted' | 'fallback' | 'refused';
  reason: string;
  checks?: readonly Check[];
}

/** `kept`: the kind that served goes on (fitted anew); `promoted`: another one serves, or the first one ever. */
export interface Contest {
  outcome: 'promoted' | 'kept';
  reason: string;
  winner: Verdict;
  others: Verdict[];
}

/**
 * Who serves from now on. Not contested (a daily run): the champion's kind is fitted anew, unless it drifted. Contested: every contender is judged
 * against the champion on the same days, and the best of those that earn it takes over. A site without a champion begins with the profile.
 */
export function holdContest(input: {
  assessment: Extract<Assessment, { status: 'judged' }>; championKind: ModelKind | null; fallback: { kind: ModelKind; reason: string } | null; contested: boolean; seed: number;
}): Contest {
  const { assessment, championKind, fallback, contested, seed } = input;
  const days = `${assessment.historyDays} days`;
  if (fallback) {
    return { outcome: 'promoted', reason: fallback.reason, winner: { kind: fallback.kind, decision: 'fallback', reason: fallback.reason }, others: [] };
  }
  // The profile is the bar that everything else is measured by, so it is the one that may serve without having beaten anyone.
  const incumbent: ModelKind = championKind ?? 'profile';
  const stay: Verdict = championKind === null
    ? { kind: incumbent, decision: 'first', reason: `${incumbent} is the first model of this site, made from ${days}` }
    : { kind: incumbent, decision: 'refitted', reason: `${incumbent} was fitted anew on ${days}` };
  if (!contested) return { outcome: 'kept', reason: stay.reason, winner: stay, others: [] };

  const served = assessment.contenders[incumbent];
  const verdicts: (Verdict & { rmseWh: number; promoted: boolean })[] = [];
  const absences: string[] = [];
  for (const kind of CONTENDERS) {
    if (kind === incumbent) continue;
    const contender = assessment.contenders[kind];
    if (!contender || !served) {
      absences.push(assessment.absent[kind] ?? `${kind} was not judged: ${incumbent} has no days to be compared on`);
      continue;
    }
    const decision = judgeChallenger({ challenger: contender, champion: served, seed });
    verdicts.push({ kind, decision: decision.promoted ? 'promoted' : 'refused', reason: decision.reason, checks: decision.checks, rmseWh: contender.scores.rmseWh, promoted: decision.promoted });
  }
  const best = verdicts.filter((verdict) => verdict.promoted).sort((a, b) => a.rmseWh - b.rmseWh)[0];
  if (!best) {
    return {
      outcome: championKind === null ? 'promoted' : 'kept',
      reason: [stay.reason, ...verdicts.map((verdict) => verdict.reason), ...absences].join('. '),
      winner: stay, others: verdicts,
    };
  }
  const others = verdicts.filter((verdict) => verdict !== best)
    .map((verdict): Verdict => (verdict.promoted ? { ...verdict, decision: 'refused', reason: `${verdict.kind} would have been promoted, but ${best.kind} was better still` } : verdict));
  return {
    outcome: 'promoted',
    reason: [best.reason, ...others.map((verdict) => verdict.reason)].join('. '),
    winner: best,
    others: [...others, { kind: incumbent, decision: 'refused', reason: `${incumbent} was beaten by ${best.kind}` }],
  };
}
