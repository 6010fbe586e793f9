/**
 * `node services/ml-trainer/src/evaluate.ts FILE [ZONE]`: how the models of @csms/forecast do on real history, forecast at each local midnight
 * of the last 120 whole days from the hours before it.
 * FILE is an hourly file (series,hour_utc,kwh,...) or a sessions file (session_id,site_id,...), gzipped or not; a `baselines.json` beside it
 * gives the published figures for comparison.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { rollOrigins, rolledDays, scoreDays, siteCalendar, untilHour, type HourlySeries, type ModelKind, type Scores } from '@csms/forecast';
import { readHourlyFile, readSessionsFile, textOf } from './history-file.ts';

const WINDOW_DAYS = 120;
const COMPARED: ModelKind[] = ['naive24', 'naive168', 'profile', 'ridge', 'blend'];
const PUBLISHED: Partial<Record<ModelKind, string>> = { naive24: 'naive24', naive168: 'naive168', profile: 'hxw56', ridge: 'ridge' };

export interface Evaluation {
  series: string;
  scores: Partial<Record<ModelKind, Scores>>;
  published: Partial<Record<ModelKind, { mae: number; rmse: number }>>;
}

/** Judges each series of a file (or only some, by name); the window ends with the series, or where baselines.json says that it was judged. */
export function evaluateFile(file: string, zone?: string, only?: readonly string[]): Evaluation[] {
  const beside = join(dirname(file), 'baselines.json');
  const baselines = existsSync(beside) ? parseBaselines(textOf(beside)) : null;
  const text = textOf(file);
  const all = text.startsWith('series,') ? readHourlyFile(text) : new Map([[basename(file), readSessionsFile(text)]]);
  return [...all].filter(([name]) => !only || only.includes(name)).map(([name, series]) => {
    const calendar = siteCalendar(zone ?? zoneOf(name));
    const windowed = baselines?.windows.get(name);
    const untilDay = windowed ? windowed.untilDay : calendar.local(untilHour(series)).day;
    return {
      series: name,
      scores: scoresOf(series, calendar, untilDay),
      published: windowed ? windowed.published : {},
    };
  });
}

function scoresOf(series: HourlySeries, calendar: ReturnType<typeof siteCalendar>, untilDay: number): Partial<Record<ModelKind, Scores>> {
  // Fifty-six days more in front, so that the first judged day already has an interval.
  const rolled = rollOrigins({ series, calendar, fromDay: untilDay - WINDOW_DAYS - 56, untilDay, withRidge: true });
  const scores: Partial<Record<ModelKind, Scores>> = {};
  for (const kind of COMPARED) {
    const days = rolledDays(rolled, kind, WINDOW_DAYS);
    const scored = days && scoreDays(days);
    if (scored) scores[kind] = scored;
  }
  return scores;
}

function zoneOf(series: string): string {
  if (series.startsWith('boulder')) return 'America/Denver';
  if (series.startsWith('perth')) return 'Europe/London';
  if (series.startsWith('trondheim')) return 'Europe/Oslo';
  if (series.startsWith('caltech') || series.startsWith('office')) return 'America/Los_Angeles';
  return series;
}

function parseBaselines(text: string): { windows: Map<string, { untilDay: number; published: Partial<Record<ModelKind, { mae: number; rmse: number }>> }> } {
  const parsed: unknown = JSON.parse(text);
  const windows = new Map<string, { untilDay: number; published: Partial<Record<ModelKind, { mae: number; rmse: number }>> }>();
  const named = member(parsed, 'windows_local');
  if (typeof named !== 'object' || named === null) return { windows };
  for (const [name, window] of Object.entries(named)) {
    const last = /\.\.(\d{4}-\d{2}-\d{2})$/.exec(String(window))?.[1];
    if (!last) continue;
    const published: Partial<Record<ModelKind, { mae: number; rmse: number }>> = {};
    for (const kind of COMPARED) {
      const figures = member(member(member(parsed, 'load'), name), PUBLISHED[kind] ?? '');
      const mae = member(figures, 'mae');
      const rmse = member(figures, 'rmse');
      if (typeof mae === 'number' && typeof rmse === 'number') published[kind] = { mae, rmse };
    }
    windows.set(name, { untilDay: Date.parse(`${last}T00:00:00Z`) / 86_400_000 + 1, published });
  }
  return { windows };
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** A table in Markdown: MAE / RMSE in kWh an hour, ours and, in brackets, the published one. */
export function table(evaluations: readonly Evaluation[]): string {
  const lines = [`| series | ${COMPARED.join(' | ')} | coverage of 80 % (profile, ridge, blend) | bias of blend |`, `|---|${COMPARED.map(() => '---|').join('')}---|---|`];
  for (const { series, scores, published } of evaluations) {
    const cells = COMPARED.map((kind) => {
      const own = scores[kind];
      if (!own) return '-';
      const other = published[kind];
      return `${(own.maeWh / 1000).toFixed(3)} / ${(own.rmseWh / 1000).toFixed(3)}${other ? ` (${other.mae} / ${other.rmse})` : ''}`;
    });
    const coverage = (['profile', 'ridge', 'blend'] as const).map((kind) => scores[kind]?.coverage80?.toFixed(2) ?? '-').join(', ');
    const bias = scores.blend ? `${(100 * scores.blend.biasWh / scores.blend.loadWh).toFixed(1)} %` : '-';
    lines.push(`| ${series} | ${cells.join(' | ')} | ${coverage} | ${bias} |`);
  }
  for (const [label, pick] of [['MAE', (s: Scores) => s.maeWh], ['RMSE', (s: Scores) => s.rmseWh]] as const) {
    const means = COMPARED.map((kind) => {
      const ratios = evaluations.flatMap(({ scores }) => scores[kind] && scores.naive168 ? [Math.log(pick(scores[kind]) / pick(scores.naive168))] : []);
      return ratios.length > 0 ? Math.exp(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toFixed(3) : '-';
    });
    lines.push(`| geometric mean against naive168, ${label} | ${means.join(' | ')} | | |`);
  }
  return lines.join('\n');
}

if (import.meta.main) {
  const [file, zone] = process.argv.slice(2);
  if (!file || !existsSync(file)) {
    process.stderr.write('usage: node services/ml-trainer/src/evaluate.ts FILE [IANA time zone]\n');
    process.exit(2);
  }
  process.stdout.write(`${table(evaluateFile(file, zone))}\n`);
}
