import { hourlyLoad } from './load.ts';
import type { Queryable } from './queryable.ts';
import type { ModelState } from './registry.ts';
import type { TrainingKind, TrainingOutcome } from './runs.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TASK = 'load';
const RECENT_HOURS = 48;
/** The champion has lost its way: its last week against its last month, and how many hours fell into its interval. */
const DRIFT_MAE_RATIO = 1.5;
const DRIFT_COVERAGE_MIN = 0.65;
const DRIFT_HOURS_MIN = 5 * 24;

/** One hour, Wh: as forecast, and as it came (null while the hour is not over). */
export interface ForecastPointRead {
  at: string;
  meanWh: number;
  p10Wh: number;
  p50Wh: number;
  p90Wh: number;
  usualWh: number | null;
  actualWh: number | null;
}

export type ForecastStatus = 'none' | 'learning' | 'ok' | 'degraded' | 'failed';

/** How issued forecasts did; null where no issued hour is over yet. Energies in Wh an hour. */
export interface IssuedScores {
  hours: number;
  maeWh: number | null;
  rmseWh: number | null;
  biasWh: number | null;
  coverage80: number | null;
}

/** As `SiteForecast` of the contracts. */
export interface SiteForecastRead {
  siteId: string;
  timeZone: string;
  status: ForecastStatus;
  daysOfData: number | null;
  reason: string | null;
  issuedAt: string | null;
  originAt: string | null;
  model: { id: string; kind: string } | null;
  points: ForecastPointRead[];
  recent: ForecastPointRead[];
  backtest: ForecastPointRead[];
  last7Days: IssuedScores;
}

interface PointRow {
  hour_at: Date; mean_wh: number; p10_wh: number; p50_wh: number; p90_wh: number; usual_wh: number | null;
}

/**
 * The forecast that was issued last, beside what has come of it so far; the last 48 hours as each had last been forecast before it began; and how
 * the issued forecasts of 7 days did. Where there is none, the status and the reason say why. Null when there is no such site.
 */
export async function currentForecast(db: Queryable, siteId: string, now: Date): Promise<SiteForecastRead | null> {
  const site = await db.query<{ time_zone: string }>('SELECT time_zone FROM site WHERE id = $1', [siteId]);
  const timeZone = site.rows[0]?.time_zone;
  if (timeZone === undefined) return null;
  const state = await trainingStatus(db, siteId, now);
  const issued = await db.query<{ id: string; issued_at: Date; origin_at: Date; model_version_id: string; kind: string }>(
    `SELECT f.id, f.issued_at, f.origin_at, f.model_version_id, m.kind
     FROM forecast f JOIN model_version m ON m.tenant_id = f.tenant_id AND m.id = f.model_version_id
     WHERE f.site_id = $1 AND f.task = $2 AND f.issued_at <= $3 ORDER BY f.issued_at DESC LIMIT 1`, [siteId, TASK, now]);
  const latest = issued.rows[0] ?? null;
  const load = await loadByHour(db, siteId, now);
  const rows = latest
    ? (await db.query<PointRow>('SELECT hour_at, mean_wh, p10_wh, p50_wh, p90_wh, usual_wh FROM forecast_point WHERE forecast_id = $1 ORDER BY hour_at', [latest.id])).rows
    : [];
  const week = await issuedHours(db, { siteId, from: new Date(now.getTime() - 7 * DAY_MS), until: now });
  const weekPoints = week.map((row) => pointOf(row, load));
  const recentFrom = now.getTime() - RECENT_HOURS * HOUR_MS;
  return {
    siteId, timeZone,
    status: state.status, daysOfData: state.daysOfData, reason: state.reason,
    issuedAt: latest?.issued_at.toISOString() ?? null,
    originAt: latest?.origin_at.toISOString() ?? null,
    model: latest ? { id: latest.model_version_id, kind: latest.kind } : null,
    points: rows.map((row) => pointOf(row, load)),
    recent: weekPoints.filter((point) => Date.parse(point.at) >= recentFrom && point.actualWh !== null),
    backtest: await championBacktest(db, siteId),
    last7Days: scoresOf(weekPoints),
  };
}

