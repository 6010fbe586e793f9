import type { Command } from '@csms/contracts/http/commands';
import type { Queryable } from '../forecast/queryable.ts';
import { z } from 'zod';
import { redactAddress } from '../uploads/secret-address.ts';
import { maskCards } from './evidence.ts';
import { Where, cutPage, iso, isoOrNull, keyTime, limitOf, type PageRead, type PageRequest } from './page.ts';

export const commandKey = ['time', 'uuid'] as const;

interface CommandRow {
  id: string; station_id: string; action: string; payload: unknown; state: Command['state']; idempotency_key: string; created_by: string;
  created_at: Date; deadline_at: Date; sent_at: Date | null; answered_at: Date | null; result: unknown; detail: string | null; late_result: unknown; session_id: string | null; key_at: string;
}

/** What stations were asked to do, latest first. */
export async function listCommands(db: Queryable, request: PageRequest, filter: { stationId?: string | undefined }): Promise<PageRead<Command>> {
  const where = new Where();
  if (filter.stationId) where.add('c.station_id = ?', filter.stationId);
  if (request.after) where.add('(c.created_at, c.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<CommandRow>(`SELECT c.*, ${keyTime('c.created_at')} AS key_at FROM command c ${where.sql} ORDER BY c.created_at DESC, c.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], commandOf);
}

export async function readCommand(db: Queryable, id: string): Promise<Command | null> {
  const { rows } = await db.query<CommandRow>(`SELECT c.*, '' AS key_at FROM command c WHERE c.id = $1`, [id]);
  return rows[0] ? commandOf(rows[0]) : null;
}

/** The address of a file opens it: whoever reads the ledger sees where it leads, and no more. */
const WithAddress = z.looseObject({ location: z.string() });

function commandOf(row: CommandRow): Command {
  const withAddress = WithAddress.safeParse(row.payload);
  return {
    id: row.id, stationId: row.station_id, action: row.action, payload: maskCards(withAddress.success ? { ...withAddress.data, location: redactAddress(withAddress.data.location) } : row.payload), state: row.state,
    idempotencyKey: row.idempotency_key, createdBy: row.created_by, createdAt: iso(row.created_at), deadlineAt: iso(row.deadline_at), sentAt: isoOrNull(row.sent_at), answeredAt: isoOrNull(row.answered_at),
    result: row.result ?? null, detail: row.detail, lateResult: row.late_result ?? null, sessionId: row.session_id,
  };
}
