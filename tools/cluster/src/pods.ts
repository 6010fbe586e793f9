import { access, readFile, readdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from './place.ts';
import { endProcess, startTicksOf } from './processes.ts';

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);

/** The cgroup folder of the cluster in every hierarchy that has one (cgroup v1 has a folder a controller, v2 one alone). */
export async function cgroupsOf(place: Place): Promise<string[]> {
  const hierarchies = (await exists('/sys/fs/cgroup/cgroup.controllers')) ? ['/sys/fs/cgroup'] : (await readdir('/sys/fs/cgroup')).map((name) => join('/sys/fs/cgroup', name));
  const folders = hierarchies.map((hierarchy) => join(hierarchy, place.id));
  const there = await Promise.all(folders.map(exists));
  return folders.filter((_, index) => there[index]);
}

/** Kills every process that runs in a pod of the cluster. */
export async function endPods(place: Place): Promise<void> {
  for (const cgroup of await cgroupsOf(place)) {
    const pids = new Set<number>();
    for (const folder of await foldersDeepestFirst(cgroup))
      for (const line of (await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')).split('\n')) if (line !== '') pids.add(Number(line));
    await Promise.all([...pids].map(async (pid) => {
      const startTicks = await startTicksOf(pid);
      if (startTicks !== undefined) await endProcess({ pid, startTicks }, 0);
    }));
  }
}

/** Removes the cluster's cgroups, deepest first; the kernel needs a moment after the last process of one. */
export async function removeCgroups(place: Place): Promise<void> {
  for (let round = 0; round < 20; round += 1) {
    const cgroups = await cgroupsOf(place);
    if (cgroups.length === 0) return;
    for (const cgroup of cgroups) for (const folder of await foldersDeepestFirst(cgroup)) await rmdir(folder).catch(() => undefined);
    await pause(50);
  }
}

async function foldersDeepestFirst(root: string): Promise<string[]> {
  const inner = (await readdir(root, { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isDirectory());
  return [...(await Promise.all(inner.map((entry) => foldersDeepestFirst(join(root, entry.name))))).flat(), root];
}
