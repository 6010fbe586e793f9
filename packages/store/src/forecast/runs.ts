import type { Queryable } from './queryable.ts';

export type TrainingKind = 'daily' | 'deep';
export type TrainingOutcome = 'promoted' | 'kept' | 'learning' | 'failed';

/** Has this site's day been trained already (with a champion to show for it)? */
export async function trainingDone(db: Queryable, key: { siteId: string; kind: TrainingKind; localDate: string }): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT 1 FROM training_run WHERE site_id = $1 AND kind = $2 AND local_date = $3 AND outcome IN ('promoted', 'kept')`, [key.siteId, key.kind, key.localDate]);
  return (rowCount ?? 0) > 0;
}

/**
 * Notes that a run has begun. Runs that are still noted as running were killed (the caller holds the site's lock): they are closed as failed.
 */
export async function beginTrainingRun(db: Queryable, run: { id: string; siteId: string; kind: TrainingKind; localDate: string; startedAt: Date }): Promise<void> {
  await db.query(
    `UPDATE training_run SET outcome = 'failed', ended_at = $2, reason = 'the run was killed before it ended; the champion served on'
     WHERE site_id = $1 AND outcome = 'running'`, [run.siteId, run.startedAt]);
  await db.query(
    `INSERT INTO training_run (tenant_id, id, site_id, kind, local_date, started_at, outcome)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, 'running')`, [run.id, run.siteId, run.kind, run.localDate, run.startedAt]);
}

export async function endTrainingRun(db: Queryable, run: {
  id: string; endedAt: Date; outcome: TrainingOutcome; reason: string; daysOfData: number | null; modelVersionId: string | null;
}): Promise<void> {
  await db.query('UPDATE training_run SET ended_at = $2, outcome = $3, reason = $4, days_of_data = $5, model_version_id = $6 WHERE id = $1',
    [run.id, run.endedAt, run.outcome, run.reason, run.daysOfData, run.modelVersionId]);
}

/** Tells the live stream that a site's forecast changed; the row commits with the facts it names. */
export async function announceForecast(db: Queryable, change: { siteId: string; at: Date }): Promise<void> {
  await db.query(`INSERT INTO outbox (tenant_id, changes) VALUES (current_setting('app.tenant'), $1)`,
    [JSON.stringify([{ kind: 'forecast', siteId: change.siteId, at: change.at.toISOString() }])]);
}

/** The site that a trainer was started for; `spec` is what its ChargingSite says, not parsed here. */
export interface TrainedSite {
  id: string;
  timeZone: string;
  spec: unknown;
}

export async function trainedSite(db: Queryable, key: { namespace: string; name: string }): Promise<TrainedSite | null> {
  const { rows } = await db.query<{ id: string; time_zone: string; spec: unknown }>(
    `SELECT id, time_zone, spec FROM site WHERE namespace = $1 AND name = $2 AND state = 'active'`, [key.namespace, key.name]);
  const row = rows[0];
  return row ? { id: row.id, timeZone: row.time_zone, spec: row.spec } : null;
}
