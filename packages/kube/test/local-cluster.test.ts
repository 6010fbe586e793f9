import { spawn } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cronJobKind, deploymentKind, namespaceKind, numberAt, stringAt, watchFolder } from '@csms/kube';
import type { KubernetesObject } from '@csms/kube';
import { startLocalCluster } from '@csms/kube/local-cluster/index';
import type { LocalCluster, LocalPod, PodLine } from '@csms/kube/local-cluster/index';
import { until } from '@csms/kube/testing/until';

const image = (name: string): { command: string[] } => ({ command: [process.execPath, join(import.meta.dirname, 'images', name)] });
const env = (values: Record<string, string>): { name: string; value: string }[] => Object.entries(values).map(([name, value]) => ({ name, value }));
const gone = (pid: number | undefined): boolean => {
  try {
    process.kill(pid ?? -1, 0);
    return false;
  } catch {
    return true;
  }
};

function deployment(name: string, replicas: number, values: Record<string, string>, graceSeconds = 5): KubernetesObject {
  const container = { name: 'main', image: 'test/serve:1', env: env(values), readinessProbe: { httpGet: { path: '/readyz', port: 'admin' } } };
  const template = { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: graceSeconds, containers: [container] } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'demo' }, spec: { replicas, selector: { matchLabels: { app: name } }, template } };
}

function cronJob(name: string, schedule: string, values: Record<string, string>): KubernetesObject {
  const template = { spec: { containers: [{ name: 'main', image: 'test/once', env: env(values) }] } };
  return { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name, namespace: 'demo' }, spec: { schedule, timeZone: 'Asia/Jakarta', jobTemplate: { spec: { template } } } };
}

let cluster: LocalCluster;
const lines: PodLine[] = [];
const podsOf = (name: string): LocalPod[] => cluster.pods().filter((pod) => pod.deployment === `demo/${name}`);
const living = (name: string): LocalPod[] => podsOf(name).filter((pod) => !pod.stopping);
const readyOf = (name: string): number => living(name).filter((pod) => pod.ready).length;
const statusOf = (name: string, field: string): number | undefined => numberAt(cluster.get(deploymentKind, { namespace: 'demo', name }), 'status', field);
/** Whether the status speaks of the spec as it is now. */
const seen = (name: string): boolean => statusOf(name, 'observedGeneration') === cluster.get(deploymentKind, { namespace: 'demo', name })?.metadata.generation;
const envOf = async (pod: LocalPod | undefined): Promise<unknown> => (await fetch(`http://127.0.0.1:${pod?.adminPort}/env`)).json();

beforeAll(async () => {
  cluster = await startLocalCluster({
    kinds: [],
    images: { 'test/serve': image('serve.ts'), 'test/once': image('once.ts') },
    env: { PATH: process.env['PATH'] ?? '' },
    onLine: (line) => lines.push(line),
  });
  cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } }]);
});

afterAll(async () => {
  await cluster?.stop();
});

