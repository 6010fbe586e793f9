import type { z } from 'zod';
import type { QuarantinedFrame, StationQuirks } from '@csms/contracts/http/quirks';
import { deviationKinds, deviations, type DeviationKind } from '@csms/domain/tolerance/deviation';
import { toleranceOf } from '@csms/domain/tolerance/tolerance-of';
import type { Queryable } from '../forecast/queryable.ts';
import { mapCardsInText } from '../cards/card-fields.ts';
import { isCardText, maskUid } from '../cards/card-text.ts';
import { cutPage, iso, keyTime, limitOf, Where, type PageRead, type PageRequest } from './page.ts';

export const quarantineKey = ['time', 'uuid'] as const;

/** What a station does differently, with the entries of its make; null where there is no such station. */
export async function readQuirks(db: Queryable, stationId: string): Promise<StationQuirks | null> {
  const { rows: [station] } = await db.query<{ identity: string; vendor: string | null; model: string | null; firmware: string | null }>(
    `SELECT st.identity, st.vendor, st.model, st.firmware FROM station st JOIN site si ON si.tenant_id = st.tenant_id AND si.id = st.site_id AND si.state = 'active' WHERE st.id = $1`, [stationId]);
  if (station === undefined) return null;
  const { rows } = await db.query<{ kind: string; times: string; first_at: Date; last_at: Date; place: string }>(
    'SELECT kind, times, first_at, last_at, place FROM station_quirk WHERE station_id = $1 ORDER BY last_at DESC, kind', [stationId]);
  const { entries, understands } = toleranceOf(station);
  return {
    stationId, identity: station.identity, vendor: station.vendor, model: station.model, firmware: station.firmware,
    entries: entries.map((entry) => ({ id: entry.id, why: entry.why, source: entry.source, understands: [...(entry.understands ?? [])] })),
    // A kind that a later release has given up is of no use to a reader.
    deviations: rows.filter((row): row is typeof row & { kind: DeviationKind } => deviationKinds.some((kind) => kind === row.kind)).map((row) => ({
      kind: row.kind, meaning: deviations[row.kind].meaning, handling: deviations[row.kind].handling, named: understands.has(row.kind),
      times: Math.min(Number(row.times), Number.MAX_SAFE_INTEGER), firstAt: iso(row.first_at), lastAt: iso(row.last_at), place: row.place,
    })),
  };
}

/** A station's frames in quarantine, the latest first; null where there is no such station. */
export async function listQuarantine(db: Queryable, stationId: string, request: PageRequest): Promise<PageRead<z.infer<typeof QuarantinedFrame>> | null> {
  const { rowCount } = await db.query('SELECT 1 FROM station WHERE id = $1', [stationId]);
  if (rowCount === 0) return null;
  const where = new Where().add('q.station_id = ?', stationId);
  if (request.after) where.add('(q.last_at, q.id) < (?, ?)', ...request.after);
  const { rows } = await db.query<{ id: string; action: string; outcome: 'refused' | 'repaired' | 'unreadable'; is_fact: boolean; kinds: string[]; reason: string; frame: string; times: string; first_at: Date; last_at: Date; key_at: string }>(
    `SELECT q.*, ${keyTime('q.last_at')} AS key_at FROM quarantined_frame q ${where.sql} ORDER BY q.last_at DESC, q.id DESC LIMIT ${where.value(limitOf(request))}`, where.values);
  return cutPage(rows, request, (row) => [row.key_at, row.id], (row) => ({
    id: row.id, action: row.action, outcome: row.outcome, isTransaction: row.is_fact, kinds: row.kinds, reason: row.reason, frame: maskFrame(row.frame),
    times: Math.min(Number(row.times), Number.MAX_SAFE_INTEGER), firstAt: iso(row.first_at), lastAt: iso(row.last_at),
  }));
}

/** A frame as a reader may see it: byte for byte, but for card numbers. Where escapes could hide their names it is read and written anew, or not shown. */
export function maskFrame(frame: string): string {
  return (isCardText(frame) ? null : mapCardsInText(frame, maskUid)) ?? '(not shown: it is no JSON, and escapes could hide a card number)';
}