/** Each hour of [from, until) as it was last forecast before it began, beside what came: the forecast of the past days against reality. */
export async function forecastAgainstActual(db: Queryable, window: { siteId: string; from: Date; until: Date; now: Date }): Promise<ForecastPointRead[]> {
  const load = await loadByHour(db, window.siteId, window.now, window.from);
  return (await issuedHours(db, window)).map((row) => pointOf(row, load));
}

/** What the operator and the screens say of a site's learning. */
export interface TrainingStatusRead {
  status: ForecastStatus;
  daysOfData: number | null;
  /** English; null only when the status is `ok` */
  reason: string | null;
  /** the end of the last run that left a champion */
  lastSuccess: string | null;
  /** the champion: RMSE (Wh) over its issued hours of 30 days, or, before there are any, over the days it was judged on; skill against the profile there */
  model: { id: string; kind: string; rmse: number | null; skill: number | null } | null;
}

/** none: never trained; learning: too little history; failed: the last run failed (its reason); degraded: drifted or stale; else ok. */
export async function trainingStatus(db: Queryable, siteId: string, now: Date): Promise<TrainingStatusRead> {
  const runs = await db.query<{ outcome: string; reason: string | null; days_of_data: number | null; last_success: Date | null }>(
    `SELECT outcome, reason, days_of_data, (SELECT max(ended_at) FROM training_run WHERE site_id = $1 AND outcome IN ('promoted', 'kept')) AS last_success
     FROM training_run WHERE site_id = $1 AND outcome <> 'running' ORDER BY started_at DESC, id DESC LIMIT 1`, [siteId]);
  const champion = await db.query<{ id: string; kind: string; metrics: unknown }>(
    `SELECT id, kind, metrics FROM model_version WHERE site_id = $1 AND task = $2 AND state = 'champion'`, [siteId, TASK]);
  const run = runs.rows[0];
  const model = champion.rows[0];
  const issued = model ? await ledgerScores(db, { siteId, kind: model.kind, since: new Date(now.getTime() - 30 * DAY_MS) }) : null;
  const base = {
    daysOfData: run?.days_of_data ?? null,
    lastSuccess: run?.last_success?.toISOString() ?? null,
    model: model ? { id: model.id, kind: model.kind, rmse: issued?.rmseWh ?? numberIn(model.metrics, 'rmseWh'), skill: numberIn(model.metrics, 'skillVsProfile') } : null,
  };
  if (!run) return { ...base, status: 'none', reason: 'no training has run for this site yet' };
  if (run.outcome === 'failed') return { ...base, status: 'failed', reason: run.reason };
  if (run.outcome === 'learning') return { ...base, status: 'learning', reason: run.reason };
  const degraded = await degradation(db, siteId, model?.kind ?? null, now);
  return degraded ? { ...base, status: 'degraded', reason: degraded } : { ...base, status: 'ok', reason: null };
}

async function degradation(db: Queryable, siteId: string, kind: string | null, now: Date): Promise<string | null> {
  const last = await db.query<{ until: Date | null }>(
    `SELECT max(p.hour_at) + interval '1 hour' AS until FROM forecast f JOIN forecast_point p ON p.tenant_id = f.tenant_id AND p.forecast_id = f.id
     WHERE f.site_id = $1 AND f.task = $2`, [siteId, TASK]);
  const until = last.rows[0]?.until ?? null;
  if (!until || until <= now) return `the last forecast ended ${until ? `at ${until.toISOString()}` : 'before it began'} and no run has issued another`;
  if (kind === null) return 'no model serves this site';
  const week = await ledgerScores(db, { siteId, kind, since: new Date(now.getTime() - 7 * DAY_MS) });
  if (week.hours < DRIFT_HOURS_MIN) return null;
  if (week.coverage80 !== null && week.coverage80 < DRIFT_COVERAGE_MIN) {
    return `only ${Math.round(week.coverage80 * 100)} % of the last week's hours fell within the 80 % interval`;
  }
  const month = await ledgerScores(db, { siteId, kind, since: new Date(now.getTime() - 28 * DAY_MS) });
  if (week.maeWh !== null && month.maeWh !== null && month.hours >= 2 * week.hours && week.maeWh > DRIFT_MAE_RATIO * month.maeWh) {
    return `the error of the last week is ${(week.maeWh / month.maeWh).toFixed(1)} times that of the last month`;
  }
  return null;
}

