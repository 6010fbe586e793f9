import type { MirroredStation } from '@csms/contracts/http/public-mirror';
import type { Queryable } from '../forecast/queryable.ts';
import { StoredState } from '../mirror/stored-state.ts';
import { isoOrNull } from './page.ts';

interface Row { station_id: string; public_id: string; target: string; version: string; state: unknown; written_version: string; written_at: Date | null; changed_at: Date | null }

/** What the public mirror shows of a station; null where no mirror shows it. */
export async function readMirroredStation(db: Queryable, stationId: string): Promise<MirroredStation | null> {
  const { rows } = await db.query<Row>('SELECT station_id, public_id, target, version, state, written_version, written_at, changed_at FROM mirrored_station WHERE station_id = $1 AND version > 0', [stationId]);
  const row = rows[0];
  if (row === undefined) return null;
  const state = StoredState.safeParse(row.state).data ?? null;
  return {
    stationId: row.station_id, publicId: row.public_id, database: URL.canParse(row.target) ? new URL(row.target).host : row.target, version: Number(row.version),
    state: state === null ? null : { status: state.status, power: state.power, energy: state.energy, duration: state.duration, lastUpdated: state.last_updated },
    writtenVersion: Number(row.written_version), writtenAt: isoOrNull(row.written_at), waitingSince: isoOrNull(row.changed_at),
  };
}
