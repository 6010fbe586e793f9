import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { secondCluster } from '../second-cluster.ts';

const second = secondCluster(`node-${process.pid}`);
const manifest = join(tmpdir(), `csms-life-of-a-node-${process.pid}.json`);
const settings = async (): Promise<string[]> => Promise.all(['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'].map(async (each) => (await readFile(`/proc/sys/${each}`, 'utf8')).trim()));
let before: string[];
beforeAll(async () => {
  before = await settings();
  await writeFile(manifest, JSON.stringify({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'still', namespace: 'default' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'still' } }, template: { metadata: { labels: { app: 'still' } }, spec: { containers: [{ name: 'main', image: 'localhost/pause:1' }] } } },
  }));
});
afterAll(() => second.run('down'));

it('two nodes run side by side; one whose processes are all killed while pods run is taken down without a trace, and the other does not notice', async () => {
  await second.run('up', '--level', 'node', '--owner-pid', String(process.pid));
  await second.run('exec', '--', 'kubectl', 'apply', '-f', manifest);
  await second.run('exec', '--', 'kubectl', 'wait', '--for=condition=Available', 'deployment/still', '--timeout=100s');
  const { processes } = await second.status();
  const pids = [...new Set([...processes.map((each) => each.pid), ...(await second.processes())])];
  expect(pids.length).toBeGreaterThanOrEqual(processes.length + 2);
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
  await second.run('down');
  expect(await second.left(pids)).toEqual([]);
  // The suite's own node keeps the kernel's settings as kubelet wants them until it goes too.
  expect(await settings()).toEqual(before);
});
