import type { TFunction } from 'i18next';
import { quantityText, type Formats } from '../formats.ts';
import { writeClause, type Rule } from '../parts/known-sentences.ts';

const kinds = ['blend', 'profile', 'ridge', 'naive24', 'naive168'] as const;

/** What a kind of model is, in words; one that is not known is shown as it is. */
export function modelKind(t: TFunction, kind: string): string {
  const known = kinds.find((each) => each === kind);
  return known ? t(`models.kind.${known}`) : kind;
}

/** The same at the head of a line. */
export function modelTitle(t: TFunction, kind: string): string {
  const word = modelKind(t, kind);
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The sentences of packages/forecast (promotion, contest, assessment) about why a model serves or not, with their figures in the reader's format. */
export function reasonRules(t: TFunction, f: Formats): Rule[] {
  const kind = (word?: string): string => modelKind(t, word ?? '');
  const kwh = (number?: string): string => quantityText(f.energy(Number(number) * 1_000, 2));
  const percent = (number?: string): string => f.percent(Number(number) / 100, number?.includes('.') ? 1 : 0);
  const rmse = 'RMSE ([\\d.]+) kWh against ([\\d.]+) kWh of (\\w+) over (\\d+) days';
  const share = '([\\d.]+) %';
  const compared = (a?: string, b?: string, champion?: string, days?: string): string => t('modelReason.compared', { own: kwh(a), other: kwh(b), kind: kind(champion), days });
  const rules: Rule[] = [
    [/^(\w+) takes over from (\w+): (.+)$/, (own, other, rest) => { const said = writeClause(rest ?? '', rules); return said && t('modelReason.takesOver', { own: kind(own), other: kind(other), said }); }],
    [/^(\w+) was refused: (.+)$/, (own, rest) => { const said = writeClause(rest ?? '', rules); return said && t('modelReason.refused', { own: kind(own), said }); }],
    [new RegExp(`^${rmse}, ${share} better$`), (a, b, c, d, gain) => t('modelReason.betterBy', { compared: compared(a, b, c, d), gain: percent(gain) })],
    [new RegExp(`^${rmse} is ${share} better$`), (a, b, c, d, gain) => t('modelReason.onlyBetterBy', { compared: compared(a, b, c, d), gain: percent(gain) })],
    [new RegExp(`^${rmse} is ${share} worse$`), (a, b, c, d, loss) => t('modelReason.worseBy', { compared: compared(a, b, c, d), loss: percent(loss) })],
    [new RegExp(`^at least ${share} better is asked$`), (n) => t('modelReason.gainAsked', { share: percent(n) })],
    [new RegExp(`^better in ${share} of resampled months$`), (n) => t('modelReason.certain', { share: percent(n) })],
    [new RegExp(`^it is better in only ${share} of resampled months$`), (n) => t('modelReason.uncertain', { share: percent(n) })],
    [new RegExp(`^${share} is asked$`), (n) => t('modelReason.asked', { share: percent(n) })],
    [new RegExp(`^${share} to ${share} is asked$`), (from, until) => t('modelReason.askedRange', { from: percent(from), until: percent(until) })],
    [new RegExp(`^its forecasts were ${share} too high on the whole$`), (n) => t('modelReason.tooHigh', { share: percent(n) })],
    [new RegExp(`^its forecasts were ${share} too low on the whole$`), (n) => t('modelReason.tooLow', { share: percent(n) })],
    [new RegExp(`^at most ${share} is allowed$`), (n) => t('modelReason.allowed', { share: percent(n) })],
    [new RegExp(`^${share} of the hours fell within its 80 % interval$`), (n) => t('modelReason.coverage', { share: percent(n) })],
    [/^nothing was charged on the judged days, so its bias cannot be said$/, () => t('modelReason.noBias')],
    [/^it has no interval yet$/, () => t('modelReason.noInterval')],
    [/^there are no days to judge it on$/, () => t('modelReason.noDays')],
    [/^(\w+) made no error in (\d+) days, so nothing can be better$/, (own, days) => t('modelReason.noError', { kind: kind(own), days })],
    [/^(\w+) lost its ground: over the last (\d+) issued days its RMSE was ([\d.]+) kWh, (\w+)'s ([\d.]+) kWh$/, (own, days, a, other, b) => t('modelReason.lostGround', { own: kind(own), days, ownRmse: kwh(a), other: kind(other), otherRmse: kwh(b) })],
    [/^(\w+) serves until something earns its place again$/, (own) => t('modelReason.servesUntil', { kind: kind(own) })],
    [/^(\w+) is the first model of this site, made from (\d+) days$/, (own, days) => t('modelReason.first', { kind: kind(own), days })],
    [/^(\w+) was fitted anew on (\d+) days$/, (own, days) => t('modelReason.refitted', { kind: kind(own), days })],
    [/^(\w+) would have been promoted, but (\w+) was better still$/, (own, other) => t('modelReason.secondBest', { own: kind(own), other: kind(other) })],
    [/^(\w+) was beaten by (\w+)$/, (own, other) => t('modelReason.beaten', { own: kind(own), other: kind(other) })],
    [/^learning, (\d+) days?: a forecast needs (\d+) whole days of history$/, (days, asked) => t('modelReason.learning', { days, asked })],
    [/^no day is left to judge on beyond the (\d+) that made the model$/, (days) => t('modelReason.noneLeft', { days })],
    [/^(\w+) was not judged: (\w+) has no days to be compared on$/, (own, other) => t('modelReason.notJudged', { own: kind(own), other: kind(other) })],
  ];
  return rules;
}
