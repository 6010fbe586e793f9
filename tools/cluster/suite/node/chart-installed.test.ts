import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { secretKind, type KubernetesObject } from '@csms/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { openTestCluster, rootDir, type TestCluster } from '../test-cluster.ts';
import { releaseBefore } from './platform/renewal.ts';

/** Kinds of others that the cluster need not serve. */
const ofOthers = /^(cert-manager\.io|gateway\.networking\.k8s\.io)\//;
const chart = join(rootDir, 'charts/csms');
const configurations = readdirSync(join(chart, 'ci')).filter((file) => file.endsWith('-values.yaml')).map((file) => ({ file }));
const execute = promisify(execFile);
const Typed = z.looseObject({ apiVersion: z.string(), metadata: z.looseObject({ namespace: z.string().optional() }) });

let cluster: TestCluster;
let namespace: string;
let folder: string;
const namespacesMade: string[] = [];
beforeAll(async () => {
  cluster = await openTestCluster();
  namespace = await cluster.namespace('chart');
  folder = await mkdtemp(join(tmpdir(), 'csms-chart-'));
});
afterAll(async () => {
  await helm('uninstall', 'csms').catch(() => undefined);
  for (const name of namespacesMade) await cluster.kubectl('delete', 'namespace', name, '--wait=false');
  await rm(folder, { recursive: true, force: true });
  await cluster?.close();
});

const helm = async (...args: string[]): Promise<string> => (await execute('helm', [...args, '--namespace', namespace], { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, timeout: 90_000, maxBuffer: 64 * 1024 * 1024 })).stdout;

/** No process runs in this installation, and an API that is registered and away would keep namespaces from being deleted. */
const withoutMetricsApi = ['--set', 'metricsApi.enabled=false'];

/** The Secrets of the installation by name, each as a digest: none is printed. */
async function secrets(): Promise<Record<string, string>> {
  const { items } = await cluster.client.list(secretKind, { namespace });
  return digests(items);
}

function digests(items: KubernetesObject[]): Record<string, string> {
  const own = items.filter((secret) => !String(secret['type']).startsWith('helm.sh/'));
  return Object.fromEntries(own.map((secret) => [secret.metadata.name, createHash('sha256').update(JSON.stringify(secret['data'])).digest('hex')]));
}

/** Namespaces that a configuration names and that are its operator's to know, not the chart's to make. */
async function namespacesOf(objects: unknown[]): Promise<void> {
  const named = new Set(objects.flatMap((object) => Typed.parse(object).metadata.namespace ?? []));
  for (const name of named) {
    if (name === namespace || (await cluster.kubectl('get', 'namespace', name, '--ignore-not-found', '-o', 'name')) !== '') continue;
    await cluster.kubectl('create', 'namespace', name);
    namespacesMade.push(name);
  }
}

describe.each(configurations)('ci/$file', ({ file }) => {
  it('O-56 every object passes a server-side dry run in a namespace of restricted Pod Security', async () => {
    const text = await helm('template', 'csms', chart, '--no-hooks', '--values', join(chart, 'ci', file));
    // As Helm reads it: 0555 is octal there.
    const objects = parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as unknown).filter((object) => object !== null && !ofOthers.test(Typed.parse(object).apiVersion));
    await namespacesOf(objects);
    const rendered = join(folder, `${file}.json`);
    await writeFile(rendered, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    const { stdout, stderr } = await execute('kubectl', ['apply', '--server-side', '--dry-run=server', '--filename', rendered], { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, timeout: 60_000 });
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });
});

