import type { LabProcess } from '@csms/contracts/http/lab';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import type { z } from 'zod';
import type { ProcessSet } from '../processes.ts';

/** Everything that runs: pods of the local cluster and the launcher's own processes; a gateway with the number of stations that it holds. */
export async function labProcesses(cluster: LocalCluster, processes: ProcessSet): Promise<z.infer<typeof LabProcess>[]> {
  const pods = cluster.pods().map(async (pod) => ({
    name: pod.name, kind: pod.deployment.split('/').at(-1)!, pid: pod.pid ?? null, ready: pod.ready, restarts: pod.restarts, adminPort: pod.adminPort ?? null,
    connections: pod.deployment.includes('gateway') && pod.ready && pod.adminPort !== undefined ? await connectionsOf(pod.adminPort) : null,
  }));
  const own = processes.view().map((each) => ({ ...each, connections: null }));
  return [...(await Promise.all(pods)), ...own];
}

/** The sum of `csms_gateway_connections` over its labels; null where the gateway does not say. */
async function connectionsOf(adminPort: number): Promise<number | null> {
  try {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`, { signal: AbortSignal.timeout(1_000) })).text();
    const values = [...text.matchAll(/^csms_gateway_connections(?:\{[^}]*\})? ([0-9.e+]+)$/gm)].map((match) => Number(match[1]));
    return values.reduce((sum, value) => sum + value, 0);
  } catch {
    return null;
  }
}
