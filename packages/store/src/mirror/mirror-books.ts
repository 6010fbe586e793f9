import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { publicState, type PublicState } from '@csms/domain/public-state/public-state';
import { inTenant } from '../in-tenant.ts';
import { readShownStations, type MirrorScope } from './shown-stations.ts';
import { StoredState } from './stored-state.ts';

/** Whose stations a mirror shows, and where: the tenant, its sites, and the address of the database they are written to. */
export interface Mirrored extends MirrorScope { tenantId: string; target: string }

/** A station that something was said of, and since when the public waits for it. */
export interface ToLookAt { stationId: string; since: Date }

/** A public state that is not written yet. `state` null: the node is to be taken away. */
export interface UnwrittenState { stationId: string; publicId: string; version: number; state: PublicState | null; changedAt: Date }

interface MirroredRow { station_id: string; target: string; state: unknown }

/**
 * Works out what the public may see of these stations now, and puts every change into the mirror's rows under the next version of the station. The rows are
 * locked before the books are read: of two mirrors that do this at once, the one with the greater version has read the newer books. A station that is
 * no longer shown, because its site is gone, gets the version that takes its node away.
 * Resolves with the stations whose state changes by itself, and when; throws where the books cannot be reached.
 */
export async function noteStates(pool: pg.Pool, mirrored: Mirrored, toLookAt: readonly ToLookAt[], now: Date): Promise<Map<string, Date>> {
  const { tenantId, target } = mirrored;
  const sinceOf = new Map(toLookAt.map((each) => [each.stationId, each.since]));
  const stationIds = [...sinceOf.keys()];
  return inTenant(pool, tenantId, async (client) => {
    await client.query(
      `INSERT INTO mirrored_station (tenant_id, station_id, target)
       SELECT st.tenant_id, st.id, $4 FROM station st JOIN site si ON si.tenant_id = st.tenant_id AND si.id = st.site_id AND si.state = 'active'
       WHERE st.id = ANY ($1::uuid[]) AND si.namespace = $2 AND ($3::text[] IS NULL OR si.name = ANY ($3)) ORDER BY st.id ON CONFLICT DO NOTHING`,
      [stationIds, mirrored.namespace, mirrored.sites, target]);
    const { rows } = await client.query<MirroredRow>('SELECT station_id, target, state FROM mirrored_station WHERE station_id = ANY ($1::uuid[]) ORDER BY station_id FOR UPDATE', [stationIds]);
    const shown = await readShownStations(client, mirrored, rows.map((row) => row.station_id), now);
    const changing = new Map<string, Date>();
    const changed: { id: string; state: PublicState | null }[] = [];
    for (const row of rows) {
      const station = shown.get(row.station_id);
      if (station === undefined) {
        if (row.target === target && row.state !== null) changed.push({ id: row.station_id, state: null });
        continue;
      }
      const { state, changesAt } = publicState(station, now);
      if (changesAt !== null) changing.set(row.station_id, changesAt);
      if (row.target !== target || !isDeepStrictEqual(row.state, state)) changed.push({ id: row.station_id, state });
    }
    await client.query(
      `UPDATE mirrored_station m SET version = m.version + 1, state = r.state, target = $3, changed_at = coalesce(m.changed_at, r.since), written_version = CASE WHEN m.target = $3 THEN m.written_version ELSE 0 END
       FROM unnest($1::uuid[], $2::jsonb[], $4::timestamptz[]) AS r(id, state, since) WHERE m.station_id = r.id`,
      [changed.map((each) => each.id), changed.map((each) => (each.state === null ? null : JSON.stringify(each.state))), target, changed.map((each) => sinceOf.get(each.id) ?? now)]);
    return changing;
  });
}

/** What is not written yet, longest waiting first, after `after`. A row that cannot be read is one whose node is taken away. */
export async function unwrittenStates(pool: pg.Pool, mirrored: Mirrored, after: Pick<UnwrittenState, 'stationId' | 'changedAt'> | null, limit: number): Promise<UnwrittenState[]> {
  return inTenant(pool, mirrored.tenantId, async (client) => {
    const { rows } = await client.query<{ station_id: string; public_id: string; version: string; state: unknown; changed_at: Date }>(
      `SELECT station_id, public_id, version, state, changed_at FROM mirrored_station WHERE target = $1 AND changed_at IS NOT NULL AND version > 0
         AND ($3::timestamptz IS NULL OR (changed_at, station_id) > ($3, $4::uuid)) ORDER BY changed_at, station_id LIMIT $2`, [mirrored.target, limit, after?.changedAt ?? null, after?.stationId ?? null]);
    return rows.map((row) => ({ stationId: row.station_id, publicId: row.public_id, version: Number(row.version), state: StoredState.safeParse(row.state).data ?? null, changedAt: row.changed_at }));
  });
}

/** What came of writing `version`: the mirror holds `onMirror`, which is that version or a greater one that was there before. */
export interface WrittenState { stationId: string; version: number; onMirror: number }

/**
 * Notes what the mirror holds. A row that changed meanwhile stays unwritten. Where the greater version is not one of the row's own (books that were restored
 * from a backup begin with an older one), the row's version is lifted above it, to be written again: a version on the mirror only rises.
 */
export async function noteWritten(pool: pg.Pool, mirrored: Mirrored, written: readonly WrittenState[], now: Date): Promise<void> {
  if (written.length === 0) return;
  await inTenant(pool, mirrored.tenantId, (client) => client.query(
    `UPDATE mirrored_station m SET
       version = CASE WHEN r.on_mirror > r.version THEN r.on_mirror + 1 ELSE m.version END,
       written_version = greatest(m.written_version, r.on_mirror), written_at = $4,
       changed_at = CASE WHEN r.on_mirror = r.version THEN NULL ELSE m.changed_at END
     FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS r(id, version, on_mirror) WHERE m.station_id = r.id AND m.target = $5 AND m.version = r.version`,
    [written.map((each) => each.stationId), written.map((each) => each.version), written.map((each) => each.onMirror), now, mirrored.target]));
}

/** How many states wait to be written, and since when the oldest does. */
export async function mirrorBacklog(pool: pg.Pool, mirrored: Mirrored): Promise<{ pending: number; oldestAt: Date | null }> {
  return inTenant(pool, mirrored.tenantId, async (client) => {
    const { rows } = await client.query<{ pending: number; oldest: Date | null }>(
      'SELECT count(*)::int AS pending, min(changed_at) AS oldest FROM mirrored_station WHERE target = $1 AND changed_at IS NOT NULL AND version > 0', [mirrored.target]);
    return { pending: rows[0]!.pending, oldestAt: rows[0]!.oldest };
  });
}