describe('deployments as processes', () => {
  it('runs as many as replicas says, each with a name of its own, and reports them', async () => {
    cluster.applyObjects([deployment('web', 2, { GREETING: 'selamat pagi' })]);
    await until('two ready', () => statusOf('web', 'readyReplicas') === 2);
    const names = await Promise.all(living('web').map(envOf));
    expect(names).toEqual([expect.objectContaining({ GREETING: 'selamat pagi' }), expect.objectContaining({ GREETING: 'selamat pagi' })]);
    expect(new Set(names.map((each) => stringAt(each, 'POD_NAME'))).size).toBe(2);
  });

  it('does not pass on what the launcher has in its own environment', async () => {
    expect(await envOf(living('web')[0])).not.toHaveProperty('VITEST');
  });

  it('starts a killed process again under a new name, and counts it', async () => {
    const [victim] = living('web');
    const before = stringAt(await envOf(victim), 'POD_NAME');
    expect(cluster.killPod(victim?.name ?? '', 'SIGKILL')).toBe(true);
    const again = await until('a restart', () => living('web').find((pod) => pod.name === victim?.name && pod.restarts === 1 && pod.ready));
    expect(again.pid).not.toBe(victim?.pid);
    expect(stringAt(await envOf(again), 'POD_NAME')).not.toBe(before);
  });

  it('rolls a changed template one at a time, never with fewer ready than asked for', async () => {
    const old = living('web').map((pod) => pod.pid);
    let fewest = Number.POSITIVE_INFINITY;
    let most = 0;
    cluster.applyObjects([deployment('web', 2, { GREETING: 'selamat malam', READY_AFTER_MS: '150' })]);
    await until('the new template', () => {
      fewest = Math.min(fewest, readyOf('web'));
      most = Math.max(most, living('web').length);
      return seen('web') && statusOf('web', 'updatedReplicas') === 2 && readyOf('web') === 2 && podsOf('web').length === 2;
    });
    expect(living('web').map((pod) => pod.pid).filter((pid) => old.includes(pid))).toEqual([]);
    expect(fewest).toBeGreaterThanOrEqual(2);
    expect(most).toBe(3);
  });

  it('scales up and down without touching those that stay', async () => {
    const before = living('web').map((pod) => pod.pid);
    cluster.applyObjects([deployment('web', 3, { GREETING: 'selamat malam', READY_AFTER_MS: '150' })]);
    await until('three ready', () => statusOf('web', 'readyReplicas') === 3);
    cluster.applyObjects([deployment('web', 2, { GREETING: 'selamat malam', READY_AFTER_MS: '150' })]);
    await until('two left', () => seen('web') && podsOf('web').length === 2);
    expect(living('web').map((pod) => pod.pid)).toEqual(before);
  });

  it('kills a process that ignores SIGTERM after its grace period', async () => {
    cluster.applyObjects([deployment('stubborn', 1, { LINGER: 'true' }, 1)]);
    await until('it is ready', () => readyOf('stubborn') === 1);
    const pid = living('stubborn')[0]?.pid;
    cluster.deleteObject(deploymentKind, { namespace: 'demo', name: 'stubborn' });
    await until('it is gone', () => podsOf('stubborn').length === 0);
    expect(gone(pid)).toBe(true);
  });

  it('waits for a secret that is missing, says so, and starts when it comes', async () => {
    const needy = deployment('needy', 1, {});
    const spec = structuredClone(needy.spec);
    Object.assign(Object(spec).template.spec.containers[0], { envFrom: [{ secretRef: { name: 'late' } }] });
    cluster.applyObjects([{ ...needy, spec }]);
    await until('the reason', () => lines.some((each) => each.line === 'The secret demo/late does not exist.'));
    expect(statusOf('needy', 'readyReplicas')).toBe(0);
    cluster.applyObjects([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'late', namespace: 'demo' }, stringData: { CAME: 'late' } }]);
    await until('it is ready', () => readyOf('needy') === 1);
    expect(await envOf(living('needy')[0])).toMatchObject({ CAME: 'late' });
    cluster.deleteObject(deploymentKind, { namespace: 'demo', name: 'needy' });
  });
});

describe('cron jobs', () => {
  it('runs one on its schedule and one on request, and keeps the times', async () => {
    cluster.applyObjects([cronJob('often', '* * * * * *', { WHAT: 'often' }), cronJob('nightly', '0 2 * * *', { WHAT: 'nightly' })]);
    await until('a run by schedule', () => lines.some((each) => each.line.startsWith('ran often')));
    cluster.deleteObject(cronJobKind, { namespace: 'demo', name: 'often' });
    expect(await cluster.runCronJobNow('demo', 'nightly')).toBe(0);
    expect(lines.some((each) => each.line.startsWith('ran nightly as nightly-'))).toBe(true);
    expect(stringAt(cluster.get(cronJobKind, { namespace: 'demo', name: 'nightly' }), 'status', 'lastSuccessfulTime')).toMatch(/^\d{4}-/);
  });

  it('reports the code of a run that failed, and keeps the last success', async () => {
    const before = stringAt(cluster.get(cronJobKind, { namespace: 'demo', name: 'nightly' }), 'status', 'lastSuccessfulTime');
    cluster.applyObjects([cronJob('nightly', '0 2 * * *', { WHAT: 'nightly', EXIT_CODE: '3' })]);
    expect(await cluster.runCronJobNow('demo', 'nightly')).toBe(3);
    expect(stringAt(cluster.get(cronJobKind, { namespace: 'demo', name: 'nightly' }), 'status', 'lastSuccessfulTime')).toBe(before);
  });

  it('refuses a schedule that cannot be read', () => {
    expect(() => cluster.applyObjects([cronJob('wrong', '99 99 * * *', {})])).toThrow('spec.schedule "99 99 * * *"');
  });
});

