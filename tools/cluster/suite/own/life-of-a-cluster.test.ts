import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { access, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '@csms/kube/testing/until';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mountPointsUnder } from '../../src/mounts.ts';
import { placeOf, type Place } from '../../src/place.ts';
import { clusterSettings } from '../../src/settings.ts';
import { rootDir } from '../test-cluster.ts';

const execute = promisify(execFile);
const { CSMS_CACHE_DIR: cacheDir } = clusterSettings({ ...process.env, KUBECONFIG: undefined });
const name = `life-${process.pid}`;
const place = placeOf(cacheDir, name);
const Status = z.object({ phase: z.string(), level: z.string().nullable(), processes: z.array(z.object({ name: z.string(), pid: z.number(), runs: z.boolean() })) });

/** `npm run cluster` as a person calls it, without the kubeconfig of the cluster that this test itself runs in. */
async function cluster(...args: string[]): Promise<string> {
  const { stdout } = await execute(process.execPath, ['tools/cluster/src/main.ts', ...args.slice(0, 1), '--name', name, ...args.slice(1)], { cwd: rootDir, env: { ...process.env, KUBECONFIG: '' }, timeout: 170_000 });
  return stdout;
}
const statusOf = async (): Promise<z.infer<typeof Status>> => Status.parse(JSON.parse(await cluster('status', '-o', 'json').catch((error: Error & { stdout?: string }) => error.stdout ?? '')));
const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
const isAlive = async (pid: number): Promise<boolean> => !/^\S+ \(.*\) Z/s.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'x (x) Z'));

/** Everything that a cluster can leave on a machine. */
async function leftOf(gone: Place, pids: number[]): Promise<string[]> {
  const mounts = mountPointsUnder(await readFile('/proc/self/mountinfo', 'utf8'), [gone.folder, gone.runFolder, `/run/netns/${gone.id}`]);
  const files = [gone.folder, gone.runFolder, `/run/netns/${gone.id}`, ...(await readdir('/sys/fs/cgroup')).map((each) => join('/sys/fs/cgroup', each, gone.id)), join('/sys/fs/cgroup', gone.id)];
  const alive = await Promise.all(pids.map(async (pid) => ((await isAlive(pid)) ? [`process ${pid}`] : [])));
  const there = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
  return [...mounts.map((point) => `mount ${point}`), ...alive.flat(), ...there.flat()];
}

let owner: ChildProcess | undefined;
afterEach(async () => { owner?.kill('SIGKILL'); await cluster('down'); });

describe('a cluster of our own', () => {
  it('goes with its owner, also when that is killed, and leaves nothing', async () => {
    owner = spawn('sleep', ['3600'], { stdio: 'ignore' });
    await cluster('up', '--owner-pid', String(owner.pid), '--fake-nodes', '1');
    const { phase, processes } = await statusOf();
    expect([phase, processes.map((each) => each.name)]).toEqual(['ready', ['etcd', 'keeper', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']]);
    expect(await cluster('exec', '--', 'kubectl', 'get', 'nodes', '-o', 'name')).toBe('node/fake-000\n');
    owner.kill('SIGKILL');
    await until('nothing is left of it', async () => (await leftOf(place, processes.map((each) => each.pid))).length === 0, 60_000);
    expect((await statusOf()).phase).toBe('absent');
  });

  it('a keeper that is killed takes its processes with it, and `down` the rest', async () => {
    await cluster('up', '--fake-nodes', '0');
    const { processes } = await statusOf();
    const pids = processes.map((each) => each.pid);
    process.kill(processes.find((each) => each.name === 'keeper')?.pid ?? 0, 'SIGKILL');
    await until('every process has ended', async () => (await Promise.all(pids.map(isAlive))).every((alive) => !alive));
    expect((await statusOf()).phase).toBe('broken');
    await cluster('down');
    expect(await leftOf(place, pids)).toEqual([]);
  });

  it('says what is wrong with a command line, and makes nothing', async () => {
    const failed = await execute(process.execPath, ['tools/cluster/src/main.ts', 'up', '--level', 'cloud'], { cwd: rootDir, env: { ...process.env, KUBECONFIG: '' } }).catch((error: Error & { code?: number; stderr?: string }) => error);
    expect(failed).toMatchObject({ code: 2, stderr: 'cluster: --level is control-plane or node, not "cloud".\n(--help shows how)\n' });
    const other = await execute(process.execPath, ['tools/cluster/src/main.ts', 'up', '-o', 'json'], { cwd: rootDir, env: { ...process.env, KUBECONFIG: '/somewhere/config' } });
    expect(JSON.parse(other.stdout)).toEqual({ kubeconfig: '/somewhere/config', made: false });
  });
});
