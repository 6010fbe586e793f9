import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '@csms/kube/testing/until';
import { afterEach, describe, expect, it } from 'vitest';
import { secondCluster } from '../second-cluster.ts';
import { rootDir } from '../test-cluster.ts';

const execute = promisify(execFile);
const second = secondCluster(`life-${process.pid}`);
let owner: ChildProcess | undefined;
afterEach(async () => { owner?.kill('SIGKILL'); await second.run('down'); });

describe('a cluster of our own', () => {
  it('goes with its owner, also when that is killed, and leaves nothing', async () => {
    owner = spawn('sleep', ['3600'], { stdio: 'ignore' });
    await second.run('up', '--owner-pid', String(owner.pid), '--fake-nodes', '1');
    const { phase, processes } = await second.status();
    expect([phase, processes.map((each) => each.name)]).toEqual(['ready', ['etcd', 'keeper', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']]);
    expect(await second.run('exec', '--', 'kubectl', 'get', 'nodes', '-o', 'name')).toBe('node/fake-000\n');
    owner.kill('SIGKILL');
    await until('nothing is left of it', async () => (await second.left(processes.map((each) => each.pid))).length === 0, 60_000);
    expect((await second.status()).phase).toBe('absent');
  });

  it('a keeper that is killed takes its processes with it, and `down` the rest', async () => {
    await second.run('up', '--fake-nodes', '0', '--owner-pid', String(process.pid));
    const { processes } = await second.status();
    const pids = processes.map((each) => each.pid);
    process.kill(processes.find((each) => each.name === 'keeper')?.pid ?? 0, 'SIGKILL');
    await until('every process has ended', async () => !(await second.anyAlive(pids)));
    expect((await second.status()).phase).toBe('broken');
    await second.run('down');
    expect(await second.left(pids)).toEqual([]);
  });

  it('says what is wrong with a command line, and makes nothing', async () => {
    const failed = await execute(process.execPath, ['tools/cluster/src/main.ts', 'up', '--level', 'cloud'], { cwd: rootDir, env: { ...process.env, KUBECONFIG: '' } }).catch((error: Error & { code?: number; stderr?: string }) => error);
    expect(failed).toMatchObject({ code: 2, stderr: 'cluster: --level is control-plane or node, not "cloud".\n(--help shows how)\n' });
    const other = await execute(process.execPath, ['tools/cluster/src/main.ts', 'up', '-o', 'json'], { cwd: rootDir, env: { ...process.env, KUBECONFIG: '/somewhere/config' } });
    expect(JSON.parse(other.stdout)).toEqual({ kubeconfig: '/somewhere/config', made: false });
  });
});