/** As `ModelVersion` of the contracts; `metrics` gains `issued`: the version's kind over the issued, scored hours of 30 days. */
export interface ModelVersionRead {
  id: string;
  siteId: string;
  task: string;
  kind: string;
  state: ModelState;
  trainedAt: string;
  windowFrom: string;
  windowTo: string;
  sampleDays: number;
  sampleSessions: number;
  metrics: Record<string, unknown>;
  decision: string;
  reason: string;
}

/** The champion, then the challengers of the last contest, then what has been retired (newest first, at most `limit` in all). */
export async function models(db: Queryable, siteId: string, now: Date, limit = 50): Promise<ModelVersionRead[]> {
  const { rows } = await db.query<{
    id: string; site_id: string; task: string; kind: string; state: ModelState; trained_at: Date; window_from: Date; window_to: Date;
    sample_days: number; sample_sessions: number; metrics: Record<string, unknown>; decision: string; reason: string;
  }>(
    `SELECT id, site_id, task, kind, state, trained_at, window_from, window_to, sample_days, sample_sessions, metrics, decision, reason
     FROM model_version WHERE site_id = $1
     ORDER BY array_position(ARRAY['champion', 'challenger', 'retired'], state), trained_at DESC, id DESC LIMIT $2`, [siteId, limit]);
  const since = new Date(now.getTime() - 30 * DAY_MS);
  const read: ModelVersionRead[] = [];
  for (const row of rows) {
    const issued = row.state === 'champion' ? { issued: await ledgerScores(db, { siteId, kind: row.kind, since }) } : {};
    read.push({
      id: row.id, siteId: row.site_id, task: row.task, kind: row.kind, state: row.state, trainedAt: row.trained_at.toISOString(),
      windowFrom: row.window_from.toISOString(), windowTo: row.window_to.toISOString(), sampleDays: row.sample_days, sampleSessions: row.sample_sessions,
      metrics: { ...row.metrics, ...issued }, decision: row.decision, reason: row.reason,
    });
  }
  return read;
}

/** As the `runs` of `ModelList` in the contracts. */
export interface TrainingRunRead {
  id: string;
  kind: TrainingKind;
  startedAt: string;
  endedAt: string | null;
  outcome: TrainingOutcome | 'running';
  reason: string | null;
  daysOfData: number | null;
}

/** The last runs, newest first. */
export async function trainingRuns(db: Queryable, siteId: string, limit = 50): Promise<TrainingRunRead[]> {
  const { rows } = await db.query<{
    id: string; kind: TrainingKind; started_at: Date; ended_at: Date | null; outcome: TrainingOutcome | 'running'; reason: string | null; days_of_data: number | null;
  }>(
    'SELECT id, kind, started_at, ended_at, outcome, reason, days_of_data FROM training_run WHERE site_id = $1 ORDER BY started_at DESC, id DESC LIMIT $2', [siteId, limit]);
  return rows.map((row) => ({
    id: row.id, kind: row.kind, startedAt: row.started_at.toISOString(), endedAt: row.ended_at?.toISOString() ?? null,
    outcome: row.outcome, reason: row.reason, daysOfData: row.days_of_data,
  }));
}

/** Scores of the issued and scored hours of one kind of model since a moment, from the ledger alone. */
export async function ledgerScores(db: Queryable, of: { siteId: string; kind: string; since: Date }): Promise<IssuedScores> {
  const { rows } = await db.query<{ hours: number; mae: number | null; rmse: number | null; bias: number | null; coverage: number | null }>(
    `SELECT count(*)::int AS hours, avg(abs(mean_wh - actual_wh)) AS mae, sqrt(avg((mean_wh - actual_wh) ^ 2)) AS rmse, avg(mean_wh - actual_wh) AS bias,
            avg(CASE WHEN actual_wh BETWEEN p10_wh AND p90_wh THEN 1.0 ELSE 0.0 END)::double precision AS coverage
     FROM (SELECT DISTINCT ON (p.hour_at) p.*, m.kind
           FROM forecast f JOIN forecast_point p ON p.tenant_id = f.tenant_id AND p.forecast_id = f.id
           JOIN model_version m ON m.tenant_id = f.tenant_id AND m.id = f.model_version_id
           WHERE f.site_id = $1 AND f.task = $2 AND p.hour_at >= $3 AND f.issued_at <= p.hour_at AND p.actual_wh IS NOT NULL
           ORDER BY p.hour_at, f.issued_at DESC) AS latest
     WHERE kind = $4`, [of.siteId, TASK, of.since, of.kind]);
  const row = rows[0]!;
  return { hours: row.hours, maeWh: row.mae, rmseWh: row.rmse, biasWh: row.bias, coverage80: row.coverage };
}