describe('a folder of manifests', () => {
  it('is applied, followed, and survives an editor that empties a file before it writes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'csms-manifests-'));
    const removed: string[] = [];
    const faults: string[] = [];
    const namespace = (name: string, label: string): string => `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${name}\n  labels: { v: "${label}" }\n`;
    await writeFile(join(folder, 'a.yaml'), `${namespace('one', '1')}---\n${namespace('two', '1')}`);
    const label = (name: string): string | undefined => cluster.get(namespaceKind, { name })?.metadata.labels?.['v'];
    const end = await watchFolder({
      folder,
      apply: (object) => cluster.applyObjects([object]),
      remove: (object) => {
        removed.push(object.metadata.name);
        cluster.deleteObject(namespaceKind, object.metadata);
      },
      onFault: (error) => faults.push(error.message),
    });
    expect([label('one'), label('two')]).toEqual(['1', '1']);
    await writeFile(join(folder, 'a.yaml'), '');
    await writeFile(join(folder, 'a.yaml'), `${namespace('one', '2')}---\n${namespace('two', '2')}`);
    await until('the edit', () => label('one') === '2' && label('two') === '2');
    expect(removed).toEqual([]);
    await writeFile(join(folder, 'a.yaml'), 'kind: [');
    await until('the fault', () => faults.length === 1);
    expect(faults[0]).toMatch(/a\.yaml, line 1: is not YAML/);
    expect(label('one')).toBe('2');
    await writeFile(join(folder, 'next'), namespace('two', '3'));
    await rename(join(folder, 'next'), join(folder, 'a.yaml'));
    await until('the lost document is deleted', () => removed.length === 1);
    await until('the other is edited', () => label('two') === '3');
    expect(removed).toEqual(['one']);
    end();
    await rm(folder, { recursive: true });
  });

  it('with a broken file at the start is one sentence, and nothing is applied', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'csms-manifests-'));
    await writeFile(join(folder, 'good.yaml'), 'apiVersion: v1\nkind: Namespace\nmetadata: { name: never }\n');
    await writeFile(join(folder, 'wrong.yaml'), '# a comment\nkind: Namespace\nmetadata:\n  name: x\n');
    const start = watchFolder({ folder, apply: (object) => cluster.applyObjects([object]), remove: () => undefined, onFault: () => undefined });
    await expect(start).rejects.toThrow(`${join(folder, 'wrong.yaml')}, line 2: is not an object with apiVersion, kind and metadata.name.`);
    expect(cluster.get(namespaceKind, { name: 'never' })).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});

describe('the end', () => {
  it('stop ends every process, also one that ignores SIGTERM', async () => {
    cluster.applyObjects([deployment('stubborn', 1, { LINGER: 'true' }, 600)]);
    await until('it is ready', () => readyOf('stubborn') === 1);
    const pids = cluster.pods().map((pod) => pod.pid);
    expect(pids.length).toBeGreaterThan(2);
    await cluster.stop();
    expect(pids.filter((pid) => !gone(pid))).toEqual([]);
  });

  it('a launcher that was killed leaves no process behind', async () => {
    const script = `
      const { startLocalCluster } = await import('@csms/kube/local-cluster/index');
      const cluster = await startLocalCluster({ kinds: [], images: { 'test/serve': ${JSON.stringify(image('serve.ts'))} }, env: { PATH: process.env.PATH } });
      cluster.applyObjects([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } }, ${JSON.stringify(deployment('web', 1, {}))}]);
      setInterval(() => { const [pod] = cluster.pods(); if (pod?.ready) console.log(pod.pid); }, 50);`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => launcher.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString().trim().split('\n')[0]))));
    expect(gone(pid)).toBe(false);
    launcher.kill('SIGKILL');
    await until('the orphan has ended', () => gone(pid));
  });
});
