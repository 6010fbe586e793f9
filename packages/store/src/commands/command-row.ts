import { createHash } from 'node:crypto';
import type pg from 'pg';
import { z } from 'zod';
import type { LiveChange } from '@csms/contracts/live';
import { StoredCommand } from '@csms/contracts/stored-command';
import type { CommandRecord, StationCommand } from '@csms/domain';

const CommandRow = z.object({
  tenant_id: z.string(), id: z.string(), station_id: z.string(), payload: StoredCommand,
  state: z.enum(['queued', 'sent', 'accepted', 'rejected', 'failed', 'unknown', 'expired', 'not-connected']),
  idempotency_key: z.string(), request_hash: z.string(),
  created_at: z.date(), deadline_at: z.date(), sent_at: z.date().nullable(), answered_at: z.date().nullable(),
  result: z.unknown(), detail: z.string().nullable(), late_result: z.unknown(), session_id: z.string().nullable(),
});

/** A row of the table `command` as the domain knows it. */
export function readCommandRow(row: unknown): CommandRecord & { requestHash: string } {
  return recordOf(CommandRow.parse(row));
}

/** The same, or null where the row fits no schema. */
export function tryReadCommandRow(row: unknown): CommandRecord | null {
  const read = CommandRow.safeParse(row);
  return read.success ? recordOf(read.data) : null;
}

function recordOf(found: z.infer<typeof CommandRow>): CommandRecord & { requestHash: string } {
  return {
    tenantId: found.tenant_id, id: found.id, stationId: found.station_id, command: found.payload, state: found.state,
    idempotencyKey: found.idempotency_key, requestHash: found.request_hash,
    createdAt: found.created_at, deadlineAt: found.deadline_at, sentAt: found.sent_at, answeredAt: found.answered_at,
    result: found.result ?? null, detail: found.detail, lateResult: found.late_result ?? null, sessionId: found.session_id,
  };
}

/** What makes two requests the same one. The remote start id is ours, made anew by each process that takes the request, so it is no part of it. */
export function requestHash(stationId: string, command: StationCommand): string {
  const request: Record<string, unknown> = { ...command, stationId };
  delete request['remoteStartId'];
  const text = JSON.stringify(Object.entries(request).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(text).digest('hex');
}

/** What the live stream tells of a row that changed. Columns alone: a payload that fits no schema must not keep the others from their end. */
export type ChangedCommand = z.infer<typeof ChangedRow>;
export const ChangedRow = z.object({ id: z.string(), station_id: z.string(), action: z.string(), state: z.string() });

/** Tells the live stream which commands changed, and what changed with them, as the last statement of the transaction that changed them. */
export async function announceCommands(client: pg.PoolClient, tenantId: string, changed: readonly ChangedCommand[], at: Date, beside: readonly LiveChange[] = []): Promise<void> {
  if (changed.length === 0) return;
  const changes = [...changed.map((row): LiveChange => ({
    kind: 'command', commandId: row.id, stationId: row.station_id, action: row.action, state: row.state, at: at.toISOString(),
  })), ...beside];
  await client.query('INSERT INTO outbox (tenant_id, changes) VALUES ($1, $2)', [tenantId, JSON.stringify(changes)]);
}