async function issuedHours(db: Queryable, window: { siteId: string; from: Date; until: Date }): Promise<PointRow[]> {
  const { rows } = await db.query<PointRow>(
    `SELECT DISTINCT ON (p.hour_at) p.hour_at, p.mean_wh, p.p10_wh, p.p50_wh, p.p90_wh, p.usual_wh
     FROM forecast f JOIN forecast_point p ON p.tenant_id = f.tenant_id AND p.forecast_id = f.id
     WHERE f.site_id = $1 AND f.task = $2 AND p.hour_at >= $3 AND p.hour_at < $4 AND f.issued_at <= p.hour_at
     ORDER BY p.hour_at, f.issued_at DESC`, [window.siteId, TASK, window.from, window.until]);
  return rows;
}

interface LoadByHour {
  /** Wh of an hour that is over; null of one that is not */
  of(at: Date): number | null;
}

/** What came lately, read from the sessions themselves: the trainer scores the ledger with the same function, but only when it runs. */
async function loadByHour(db: Queryable, siteId: string, now: Date, from: Date = new Date(now.getTime() - 8 * DAY_MS)): Promise<LoadByHour> {
  const load = new Map((await hourlyLoad(db, { siteId, from: new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS), until: now })).map((hour) => [hour.at.getTime(), hour.energyWh]));
  return { of: (at) => (at.getTime() + HOUR_MS <= now.getTime() ? (load.get(at.getTime()) ?? 0) : null) };
}

function pointOf(row: PointRow, load: LoadByHour): ForecastPointRead {
  return { at: row.hour_at.toISOString(), meanWh: row.mean_wh, p10Wh: row.p10_wh, p50Wh: row.p50_wh, p90Wh: row.p90_wh, usualWh: row.usual_wh, actualWh: load.of(row.hour_at) };
}

function scoresOf(points: readonly ForecastPointRead[]): IssuedScores {
  let hours = 0, absolute = 0, squared = 0, signed = 0, covered = 0;
  for (const point of points) {
    if (point.actualWh === null) continue;
    const error = point.meanWh - point.actualWh;
    hours += 1;
    absolute += Math.abs(error);
    squared += error * error;
    signed += error;
    if (point.actualWh >= point.p10Wh && point.actualWh <= point.p90Wh) covered += 1;
  }
  return hours === 0
    ? { hours, maeWh: null, rmseWh: null, biasWh: null, coverage80: null }
    : { hours, maeWh: absolute / hours, rmseWh: Math.sqrt(squared / hours), biasWh: signed / hours, coverage80: covered / hours };
}

async function championBacktest(db: Queryable, siteId: string): Promise<ForecastPointRead[]> {
  const { rows } = await db.query<{ at: string; mean_wh: number; p10_wh: number; p50_wh: number; p90_wh: number; usual_wh: number | null; actual_wh: number }>(
    `SELECT h.* FROM model_version m,
       LATERAL jsonb_to_recordset(m.parameters -> 'backtest') AS h(at text, mean_wh float8, p10_wh float8, p50_wh float8, p90_wh float8, usual_wh float8, actual_wh float8)
     WHERE m.site_id = $1 AND m.task = $2 AND m.state = 'champion' AND jsonb_typeof(m.parameters -> 'backtest') = 'array' ORDER BY h.at`, [siteId, TASK]);
  return rows.map((row) => ({ at: row.at, meanWh: row.mean_wh, p10Wh: row.p10_wh, p50Wh: row.p50_wh, p90Wh: row.p90_wh, usualWh: row.usual_wh, actualWh: row.actual_wh }));
}

function numberIn(value: unknown, key: string): number | null {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : null;
  return typeof found === 'number' ? found : null;
}
