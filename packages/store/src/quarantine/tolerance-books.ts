import type { DeviationCount, KeptFrame, QuarantinedFrame, ToleranceBooks } from '@csms/domain';
import { uuidv7 } from '@csms/kit';
import { mapCardsInText } from '../cards/card-fields.ts';
import type { CardKeys } from '../cards/card-keys.ts';
import type pg from 'pg';

/** Transaction messages of one station that wait; with more nobody may say that one is safe here. Of those that were read since, the newest as many. */
export const factsMax = 500;
/** Other frames of one station: the ones that came last. */
export const examplesMax = 100;

type Ask = <T>(operation: string, tenantId: string, work: (client: pg.PoolClient) => Promise<T>) => Promise<T>;

/** The port over `ask`, which runs work in a transaction of the tenant and says where the books cannot be reached. */
export function openToleranceBooks(ask: Ask, cards: CardKeys | null = null): ToleranceBooks {
  /** Byte for byte what came, but for card numbers; what cannot be read without doubt is sealed whole. */
  const booked = <F extends QuarantinedFrame>(tenantId: string, frame: F): F => (cards === null ? frame
    : { ...frame, frame: mapCardsInText(frame.frame, (uid) => cards.reference(tenantId, uid)) ?? cards.seal(tenantId, frame.frame) });
  return {
    keep: (tenantId, frame) => ask('a quarantined message', tenantId, (client) => keepFact(client, booked(tenantId, frame))),
    note: (tenantId, { counts, frames }) => ask('a note of deviations', tenantId, async (client) => {
      await addCounts(client, counts);
      await addExamples(client, frames.map((frame) => booked(tenantId, frame)));
    }),
  };
}

async function keepFact(client: pg.ClientBase, frame: QuarantinedFrame): Promise<KeptFrame> {
  const { rows } = await client.query<{ times: string; first_at: Date }>(
    `INSERT INTO quarantined_frame AS q (tenant_id, id, station_id, key, action, outcome, is_fact, kinds, reason, frame, times, first_at, last_at)
     SELECT current_setting('app.tenant'), $1, $2::uuid, $3, $4, $5, true, $6, $7, $8, 1, $9, $9
     WHERE (SELECT count(*) FROM quarantined_frame WHERE station_id = $2::uuid AND is_fact AND outcome = 'refused') < ${factsMax} OR EXISTS (SELECT 1 FROM quarantined_frame WHERE station_id = $2::uuid AND key = $3)
     ON CONFLICT (tenant_id, station_id, key) DO UPDATE SET times = q.times + 1, last_at = greatest(q.last_at, excluded.last_at), is_fact = true
     RETURNING times, first_at`,
    [uuidv7(), frame.stationId, frame.key, frame.action, frame.outcome, frame.kinds, frame.reason, frame.frame, frame.at]);
  const row = rows[0];
  return row === undefined ? { kept: false, times: 1, firstAt: frame.at } : { kept: true, times: Number(row.times), firstAt: row.first_at };
}

async function addCounts(client: pg.ClientBase, counts: readonly DeviationCount[]): Promise<void> {
  if (counts.length === 0) return;
  const column = <T>(pick: (count: DeviationCount) => T): T[] => counts.map(pick);
  // Sorted, so that two gateways that heard one station take turns. A station that was removed since is passed over.
  await client.query(
    `INSERT INTO station_quirk AS q (tenant_id, station_id, kind, times, first_at, last_at, place)
     SELECT current_setting('app.tenant'), r.* FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::text[]) AS r(station_id, kind, times, first_at, last_at, place)
     WHERE EXISTS (SELECT 1 FROM station s WHERE s.id = r.station_id) ORDER BY r.station_id, r.kind
     ON CONFLICT (tenant_id, station_id, kind) DO UPDATE SET times = q.times + excluded.times, first_at = least(q.first_at, excluded.first_at),
       place = CASE WHEN excluded.last_at >= q.last_at THEN excluded.place ELSE q.place END, last_at = greatest(q.last_at, excluded.last_at)`,
    [column((c) => c.stationId), column((c) => c.kind), column((c) => c.count), column((c) => c.firstAt), column((c) => c.lastAt), column((c) => c.place)]);
}

async function addExamples(client: pg.ClientBase, frames: readonly (QuarantinedFrame & { times: number })[]): Promise<void> {
  const sorted = [...frames].sort((a, b) => (`${a.stationId}${a.key}` < `${b.stationId}${b.key}` ? -1 : 1));
  for (const frame of sorted) {
    // A transaction message that is kept keeps its text; what became of it is news.
    await client.query(
      `INSERT INTO quarantined_frame AS q (tenant_id, id, station_id, key, action, outcome, is_fact, kinds, reason, frame, times, first_at, last_at)
       SELECT current_setting('app.tenant'), $1, $2::uuid, $3, $4, $5, false, $6, $7, $8, $9, $10, $10 WHERE EXISTS (SELECT 1 FROM station WHERE id = $2::uuid)
       ON CONFLICT (tenant_id, station_id, key) DO UPDATE SET times = q.times + CASE WHEN q.is_fact THEN 0 ELSE excluded.times END, outcome = excluded.outcome, kinds = excluded.kinds, reason = excluded.reason,
         frame = CASE WHEN q.is_fact THEN q.frame ELSE excluded.frame END, last_at = greatest(q.last_at, excluded.last_at)`,
      [uuidv7(), frame.stationId, frame.key, frame.action, frame.outcome, frame.kinds, frame.reason, frame.frame, frame.times, frame.at]);
  }
  const stationIds = [...new Set(frames.map((frame) => frame.stationId))];
  if (stationIds.length === 0) return;
  await client.query(
    `DELETE FROM quarantined_frame WHERE id IN (
       SELECT id FROM (SELECT id, is_fact, row_number() OVER (PARTITION BY station_id, is_fact ORDER BY last_at DESC, id DESC) AS n FROM quarantined_frame
         WHERE NOT (is_fact AND outcome = 'refused') AND station_id = ANY($1::uuid[])) AS ranked WHERE n > CASE WHEN is_fact THEN ${factsMax} ELSE ${examplesMax} END)`,
    [stationIds]);
}

/** Days that a frame is kept after it came last: a fact has to outlast a billing dispute, an example has done its work in a month. */
const factDays = 400;
const exampleDays = 30;

/** Forgets frames whose time is over; returns how many. */
export async function forgetFrames(client: pg.ClientBase, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM quarantined_frame WHERE last_at < $1::timestamptz - make_interval(days => CASE WHEN is_fact THEN ${factDays} ELSE ${exampleDays} END)`, [now]);
  return rowCount ?? 0;
}
