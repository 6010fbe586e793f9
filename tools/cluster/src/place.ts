import { createHash } from 'node:crypto';
import { join } from 'node:path';

/**
 * `control-plane`: a real API server, controllers and scheduler, with nodes and pods that only seem to run (kwok).
 * `node`: that, and one real node with containerd.
 */
export const levels = ['control-plane', 'node'] as const;
export type Level = (typeof levels)[number];

/** Addresses are the same in every cluster: each lives in a network namespace of its own. */
export const addresses = {
  node: '10.243.0.1', service: '10.96.0.1', dns: '10.96.0.10', serviceRange: '10.96.0.0/16', podRange: '10.244.0.0/24', seemingPodRange: '10.245.0.0/16', balancerRange: '10.243.1.0/24',
  apiPort: 6443,
} as const;

/** Where one cluster keeps what it has. */
export interface Place {
  name: string;
  /** Names of what lies outside the folders (network namespace, cgroup) carry a hash of the folder, so that several clusters do not meet. */
  id: string;
  /** Data, logs, certificates. */
  folder: string;
  /** Sockets, whose paths must stay under 108 bytes, and mounts. */
  runFolder: string;
  kubeconfig: string;
  stateFile: string;
}

/** The place of the cluster `name` in a cache folder. */
export function placeOf(cacheDir: string, name: string): Place {
  const folder = join(cacheDir, 'cluster', 'up', name);
  const id = `csms-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
  return { name, id, folder, runFolder: join('/run', id), kubeconfig: join(folder, 'kubeconfig'), stateFile: join(folder, 'state.json') };
}
