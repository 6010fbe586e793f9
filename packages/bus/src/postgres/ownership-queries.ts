import type { Owner, OwnershipBus } from '@csms/domain';
import type { RunStatement } from './postgres-bus.ts';

const claimStation = `INSERT INTO bus_owner AS o (station_key, gateway, socket_id, epoch, connected_at, changed_at)
  VALUES ($1, $2, $3, greatest(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, $5::bigint + 1), least($4::timestamptz, clock_timestamp()), clock_timestamp())
  ON CONFLICT (station_key) DO UPDATE SET
    previous_gateway = o.gateway, previous_socket_id = o.socket_id, previous_epoch = o.epoch,
    gateway = excluded.gateway, socket_id = excluded.socket_id, epoch = greatest(excluded.epoch, o.epoch + 1),
    connected_at = excluded.connected_at, changed_at = excluded.changed_at
    WHERE o.connected_at <= excluded.connected_at + CASE WHEN $5::bigint = 0 THEN interval '2 seconds' ELSE interval '0' END
  RETURNING epoch, previous_gateway, previous_socket_id, previous_epoch,
    EXISTS (SELECT 1 FROM bus_lease l WHERE l.gateway = o.previous_gateway AND l.expires_at > clock_timestamp()) AS previous_lives`;

const owners = `SELECT o.station_key, o.gateway, o.socket_id, o.epoch FROM bus_owner o
  JOIN bus_lease l ON l.gateway = o.gateway AND l.expires_at > clock_timestamp()
  WHERE o.station_key = ANY ($1)`;

/** Claim, release and look up. Each is one statement, so two gateways that claim at once are put in order by the row. */
export function createOwnershipQueries(run: RunStatement): Omit<OwnershipBus, 'holdLease'> {
  const ownersOf: OwnershipBus['ownersOf'] = async (tenantId, stationIds) => {
    const { rows } = await run('look up owners', owners, [stationIds.map((id) => stationKey(tenantId, id))]);
    const byStation = new Map<string, Owner>();
    for (const row of rows) byStation.set(String(row['station_key']).slice(tenantId.length + 1), readOwner(row['gateway'], row['socket_id'], row['epoch']));
    return byStation;
  };
  return {
    async claim({ tenantId, stationId, gateway, socketId, connectedAt, epochAbove }) {
      const { rows } = await run('claim', claimStation, [stationKey(tenantId, stationId), gateway, socketId, connectedAt, (epochAbove ?? 0n).toString()]);
      const row = rows[0];
      if (!row) return { outcome: 'superseded' };
      const previous = row['previous_gateway'] !== null && row['previous_lives'] === true
        ? readOwner(row['previous_gateway'], row['previous_socket_id'], row['previous_epoch']) : null;
      return { outcome: 'claimed', epoch: BigInt(String(row['epoch'])), previous };
    },
    async release(tenantId, stationId, epoch) {
      const { rowCount } = await run('release', `UPDATE bus_owner SET gateway = NULL, socket_id = NULL, changed_at = clock_timestamp()
        WHERE station_key = $1 AND epoch = $2 AND gateway IS NOT NULL`, [stationKey(tenantId, stationId), epoch.toString()]);
      return rowCount === 1;
    },
    async ownerOf(tenantId, stationId) {
      return (await ownersOf(tenantId, [stationId])).get(stationId) ?? null;
    },
    ownersOf,
    async leasesAlive(gateways) {
      const { rows } = await run('look up leases', 'SELECT gateway FROM bus_lease WHERE gateway = ANY ($1) AND expires_at > clock_timestamp()', [gateways]);
      return new Set(rows.map((row) => String(row['gateway'])));
    },
  };
}

function stationKey(tenantId: string, stationId: string): string {
  return `${tenantId}/${stationId}`;
}

function readOwner(gateway: unknown, socketId: unknown, epoch: unknown): Owner {
  return { gateway: String(gateway), socketId: String(socketId), epoch: BigInt(String(epoch)) };
}
