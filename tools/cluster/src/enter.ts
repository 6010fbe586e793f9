import { delimiter, join } from 'node:path';
import { auditLogFile } from './audit.ts';
import { netnsFile } from './network-namespace.ts';
import type { Place } from './place.ts';
import { resolvConfFile } from './dns.ts';
import type { ClusterState } from './state.ts';

/**
 * The command line and environment that run a program inside the cluster's network: with its kubeconfig (for tests under the name that they ask for), its binaries on PATH, and, where
 * there is one, its DNS. 127.0.0.1 in there is the namespace's own: servers that pods or tests are to reach have to be started this way too.
 */
export function insideOf(place: Place, state: Pick<ClusterState, 'binFolders' | 'level'>, argv: readonly string[]): { program: string; args: string[]; env: NodeJS.ProcessEnv } {
  const dns = state.level === 'node' ? ['unshare', '--mount', '--propagation', 'slave', '--', 'sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolvConfFile(place)] : [];
  return {
    program: 'nsenter',
    args: [`--net=${netnsFile(place)}`, '--', ...dns, ...argv],
    // Every cluster has the same address, and what kubectl remembers of one is wrong for another.
    env: { ...process.env, KUBECONFIG: place.kubeconfig, KUBECACHEDIR: join(place.folder, 'kubectl-cache'), CSMS_TEST_KUBECONFIG: place.kubeconfig, CSMS_TEST_AUDIT_LOG: auditLogFile(place), PATH: [...state.binFolders, process.env['PATH'] ?? ''].join(delimiter) },
  };
}
