import type { SiteCalendar } from './calendar.ts';
import { JUDGED_DAYS, LEARNING_DAYS, RESIDUAL_DAYS, RIDGE_HISTORY_DAYS } from './protocol.ts';
import { MODEL_KINDS, rollOrigins, type ModelKind, type Rolled } from './rolling.ts';
import { rolledDays, scoreDays, skill, type ScoredDay, type Scores } from './scores.ts';
import { untilHour, type HourlySeries } from './series.ts';

/** One kind of model on the site's own last days. */
export interface Contender {
  kind: ModelKind;
  days: ScoredDay[];
  scores: Scores;
  skillVsProfile: number | null;
  skillVsNaive168: number | null;
}

/** What a site's history says of the models: too little to say anything, or how each would have done. */
export type Assessment =
  | { status: 'learning'; historyDays: number; reason: string }
  | {
    status: 'judged';
    historyDays: number;
    /** how many of the last days the contenders were judged on; 0: a profile can be made, and nothing said of it yet */
    judgedDays: number;
    rolled: Rolled;
    contenders: Partial<Record<ModelKind, Contender>>;
    /** why a kind of model was not judged */
    absent: Partial<Record<ModelKind, string>>;
  };

/** Whole local days from the first known hour to the end of the series. */
export function historyDays(series: HourlySeries, calendar: SiteCalendar): number {
  const { first, until } = wholeDays(series, calendar);
  return Math.max(0, until - first);
}

function wholeDays(series: HourlySeries, calendar: SiteCalendar): { first: number; until: number } {
  if (series.energyWh.length === 0) return { first: 0, until: 0 };
  const { day } = calendar.local(series.firstHour);
  return { first: calendar.dayStart(day) === series.firstHour ? day : day + 1, until: calendar.local(untilHour(series)).day };
}

/**
 * Judges every kind of model on the last 28 whole local days (fewer where there are fewer beyond the first 14), each day forecast at its
 * midnight from the hours before. The series must begin with the first hour of which something is known and hold zeros where nothing charged.
 */
export function assess(series: HourlySeries, calendar: SiteCalendar): Assessment {
  const { first, until } = wholeDays(series, calendar);
  const known = Math.max(0, until - first);
  if (known < LEARNING_DAYS) {
    return { status: 'learning', historyDays: known, reason: `learning, ${known} ${known === 1 ? 'day' : 'days'}: a forecast needs ${LEARNING_DAYS} whole days of history` };
  }
  const withRidge = known >= RIDGE_HISTORY_DAYS;
  const fromDay = Math.max(first + LEARNING_DAYS, until - RESIDUAL_DAYS - JUDGED_DAYS);
  const rolled = rollOrigins({ series, calendar, fromDay, untilDay: until, withRidge });
  const judgedDays = Math.min(JUDGED_DAYS, rolled.days);

  const contenders: Partial<Record<ModelKind, Contender>> = {};
  const absent: Partial<Record<ModelKind, string>> = {};
  const judge = (kind: ModelKind): { days: ScoredDay[]; scores: Scores } | null => {
    const days = rolledDays(rolled, kind, judgedDays);
    const scores = days && scoreDays(days);
    return days && scores ? { days, scores } : null;
  };
  const profile = judge('profile');
  const naive168 = judge('naive168');
  for (const kind of MODEL_KINDS) {
    const judged = judge(kind);
    if (judged) {
      contenders[kind] = {
        kind,
        ...judged,
        skillVsProfile: skill(judged.scores, profile?.scores ?? null),
        skillVsNaive168: skill(judged.scores, naive168?.scores ?? null),
      };
    } else {
      absent[kind] = (kind === 'ridge' || kind === 'blend') && !withRidge
        ? `${kind} was not judged: it needs ${RIDGE_HISTORY_DAYS} days of history and there are ${known}`
        : `${kind} was not judged: no day is left beyond the first ${LEARNING_DAYS}`;
    }
  }
  return { status: 'judged', historyDays: known, judgedDays, rolled, contenders, absent };
}
