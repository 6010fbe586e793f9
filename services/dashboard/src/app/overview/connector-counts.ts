import type { Station } from '@csms/contracts/http/index';
import { connectorStatus } from '../parts/status-label.tsx';
import type { StatusKey } from '../status.ts';

export interface ConnectorCounts { total: number; available: number; charging: number; faulted: number; other: number; others: [status: StatusKey, count: number][] }

/**
 * The connectors of these stations by state, each as its own row shows it. `others` says in states what `other` counts, commonest first, so that the
 * figure and its words cannot disagree; the connectors of an offline station are among them.
 */
export function countConnectors(stations: Station[]): ConnectorCounts {
  const counts = new Map<StatusKey, number>();
  for (const station of stations) for (const connector of station.connectors) {
    const key = connectorStatus(station, connector);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const figure = (key: StatusKey): number => counts.get(key) ?? 0;
  const others = [...counts].filter(([key]) => key !== 'available' && key !== 'charging' && key !== 'faulted').sort((a, b) => b[1] - a[1]);
  return {
    total: stations.reduce((sum, station) => sum + station.connectors.length, 0), available: figure('available'), charging: figure('charging'), faulted: figure('faulted'),
    other: others.reduce((sum, [, count]) => sum + count, 0), others,
  };
}
