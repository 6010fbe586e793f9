import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import type { Namespace } from './platform.ts';

/** What a gateway gets beyond its drain: the pause before it, and its end after it. The resource's rule asks for 30 s at least. */
const GRACE_SECONDS = 60;
const GRACE_SECONDS_MIN = 30;

/** The sites that share the gateways of one pool, and how many stations the books know at each (`namespace/name` to count). */
export interface Pool {
  name: string;
  namespace: Namespace;
  members: ChargingSite[];
  /** Hosts that older sites of other namespaces have: not ours, whatever our sites say. */
  foreignHosts: ReadonlySet<string>;
  stations: ReadonlyMap<string, number>;
  /** The version that its gateways were last told to run. */
  running?: string | undefined;
}

export interface PoolSize {
  min: number;
  max: number;
  replicas: number;
  connectionsPerReplica: number;
  drainSeconds: number;
  graceSeconds: number;
}

/**
 * A pool carries the sum of its members' stations, within the largest of their minima and maxima. Where members ask for different
 * manners, the careful one holds: fewest connections a gateway, longest drain.
 */
export function sizeOfPool(pool: Pool): PoolSize {
  const gateways = pool.members.map((site) => site.spec.gateway);
  const stations = pool.members.reduce((sum, site) => sum + (pool.stations.get(`${site.metadata.namespace}/${site.metadata.name}`) ?? 0), 0);
  const connectionsPerReplica = Math.min(...gateways.map((gateway) => gateway.connectionsPerReplica));
  const drainSeconds = Math.max(...gateways.map((gateway) => gateway.drainSeconds));
  const min = Math.max(...gateways.map((gateway) => gateway.replicas.min));
  const max = Math.max(...gateways.map((gateway) => gateway.replicas.max));
  const graceSeconds = Math.max(drainSeconds + GRACE_SECONDS_MIN, ...gateways.map((gateway) => gateway.terminationGraceSeconds ?? gateway.drainSeconds + GRACE_SECONDS));
  return { min, max, replicas: Math.min(max, Math.max(min, Math.ceil(stations / connectionsPerReplica))), connectionsPerReplica, drainSeconds, graceSeconds };
}
