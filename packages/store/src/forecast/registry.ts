import type { Queryable } from './queryable.ts';

export type ModelState = 'challenger' | 'champion' | 'retired';

/** A fitted model as it is kept: immutable but for its state. `parameters` and `metrics` are plain JSON. */
export interface ModelVersionRecord {
  id: string;
  siteId: string;
  task: string;
  kind: string;
  trainedAt: Date;
  dataHash: string;
  codeVersion: string;
  seed: number;
  windowFrom: Date;
  windowTo: Date;
  sampleDays: number;
  sampleSessions: number;
  parameters: unknown;
  metrics: Record<string, unknown>;
  /** promoted | refused | refitted | fallback */
  decision: string;
  /** the sentence a person reads */
  reason: string;
}

/** Keeps a new version as a challenger; moveChampion makes it serve. */
export async function insertModelVersion(db: Queryable, version: ModelVersionRecord): Promise<void> {
  await db.query(
    `INSERT INTO model_version (tenant_id, id, site_id, task, kind, state, trained_at, data_hash, code_version, seed, window_from, window_to,
       sample_days, sample_sessions, parameters, metrics, decision, reason)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $4, 'challenger', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [version.id, version.siteId, version.task, version.kind, version.trainedAt, version.dataHash, version.codeVersion, version.seed, version.windowFrom,
      version.windowTo, version.sampleDays, version.sampleSessions, JSON.stringify(version.parameters), JSON.stringify(version.metrics), version.decision, version.reason]);
}

/** The version that serves; `parameters` as they were kept, not parsed here. */
export async function currentChampion(db: Queryable, key: { siteId: string; task: string }): Promise<{ id: string; kind: string; parameters: unknown } | null> {
  const { rows } = await db.query<{ id: string; kind: string; parameters: unknown }>(
    `SELECT id, kind, parameters FROM model_version WHERE site_id = $1 AND task = $2 AND state = 'champion'`, [key.siteId, key.task]);
  return rows[0] ?? null;
}

/** Retires the champion of a site's task and lets another version serve. Call it inside the transaction that publishes, so that there is always one. */
export async function moveChampion(db: Queryable, key: { siteId: string; task: string; modelVersionId: string }): Promise<void> {
  await db.query(`UPDATE model_version SET state = 'retired' WHERE site_id = $1 AND task = $2 AND state = 'champion' AND id <> $3`, [key.siteId, key.task, key.modelVersionId]);
  const { rowCount } = await db.query(`UPDATE model_version SET state = 'champion' WHERE site_id = $1 AND task = $2 AND id = $3`, [key.siteId, key.task, key.modelVersionId]);
  if (rowCount !== 1) throw new Error(`there is no model version ${key.modelVersionId} of this site to serve`);
}

/** Challengers of an earlier contest make room for the next ones. */
export async function retireChallengers(db: Queryable, key: { siteId: string; task: string }): Promise<void> {
  await db.query(`UPDATE model_version SET state = 'retired' WHERE site_id = $1 AND task = $2 AND state = 'challenger'`, [key.siteId, key.task]);
}