it('O-59 Secrets are made once: an upgrade, a rollback and a second installation after an uninstall keep them; CRD and claims stay', async () => {
  await helm('install', 'csms', chart, ...withoutMetricsApi);
  const made = await secrets();
  expect(Object.keys(made)).toEqual(expect.arrayContaining(['csms-database', 'csms-database-admin', 'csms-bus', 'csms-gateway', 'csms-dashboard', 'csms-operator', 'csms-authority', 'csms-gateway-tls']));
  expect(new Set(Object.values(made)).size).toBe(Object.keys(made).length);
  const printed = await helm('upgrade', 'csms', chart, '--set', 'logLevel=debug', ...withoutMetricsApi);
  expect(await secrets()).toEqual(made);
  expect(printed).not.toMatch(/postgres:\/\/|PRIVATE KEY|PASSWORD/);
  await helm('rollback', 'csms', '1');
  expect(await secrets()).toEqual(made);
  await helm('uninstall', 'csms');
  expect(await secrets()).toEqual(made);
  expect(await cluster.kubectl('get', 'crd', 'chargingsites.csms.charge-it.io', '-o', 'name')).toContain('chargingsites');
  expect((await cluster.kubectl('-n', namespace, 'get', 'pvc', '-o', 'name')).trim().split('\n')).toEqual(expect.arrayContaining(['persistentvolumeclaim/data-csms-postgres-0', 'persistentvolumeclaim/csms-files', 'persistentvolumeclaim/csms-backup']));
  await helm('install', 'csms', chart, ...withoutMetricsApi);
  expect(await secrets()).toEqual(made);
});

it('O-59 the upgrade from the packaged chart of the release before changes no Secret that it made, adds what is new, and goes back', async () => {
  const before = releaseBefore();
  const other = await cluster.namespace('chart-before');
  const there = async (...args: string[]): Promise<string> => (await execute('helm', [...args, '--namespace', other], { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, timeout: 90_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
  const secretsThere = async (): Promise<Record<string, string>> => digests((await cluster.client.list(secretKind, { namespace: other })).items);
  await there('install', 'csms', before.chart, '--skip-crds', ...before.values);
  const made = await secretsThere();
  await cluster.kubectl('apply', '--server-side', '--force-conflicts', '--field-manager=helm', '--filename', join(chart, 'crds'));
  await there('upgrade', 'csms', chart);
  const kept = await secretsThere();
  for (const [name, digest] of Object.entries(made)) expect(kept[name], name).toBe(digest);
  expect(await there('list', '-o', 'json')).not.toContain(`csms-${before.version}`);
  await there('rollback', 'csms', '1');
  expect(await there('list', '-o', 'json')).toContain(`csms-${before.version}`);
  await there('uninstall', 'csms');
});

it('the commands that Helm prints make a site', async () => {
  const notes = await helm('get', 'notes', 'csms');
  const commands = notes.slice(notes.indexOf('kubectl create namespace demo'), notes.indexOf('kubectl --namespace demo wait'));
  expect(commands).toContain('kind: ChargingSite');
  const tenant = `${namespace}-demo`;
  await execute('sh', ['-c', commands.replaceAll('namespace demo', `namespace ${tenant}`).replaceAll('namespace: demo', `namespace: ${tenant}`)], { env: { ...process.env, KUBECONFIG: cluster.kubeconfig }, timeout: 60_000 });
  expect(await cluster.kubectl('-n', tenant, 'get', 'chargingsites', '-o', 'name')).toContain('bandung-01');
  await cluster.kubectl('delete', 'namespace', tenant, '--wait=false');
});

it('K-03 the operator’s account makes the Secrets that the platform names and no others, lists none and opens no shell', async () => {
  const as = `--as=system:serviceaccount:${namespace}:csms-operator`;
  const make = async (name: string): Promise<string> => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace } }));
    return cluster.kubectl('apply', '--server-side', '--force-conflicts', '--field-manager=csms-operator', '--dry-run=server', as, '--filename', file);
  };
  await expect(make('csms-database')).resolves.toContain('serverside-applied');
  await expect(make('somebody-elses')).rejects.toThrow('forbidden');
  await expect(cluster.kubectl('get', 'secrets', '--all-namespaces', as)).rejects.toThrow('forbidden');
  for (const right of [['create', 'pods/exec'], ['escalate', 'roles'], ['get', 'nodes'], ['create', 'pods']]) await expect(cluster.kubectl('auth', 'can-i', ...right, '--namespace', namespace, as), right.join(' ')).rejects.toThrow();
});
