import type pg from 'pg';
import { eachTenant } from '../each-tenant.ts';
import { inTenant } from '../in-tenant.ts';
import { audit, type Actor } from '../register.ts';
import type { FileStore } from './file-store.ts';

/** Marks a stored file as deleted, then takes its bytes away; false: there is no such file. A crash between the two leaves bytes that no address opens. */
export async function deleteFile(pool: pg.Pool, files: FileStore, tenantId: string, id: string, actor: Actor, why: string): Promise<boolean> {
  const fileId = await inTenant(pool, tenantId, async (client) => {
    const { rows } = await client.query<{ fileId: string }>(`UPDATE station_upload SET state = 'deleted', deleted_at = $2 WHERE id = $1 AND state = 'stored' RETURNING coalesce(file_id, id) AS "fileId"`, [id, actor.now]);
    if (rows.length === 1) await audit(client, actor, 'file.delete', id, { why });
    return rows[0]?.fileId;
  });
  if (fileId !== undefined) await files.delete(`${tenantId}/${fileId}`);
  return fileId !== undefined;
}

/** Files older than `keepDays` go; addresses that nobody used are over; what dead processes left half-written goes, and so does firmware that was withdrawn. Safe in several processes at once. */
export async function keepFiles(pool: pg.Pool, files: FileStore, options: { now: Date; keepDays: number }): Promise<{ deleted: number; expired: number }> {
  const { now, keepDays } = options;
  const sums = { deleted: 0, expired: 0 };
  await files.forgetDrafts(new Date(now.getTime() - 3_600_000));
  await eachTenant(pool, async (tenantId) => {
    const old = await inTenant(pool, tenantId, async (client) => {
      const { rowCount } = await client.query(`UPDATE station_upload SET state = 'expired' WHERE expires_at < $1 AND (state = 'asked' OR (state = 'receiving' AND receiving_until < $1))`, [now]);
      sums.expired += rowCount ?? 0;
      return (await client.query<{ id: string }>(`SELECT id FROM station_upload WHERE state = 'stored' AND stored_at < $1::timestamptz - make_interval(days => $2) ORDER BY stored_at LIMIT 1000`, [now, keepDays])).rows;
    });
    const withdrawn = await inTenant(pool, tenantId, async (client) => {
      const { rows } = await client.query<{ id: string; file_id: string }>(
        `UPDATE firmware_image f SET file_id = NULL FROM (SELECT id, file_id FROM firmware_image WHERE state = 'withdrawn' AND file_id IS NOT NULL ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED) was WHERE f.id = was.id RETURNING f.id, was.file_id`);
      for (const { id, file_id: fileId } of rows) await audit(client, { name: 'retention', now }, 'file.delete', id, { why: 'the firmware was withdrawn', fileId });
      return rows;
    });
    for (const { file_id: fileId } of withdrawn) await files.delete(`${tenantId}/${fileId}`);
    for (const { id } of old) if (await deleteFile(pool, files, tenantId, id, { name: 'retention', now }, `kept for ${keepDays} days`)) sums.deleted += 1;
  });
  return sums;
}
