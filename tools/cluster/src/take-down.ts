import { access, rm } from 'node:fs/promises';
import { endContainers } from './container-runtime.ts';
import { endPods, removeCgroups } from './pods.ts';
import { restoreKernelSettings } from './kernel-settings.ts';
import { removeLeftBehind } from './left-behind.ts';
import { mountsUnder, unmountAll } from './mounts.ts';
import { netnsFile, removeNamespace } from './network-namespace.ts';
import type { Place } from './place.ts';
import { endProcess, endProcesses, startTicksOf } from './processes.ts';
import { tryCommand } from './run-command.ts';

/** Kubelet first: it restarts what one stops. The API server and etcd last: the others say goodbye to them. */
const order = [['kubelet'], ['kwok', 'kube-proxy', 'coredns', 'kube-scheduler', 'kube-controller-manager']] as const;
const last = [['kube-apiserver', 'containerd'], ['etcd']] as const;

/**
 * Ends all that belongs to a place, whatever state it is in: processes, pods, mounts, network namespace, cgroups, files. May be called
 * again, and by a process that started none of it. Throws when something of it stays.
 */
export async function takeDown(place: Place): Promise<void> {
  for (const names of order) await endProcesses(place, names);
  await endContainers(place);
  await endPods(place);
  for (const names of last) await endProcesses(place, names);
  await endWhatIsInside(place);
  await unmountAll([place.folder, place.runFolder]);
  await removeNamespace(place);
  await removeCgroups(place);
  await restoreKernelSettings(place);
  await removeLeftBehind(place);
  const left = await mountsUnder([place.folder, place.runFolder]);
  if (left.length > 0) throw new Error(`Still mounted, so nothing is deleted: ${left.join(', ')}`);
  for (const folder of [place.runFolder, place.folder]) await rm(folder, { recursive: true, force: true });
}

/** Whoever else was started in the namespace, such as a test whose runner was killed. */
async function endWhatIsInside(place: Place): Promise<void> {
  if (!(await access(netnsFile(place)).then(() => true, () => false))) return;
  const pids = (await tryCommand('ip', ['netns', 'pids', place.id]))?.split('\n').map(Number).filter((pid) => pid > 0 && pid !== process.pid) ?? [];
  await Promise.all(pids.map(async (pid) => {
    const startTicks = await startTicksOf(pid);
    if (startTicks !== undefined) await endProcess({ pid, startTicks }, 500);
  }));
}
