import { describe, expect, it } from 'vitest';
import { assess } from './assessment.ts';
import { probabilityBetter, randomFrom } from './bootstrap.ts';
import { siteCalendar } from './calendar.ts';
import { driftFallback, judgeChallenger, type Judged } from './promotion.ts';
import type { ScoredDay } from './scores.ts';
import { aSeries } from './testing.ts';

/** Days that came as 1000 Wh an hour, forecast `errorWh` off by turns (so without bias) plus `biasWh`, with a share of hours within the interval. */
function judged(kind: Judged['kind'], options: { errorWh: number; biasWh?: number; covered?: number; days?: number; lucky?: number }): Judged {
  const { errorWh, biasWh = 0, covered = 0.8, days = 28, lucky = 0 } = options;
  const day = (index: number): ScoredDay => ({
    actualWh: Array.from({ length: 25 }, () => 1000),
    meanWh: Array.from({ length: 25 }, (_, i) => 1000 + biasWh + (index < lucky ? 0 : errorWh) * (i % 2 === 0 ? (i === 24 ? 0 : 1) : -1)),
    bands: Array.from({ length: 25 }, (_, i) => (i < Math.round(covered * 25) ? { p10: 0, p50: 1000, p90: 2000 } : { p10: 1500, p50: 1600, p90: 2000 })),
  });
  return { kind, days: Array.from({ length: days }, (_, i) => day(i)) };
}

const champion = judged('profile', { errorWh: 500 });

describe('promotion', () => {
  it('is earned by a model that is better, surely, without bias, and honest about its doubt', () => {
    const decision = judgeChallenger({ challenger: judged('blend', { errorWh: 450 }), champion, seed: 1 });
    expect(decision.promoted).toBe(true);
    expect(decision.reason).toBe('blend takes over from profile: RMSE 0.441 kWh against 0.490 kWh of profile over 28 days, 10.0 % better; better in 100 % of resampled months; '
      + 'its forecasts were 0.0 % too high on the whole; 80 % of the hours fell within its 80 % interval');
  });

  it.each([
    ['rmse', judged('ridge', { errorWh: 492 }), 'RMSE 0.482 kWh against 0.490 kWh of profile over 28 days is 1.6 % better; at least 2 % better is asked'],
    ['rmse', judged('ridge', { errorWh: 520 }), 'is 4.0 % worse; at least 2 % better is asked'],
    ['certainty', judged('ridge', { errorWh: 505, lucky: 2 }), 'of resampled months; 90 % is asked'],
    ['bias', judged('ridge', { errorWh: 300, biasWh: 120 }), 'its forecasts were 12.0 % too high on the whole; at most 10 % is allowed'],
    ['bias', judged('ridge', { errorWh: 300, biasWh: -120 }), 'its forecasts were 12.0 % too low on the whole; at most 10 % is allowed'],
    ['coverage', judged('ridge', { errorWh: 400, covered: 0.6 }), '60 % of the hours fell within its 80 % interval; 72 % to 88 % is asked'],
    ['coverage', judged('ridge', { errorWh: 400, covered: 0.96 }), '96 % of the hours fell within its 80 % interval; 72 % to 88 % is asked'],
  ] as const)('is refused for its %s, and says so', (name, challenger, sentence) => {
    const decision = judgeChallenger({ challenger, champion, seed: 1 });
    expect(decision.promoted).toBe(false);
    expect(decision.checks.filter((check) => !check.passed).map((check) => check.name)).toContain(name);
    expect(decision.reason).toContain('ridge was refused: ');
    expect(decision.reason).toContain(sentence);
  });

  it('is refused where nothing can be better or nothing was charged', () => {
    const perfect = judgeChallenger({ challenger: judged('ridge', { errorWh: 0 }), champion: judged('profile', { errorWh: 0 }), seed: 1 });
    expect(perfect.reason).toContain('profile made no error in 28 days, so nothing can be better');
    const dark = (kind: Judged['kind'], wh: number): Judged => ({ kind, days: Array.from({ length: 28 }, () => ({ actualWh: [0, 0], meanWh: [wh, wh], bands: null })) });
    const nothing = judgeChallenger({ challenger: dark('ridge', 1), champion: dark('profile', 2), seed: 1 });
    expect(nothing.promoted).toBe(false);
    expect(nothing.reason).toContain('nothing was charged on the judged days');
    expect(nothing.reason).toContain('it has no interval yet');
    expect(judgeChallenger({ challenger: { kind: 'ridge', days: [] }, champion, seed: 1 }).reason).toBe('ridge was refused: there are no days to judge it on');
  });

  it('is decided by the days and the seed alone, and a coin is no proof', () => {
    const coin = judged('ridge', { errorWh: 500 });
    expect(probabilityBetter(coin.days, champion.days, 3)).toBe(0.5);
    const uneven = judged('ridge', { errorWh: 505, lucky: 2 }).days;
    expect(probabilityBetter(uneven, champion.days, 3)).toBe(probabilityBetter(uneven, champion.days, 3));
    expect(probabilityBetter(uneven, champion.days, 3)).toBeGreaterThan(0.5);
    expect(() => probabilityBetter(coin.days.slice(1), champion.days, 3)).toThrow('same days');
    const random = randomFrom(42);
    const drawn = Array.from({ length: 10_000 }, random);
    expect(Math.abs(drawn.reduce((sum, value) => sum + value, 0) / drawn.length - 0.5)).toBeLessThan(0.01);
  });

  it('is won by the ridge on a history that it can see into, judged on the days themselves', () => {
    const calendar = siteCalendar('Asia/Jakarta');
    const assessment = assess(aSeries({ calendar, firstDay: 20_000, days: 400, seed: 11, carryOver: 0.9 }), calendar);
    if (assessment.status !== 'judged') throw new Error(assessment.reason);
    const { ridge, profile } = assessment.contenders;
    expect(ridge!.skillVsProfile).toBeGreaterThan(0.02);
    expect(judgeChallenger({ challenger: ridge!, champion: profile!, seed: 1 })).toMatchObject({ promoted: true });
  });
});

describe('the drift fallback', () => {
  it('lets the better yardstick serve when the champion loses a week by more than 5 %', () => {
    const fallback = driftFallback({ champion: judged('blend', { errorWh: 500, days: 7 }), yardsticks: [judged('profile', { errorWh: 470, days: 7 }), judged('naive24', { errorWh: 400, days: 7 })] });
    expect(fallback).toEqual({
      kind: 'naive24',
      reason: "blend lost its ground: over the last 7 issued days its RMSE was 0.490 kWh, naive24's 0.392 kWh; naive24 serves until something earns its place again",
    });
  });

  it('leaves a champion alone that lost little, lost to nobody else, or has not been issued for a week', () => {
    expect(driftFallback({ champion: judged('blend', { errorWh: 500, days: 7 }), yardsticks: [judged('profile', { errorWh: 480, days: 7 })] })).toBeNull();
    expect(driftFallback({ champion: judged('profile', { errorWh: 500, days: 7 }), yardsticks: [judged('profile', { errorWh: 100, days: 7 })] })).toBeNull();
    expect(driftFallback({ champion: judged('blend', { errorWh: 500, days: 6 }), yardsticks: [judged('profile', { errorWh: 100, days: 6 })] })).toBeNull();
  });
});
