import { execFile } from 'node:child_process';
import { access, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { mountPointsUnder } from '../src/mounts.ts';
import { placeOf } from '../src/place.ts';
import { clusterSettings } from '../src/settings.ts';
import { rootDir } from './test-cluster.ts';

const execute = promisify(execFile);
const { CSMS_CACHE_DIR: cacheDir } = clusterSettings({ ...process.env, KUBECONFIG: undefined });
const Status = z.object({ phase: z.string(), level: z.string().nullable(), processes: z.array(z.object({ name: z.string(), pid: z.number(), runs: z.boolean() })) });
const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
const isAlive = async (pid: number): Promise<boolean> => !/^\S+ \(.*\) Z/s.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'x (x) Z'));

/** A cluster beside the one that the suite runs in, handled by `npm run cluster` as a person would, without the kubeconfig of the other. */
export function secondCluster(name: string) {
  const place = placeOf(cacheDir, name);
  const run = async (...args: string[]): Promise<string> => {
    const [verb = '', ...rest] = args;
    const { stdout } = await execute(process.execPath, ['tools/cluster/src/main.ts', verb, '--name', name, ...rest], { cwd: rootDir, env: { ...process.env, KUBECONFIG: '' }, timeout: 170_000 });
    return stdout;
  };
  return {
    run,
    status: async (): Promise<z.infer<typeof Status>> => Status.parse(JSON.parse(await run('status', '-o', 'json').catch((error: Error & { stdout?: string }) => error.stdout ?? ''))),
    anyAlive: async (pids: number[]): Promise<boolean> => (await Promise.all(pids.map(isAlive))).includes(true),
    /** Processes whose command line names the cluster's folders, such as shims of its containers. */
    processes: async (): Promise<number[]> => {
      const pids = (await readdir('/proc')).filter((each) => /^\d+$/.test(each)).map(Number);
      const lines = await Promise.all(pids.map(async (pid) => [pid, await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')] as const));
      return lines.filter(([, line]) => line.includes(`${place.runFolder}/`) || line.includes(`${place.folder}/`)).map(([pid]) => pid);
    },
    /** Everything that a cluster can leave on a machine. */
    left: async (pids: number[]): Promise<string[]> => {
      const mounts = mountPointsUnder(await readFile('/proc/self/mountinfo', 'utf8'), [place.folder, place.runFolder, `/run/netns/${place.id}`]);
      const files = [place.folder, place.runFolder, `/run/netns/${place.id}`, ...(await readdir('/sys/fs/cgroup')).map((each) => join('/sys/fs/cgroup', each, place.id)), join('/sys/fs/cgroup', place.id)];
      const alive = await Promise.all(pids.map(async (pid) => ((await isAlive(pid)) ? [`process ${pid}`] : [])));
      const there = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
      return [...mounts.map((point) => `mount ${point}`), ...alive.flat(), ...there.flat()];
    },
  };
}
