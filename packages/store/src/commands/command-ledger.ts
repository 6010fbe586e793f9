import pg from 'pg';
import type { LiveChange } from '@csms/contracts/live';
import type { CommandLedger, CommandRecord, CommandState } from '@csms/domain';
import { openedCommand, referencedCommand, sealedCommand } from '../cards/command-cards.ts';
import type { CardKeys } from '../cards/card-keys.ts';
import { inTenant } from '../in-tenant.ts';
import { audit } from '../register.ts';
import { applyEffect } from './command-effects.ts';
import { ChangedRow, announceCommands, readCommandRow, requestHash } from './command-row.ts';

export interface CommandLedgerOptions {
  /** The application's pool; `databaseUrl` opens one of the ledger's own instead. */
  pool?: pg.Pool;
  databaseUrl?: string;
  /** Card numbers in commands are sealed in the ledger and opened for whoever gets one; null: they stay as they are. */
  cards?: CardKeys | null;
  /** After a commit that wrote an outbox row: wake the readers of this tenant. */
  onCommitted?: (tenantId: string) => void;
}

/** From which states a state may follow: an answer may correct `unknown`, and nothing corrects an end that is certain. */
const mayFollow: Record<Exclude<CommandState, 'queued' | 'sent'>, CommandState[]> = {
  accepted: ['sent', 'unknown'],
  // From queued: refused by ourselves, for instance because the dialect has no such message; nothing was written.
  rejected: ['queued', 'sent', 'unknown'],
  failed: ['sent', 'unknown'],
  unknown: ['sent'],
  expired: ['queued'],
  'not-connected': ['queued'],
};

/** The ledger of commands over the table `command` (migrations 0001 and 0002). Each change of state and its outbox row are one transaction. */
export function openCommandLedger(options: CommandLedgerOptions): CommandLedger & { close(): Promise<void> } {
  const ownPool = options.pool ? null : new pg.Pool({ connectionString: options.databaseUrl, max: 4 });
  ownPool?.on('error', () => undefined);
  const pool = options.pool ?? ownPool!;
  const cards = options.cards ?? null;

  /** Runs an UPDATE or INSERT that returns the rows it changed, and announces them; `also` is done in the same transaction for each of them. */
  async function change(tenantId: string, at: Date, text: string, values: unknown[], also?: (client: pg.PoolClient, record: CommandRecord) => Promise<LiveChange[] | void>): Promise<(CommandRecord & { requestHash: string }) | null> {
    const changed = await inTenant(pool, tenantId, async (client) => {
      const { rows } = await client.query<Record<string, unknown>>(text, values);
      const records = rows.map(readCommandRow);
      const beside: LiveChange[] = [];
      for (const record of records) beside.push(...(await also?.(client, record)) ?? []);
      await announceCommands(client, tenantId, rows.map((row) => ChangedRow.parse(row)), at, beside);
      return records;
    });
    if (changed.length > 0) options.onCommitted?.(tenantId);
    return changed[0] ?? null;
  }

  async function find(tenantId: string, where: 'id' | 'idempotency_key', value: string): Promise<(CommandRecord & { requestHash: string }) | null> {
    const { rows } = await inTenant(pool, tenantId, (client) => client.query<Record<string, unknown>>(`SELECT * FROM command WHERE tenant_id = $1 AND ${where} = $2`, [tenantId, value]));
    if (!rows[0]) return null;
    const record = readCommandRow(rows[0]);
    return { ...record, command: openedCommand(cards, tenantId, record.command) };
  }

  return {
    async create(input) {
      const hash = requestHash(input.stationId, referencedCommand(cards, input.tenantId, input.command));
      const created = await change(input.tenantId, input.createdAt, `INSERT INTO command
          (tenant_id, id, station_id, action, payload, idempotency_key, request_hash, created_by, created_at, deadline_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, idempotency_key) DO NOTHING RETURNING *`,
      [input.tenantId, input.id, input.stationId, input.command.action, JSON.stringify(sealedCommand(cards, input.tenantId, input.command)), input.idempotencyKey, hash, input.createdBy, input.createdAt, input.deadlineAt],
      // Who asked is on record with what was asked, or neither is. A key that is used again writes no row, and so no second word of it.
      (client, record) => audit(client, { name: input.createdBy, now: input.createdAt }, `command.${input.command.action}`, record.id, { stationId: input.stationId }));
      if (created) return { record: created, outcome: 'created' };
      const stored = await find(input.tenantId, 'idempotency_key', input.idempotencyKey);
      if (!stored) throw new Error('a command under this idempotency key is neither new nor stored');
      return { record: stored, outcome: stored.requestHash === hash ? 'existing' : 'conflict' };
    },

    get: (tenantId, id) => find(tenantId, 'id', id),

    async markSent(tenantId, id, by) {
      // The books themselves fence commands: a socket under an older epoch than the one that presence was written with gets none (I-6).
      const sent = await change(tenantId, by.at, `UPDATE command SET state = 'sent', sent_at = $3, gateway = $4, sent_epoch = $5, message_id = $6
        WHERE tenant_id = $1 AND id = $2 AND state = 'queued' AND deadline_at > $3
          AND NOT EXISTS (SELECT 1 FROM station s WHERE s.tenant_id = command.tenant_id AND s.id = command.station_id AND s.online_epoch > $5)
        RETURNING *`, [tenantId, id, by.at, by.gateway, by.epoch.toString(), by.messageId]);
      return sent !== null;
    },

    async queued(tenantId, now) {
      const { rows } = await inTenant(pool, tenantId, (client) => client.query<{ id: string; station_id: string }>(
        "SELECT id, station_id FROM command WHERE tenant_id = $1 AND state = 'queued' AND deadline_at > $2 ORDER BY created_at, id LIMIT 1000", [tenantId, now]));
      return rows.map((row) => ({ id: row.id, stationId: row.station_id }));
    },

    async settle(tenantId, id, outcome) {
      const result = outcome.result === undefined ? null : JSON.stringify(outcome.result);
      const settled = await change(tenantId, outcome.at, `UPDATE command SET state = $3, answered_at = $4, result = $5, detail = $6,
          late_result = CASE WHEN state = 'unknown' THEN $5::jsonb END, late_at = CASE WHEN state = 'unknown' THEN $4::timestamptz END
        WHERE tenant_id = $1 AND id = $2 AND state = ANY ($7) RETURNING *`,
      [tenantId, id, outcome.state, outcome.at, result, outcome.detail ?? null, mayFollow[outcome.state]],
      (client, record) => applyEffect(client, record, outcome.at));
      if (settled) return settled;
      // An answer to what the facts have settled already is kept beside them.
      const late = result === null ? null : await change(tenantId, outcome.at, `UPDATE command SET late_result = $3, late_at = $4
        WHERE tenant_id = $1 AND id = $2 AND state = 'accepted' AND result IS NULL AND late_result IS NULL RETURNING *`, [tenantId, id, result, outcome.at]);
      return late ?? find(tenantId, 'id', id);
    },

    close: async () => {
      await ownPool?.end();
    },
  };
}
