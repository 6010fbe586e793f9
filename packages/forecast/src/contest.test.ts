import { describe, expect, it } from 'vitest';
import { assess, type Assessment, type Contender } from './assessment.ts';
import { siteCalendar } from './calendar.ts';
import { holdContest } from './contest.ts';
import type { ModelKind } from './rolling.ts';
import { scoreDays, type ScoredDay } from './scores.ts';
import { aSeries } from './testing.ts';

type Judged = Extract<Assessment, { status: 'judged' }>;
const calendar = siteCalendar('Asia/Jakarta');

/** Four weeks in which 1000 Wh came each hour and every second forecast was `errorWh` too high, the others as much too low. */
function contender(kind: ModelKind, errorWh: number): Contender {
  const day: ScoredDay = {
    actualWh: Array.from({ length: 24 }, () => 1000),
    meanWh: Array.from({ length: 24 }, (_, i) => 1000 + (i % 2 === 0 ? errorWh : -errorWh)),
    bands: Array.from({ length: 24 }, (_, i) => (i < 19 ? { p10: 0, p50: 1000, p90: 2000 } : { p10: 1500, p50: 1600, p90: 2000 })),
  };
  const days = Array.from({ length: 28 }, () => day);
  return { kind, days, scores: scoreDays(days)!, skillVsProfile: null, skillVsNaive168: null };
}

function anAssessment(errors: Partial<Record<ModelKind, number>>, absent: Judged['absent'] = {}): Judged {
  const base = assess(aSeries({ calendar, firstDay: 20_000, days: 15 }), calendar);
  if (base.status !== 'judged') throw new Error(base.reason);
  const contenders: Judged['contenders'] = {};
  for (const kind of ['profile', 'ridge', 'blend', 'naive24'] as const) if (errors[kind] !== undefined) contenders[kind] = contender(kind, errors[kind]);
  return { ...base, historyDays: 400, judgedDays: 28, contenders, absent };
}

describe('a contest', () => {
  it('begins with the profile, which serves unless something beats it, and says what was refused and what was not judged', () => {
    const contest = holdContest({ assessment: anAssessment({ profile: 500, ridge: 495 }, { blend: 'blend was not judged: it was ill' }), championKind: null, fallback: null, contested: true, seed: 1 });
    expect(contest).toMatchObject({ outcome: 'promoted', winner: { kind: 'profile', decision: 'first' } });
    expect(contest.others.map((verdict) => [verdict.kind, verdict.decision])).toEqual([['ridge', 'refused']]);
    expect(contest.reason).toMatch(/^profile is the first model of this site, made from 400 days\. ridge was refused: RMSE .* is 1\.0 % better; .*\. blend was not judged: it was ill$/);
  });

  it('is won by the best of those that earn it; the next best is told so, and the beaten champion too', () => {
    const contest = holdContest({ assessment: anAssessment({ profile: 500, ridge: 450, blend: 440 }), championKind: 'profile', fallback: null, contested: true, seed: 1 });
    expect(contest).toMatchObject({ outcome: 'promoted', winner: { kind: 'blend', decision: 'promoted' } });
    expect(contest.others.map((verdict) => [verdict.kind, verdict.decision, verdict.reason])).toEqual([
      ['ridge', 'refused', 'ridge would have been promoted, but blend was better still'],
      ['profile', 'refused', 'profile was beaten by blend'],
    ]);
  });

  it('keeps a champion that nobody beats, whatever its kind', () => {
    const contest = holdContest({ assessment: anAssessment({ profile: 500, ridge: 450, blend: 445 }), championKind: 'ridge', fallback: null, contested: true, seed: 1 });
    expect(contest).toMatchObject({ outcome: 'kept', winner: { kind: 'ridge', decision: 'refitted', reason: 'ridge was fitted anew on 400 days' } });
    expect(contest.others.map((verdict) => verdict.decision)).toEqual(['refused', 'refused']);
  });

  it('is not held on an ordinary day', () => {
    expect(holdContest({ assessment: anAssessment({ profile: 500, ridge: 10, blend: 10 }), championKind: 'profile', fallback: null, contested: false, seed: 1 }))
      .toEqual({ outcome: 'kept', reason: 'profile was fitted anew on 400 days', winner: { kind: 'profile', decision: 'refitted', reason: 'profile was fitted anew on 400 days' }, others: [] });
  });

  it('is settled at once by a drift', () => {
    expect(holdContest({ assessment: anAssessment({ profile: 500, ridge: 10 }), championKind: 'profile', fallback: { kind: 'naive24', reason: 'it drifted' }, contested: true, seed: 1 }))
      .toMatchObject({ outcome: 'promoted', reason: 'it drifted', winner: { kind: 'naive24', decision: 'fallback' }, others: [] });
  });
});
