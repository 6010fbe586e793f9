import type { SecurityEvent } from '@csms/contracts/http/index';
import type { Queryable } from '../forecast/queryable.ts';
import { Where, cutPage, iso, keyTime, limitOf, type PageRead, type PageRequest } from './page.ts';

export interface SecurityEventFilter { stationId?: string | undefined; severity?: 'critical' | 'notice' | undefined; kind?: string | undefined }

interface SecurityEventRow {
  id: string; station_id: string | null; identity: string | null; kind: string; severity: 'critical' | 'notice'; source: 'station' | 'csms'; detail: string | null;
  at: Date; received_at: Date; last_received_at: Date | null; times: number; key_at: string;
}

/** What concerns security, by the time that the events themselves name, latest first. */
export async function listSecurityEvents(db: Queryable, request: PageRequest, filter: SecurityEventFilter = {}): Promise<PageRead<SecurityEvent>> {
  const where = new Where();
  if (filter.stationId) where.add('e.station_id = ?', filter.stationId);
  if (filter.severity) where.add('e.severity = ?', filter.severity);
  if (filter.kind) where.add('e.kind = ?', filter.kind);
  if (request.after) where.add('(e.at, e.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<SecurityEventRow>(
    `SELECT e.*, ${keyTime('e.at')} AS key_at FROM security_event e ${where.sql} ORDER BY e.at DESC, e.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => ({
    id: row.id, stationId: row.station_id, identity: row.identity, kind: row.kind, severity: row.severity, source: row.source, detail: row.detail,
    at: iso(row.at), times: row.times, lastReceivedAt: iso(row.last_received_at ?? row.received_at),
  }));
}
