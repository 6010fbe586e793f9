import type pg from 'pg';
import { z } from 'zod';
import type { LiveChange } from '@csms/contracts/live';
import type { LeftBehindBooks } from '@csms/domain';
import { applyEffects } from './command-effects.ts';
import { ChangedRow, announceCommands, type ChangedCommand } from './command-row.ts';
import { inTenant } from '../in-tenant.ts';
import { reconcileWithSessions } from './reconcile.ts';

/** Sent, and this long past its deadline without a word: whoever wrote it has forgotten it. */
const overdueAfter = "interval '60 seconds'";

const openCommands = "(state IN ('queued', 'sent', 'unknown') OR (state = 'accepted' AND session_id IS NULL AND action IN ('remote-start', 'remote-stop')))";

const SentRow = z.object({ id: z.string(), gateway: z.string() });
const OnlineRow = z.object({ id: z.string(), online_epoch: z.string() });

/** What dead processes left in the books, and the statements that end it. Safe in several processes at once: each statement is conditional. */
export function openLeftBehindBooks(options: { pool: pg.Pool; onCommitted?: (tenantId: string) => void }): LeftBehindBooks {
  const { pool } = options;
  return {
    async tenants() {
      const { rows } = await pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
      return rows.map((row) => row.id);
    },

    async tidy(tenantId, now) {
      const { changed, ...seen } = await inTenant(pool, tenantId, async (client) => {
        const ended = await client.query<Record<string, unknown>>(`UPDATE command SET answered_at = $2,
            state = CASE state WHEN 'queued' THEN 'expired' ELSE 'unknown' END,
            detail = CASE state WHEN 'queued' THEN 'the deadline passed before a frame was written' ELSE 'sent, and no answer was recorded' END
          WHERE tenant_id = $1 AND ${openCommands}
            AND ((state = 'queued' AND deadline_at + interval '1 second' < $2) OR (state = 'sent' AND deadline_at + ${overdueAfter} < $2)) RETURNING *`, [tenantId, now]);
        const beside = await applyEffects(client, ended.rows, now);
        const reconciled = await reconcileWithSessions(client, tenantId, now);
        const records: ChangedCommand[] = [...ended.rows.map((row) => ChangedRow.parse(row)), ...reconciled];
        await announceCommands(client, tenantId, records, now, beside);
        const sent = await client.query(`SELECT id, gateway FROM command WHERE tenant_id = $1 AND ${openCommands} AND state = 'sent' AND gateway IS NOT NULL`, [tenantId]);
        const online = await client.query('SELECT id, online_epoch::text FROM station WHERE tenant_id = $1 AND online', [tenantId]);
        return {
          changed: records.length, sent: z.array(SentRow).parse(sent.rows),
          online: z.array(OnlineRow).parse(online.rows).map((row) => ({ stationId: row.id, epoch: BigInt(row.online_epoch) })),
        };
      });
      if (changed > 0) options.onCommitted?.(tenantId);
      return seen;
    },

    async markUnknown(tenantId, commandIds, detail, now) {
      await inTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<Record<string, unknown>>(`UPDATE command SET state = 'unknown', answered_at = $3, detail = $4
          WHERE tenant_id = $1 AND id = ANY ($2) AND state = 'sent' RETURNING *`, [tenantId, commandIds, now, detail]);
        const beside = await applyEffects(client, rows, now);
        await announceCommands(client, tenantId, rows.map((row) => ChangedRow.parse(row)), now, beside);
      });
      options.onCommitted?.(tenantId);
    },

    async markOffline(tenantId, stations, now) {
      await inTenant(pool, tenantId, async (client) => {
        const { rows } = await client.query<{ id: string }>(`UPDATE station SET online = false, offline_since = $4
          FROM unnest($2::uuid[], $3::bigint[]) AS gone (station_id, epoch)
          WHERE tenant_id = $1 AND id = gone.station_id AND online AND online_epoch <= gone.epoch RETURNING id`,
        [tenantId, stations.map((station) => station.stationId), stations.map((station) => station.epoch.toString()), now]);
        if (rows.length === 0) return;
        const changes = rows.map((row): LiveChange => ({ kind: 'station', stationId: row.id, online: false, at: now.toISOString() }));
        await client.query('INSERT INTO outbox (tenant_id, changes) VALUES ($1, $2)', [tenantId, JSON.stringify(changes)]);
      });
      options.onCommitted?.(tenantId);
    },
  };
}
