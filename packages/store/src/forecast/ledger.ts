import type { Queryable } from './queryable.ts';

/** One hour of a forecast, Wh; `at` is the start of the hour. p10 <= p50 <= p90, none negative (the table refuses others). */
export interface IssuedPoint {
  at: Date;
  meanWh: number;
  p10Wh: number;
  p50Wh: number;
  p90Wh: number;
  usualWh: number | null;
}

export interface IssuedForecast {
  id: string;
  siteId: string;
  task: string;
  modelVersionId: string;
  issuedAt: Date;
  /** nothing from this moment on was known to the model */
  originAt: Date;
  points: readonly IssuedPoint[];
}

/**
 * Writes a forecast to the ledger, once: the same model from the same origin again is the same forecast, and its id is returned.
 * What was issued is never changed; only what came is added (scoreDuePoints).
 */
export async function issueForecast(db: Queryable, forecast: IssuedForecast): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO forecast (tenant_id, id, site_id, task, model_version_id, issued_at, origin_at, horizon_hours)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, site_id, task, origin_at, model_version_id) DO NOTHING RETURNING id`,
    [forecast.id, forecast.siteId, forecast.task, forecast.modelVersionId, forecast.issuedAt, forecast.originAt, forecast.points.length]);
  if (rows.length === 0) {
    const known = await db.query<{ id: string }>(
      'SELECT id FROM forecast WHERE site_id = $1 AND task = $2 AND origin_at = $3 AND model_version_id = $4',
      [forecast.siteId, forecast.task, forecast.originAt, forecast.modelVersionId]);
    return known.rows[0]!.id;
  }
  const { points } = forecast;
  await db.query(
    `INSERT INTO forecast_point (tenant_id, forecast_id, hour_at, mean_wh, p10_wh, p50_wh, p90_wh, usual_wh)
     SELECT current_setting('app.tenant'), $1, p.* FROM unnest($2::timestamptz[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[]) AS p`,
    [forecast.id, points.map((p) => p.at), points.map((p) => p.meanWh), points.map((p) => p.p10Wh), points.map((p) => p.p50Wh), points.map((p) => p.p90Wh), points.map((p) => p.usualWh)]);
  return forecast.id;
}

/**
 * Writes what came beside every issued hour that is over and has no score, and again beside the hours of the last `lateDays`, because offline
 * chargers bring their sessions later. Returns how many points changed: a second call changes none.
 */
export async function scoreDuePoints(db: Queryable, due: { siteId: string; now: Date; lateDays?: number }): Promise<number> {
  const { rowCount } = await db.query(
    `WITH due AS (
       SELECT p.forecast_id, p.hour_at, p.actual_wh
       FROM forecast f JOIN forecast_point p ON p.tenant_id = f.tenant_id AND p.forecast_id = f.id
       WHERE f.site_id = $1 AND p.hour_at + interval '1 hour' <= $2
         AND (p.scored_at IS NULL OR p.hour_at >= $2::timestamptz - make_interval(days => $3))
     ), bounds AS (SELECT min(hour_at) AS first, max(hour_at) + interval '1 hour' AS until FROM due),
     load AS (SELECT l.hour_at, l.energy_wh FROM bounds, LATERAL site_load($1, bounds.first, bounds.until) AS l WHERE bounds.first IS NOT NULL)
     UPDATE forecast_point p SET actual_wh = COALESCE(load.energy_wh, 0), scored_at = $2
     FROM due LEFT JOIN load ON load.hour_at = due.hour_at
     WHERE p.forecast_id = due.forecast_id AND p.hour_at = due.hour_at
       AND (due.actual_wh IS NULL OR abs(due.actual_wh - COALESCE(load.energy_wh, 0)) > 0.001)`,
    [due.siteId, due.now, due.lateDays ?? 14]);
  return rowCount ?? 0;
}

/** An issued hour with what came: the latest forecast that was issued before the hour began. */
export interface LedgerHour extends IssuedPoint {
  actualWh: number;
  originAt: Date;
  modelKind: string;
}

/** The scored hours of [from, until), each as it was last forecast before it began, in order. */
export async function ledgerHours(db: Queryable, window: { siteId: string; task: string; from: Date; until: Date }): Promise<LedgerHour[]> {
  const { rows } = await db.query<{
    hour_at: Date; mean_wh: number; p10_wh: number; p50_wh: number; p90_wh: number; usual_wh: number | null; actual_wh: number; origin_at: Date; kind: string;
  }>(
    `SELECT DISTINCT ON (p.hour_at) p.hour_at, p.mean_wh, p.p10_wh, p.p50_wh, p.p90_wh, p.usual_wh, p.actual_wh, f.origin_at, m.kind
     FROM forecast f
     JOIN forecast_point p ON p.tenant_id = f.tenant_id AND p.forecast_id = f.id
     JOIN model_version m ON m.tenant_id = f.tenant_id AND m.id = f.model_version_id
     WHERE f.site_id = $1 AND f.task = $2 AND p.hour_at >= $3 AND p.hour_at < $4 AND f.issued_at <= p.hour_at AND p.actual_wh IS NOT NULL
     ORDER BY p.hour_at, f.issued_at DESC`,
    [window.siteId, window.task, window.from, window.until]);
  return rows.map((row) => ({
    at: row.hour_at, meanWh: row.mean_wh, p10Wh: row.p10_wh, p50Wh: row.p50_wh, p90Wh: row.p90_wh, usualWh: row.usual_wh,
    actualWh: row.actual_wh, originAt: row.origin_at, modelKind: row.kind,
  }));
}
