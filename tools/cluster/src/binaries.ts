import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { access, mkdir, readFile, readdir, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Level } from './place.ts';

const sources = join(import.meta.dirname, '../go');
const kubernetes = { version: 'v1.34.4', major: '1', minor: '34' };
const helmVersion = 'v4.0.4';

/** What each level builds, and under which further names a binary is called. */
const groups: Record<Level, { packages: string[]; names: Record<string, string> }> = {
  'control-plane': {
    packages: ['./etcd', './control', './kwok'],
    names: { 'kube-apiserver': 'control', 'kube-controller-manager': 'control', 'kube-scheduler': 'control', kubectl: 'control' },
  },
  node: { packages: ['./kube-node', './coredns', './pause', 'helm.sh/helm/v4/cmd/helm'], names: { kubelet: 'kube-node', 'kube-proxy': 'kube-node' } },
};

/** Where the binaries of a level are; `kubectl` and what else is called by name lies there as a link. */
export interface Binaries { folders: string[]; of(name: string): string }

/**
 * The binaries of a level, built where they are not yet in the cache (kept by a hash of all they are made of).
 * `say` gets a line for what takes long; `signal` ends a build, and what was compiled stays in Go's own cache. Throws with the compiler's last words.
 */
export async function buildBinaries(level: Level, cacheDir: string, say: (line: string) => void, signal?: AbortSignal): Promise<Binaries> {
  const folders: string[] = [];
  for (const group of level === 'node' ? (['control-plane', 'node'] as const) : (['control-plane'] as const)) folders.push(await buildGroup(group, join(cacheDir, 'cluster'), say, signal));
  return binariesIn(folders);
}

/** What lies in folders that were built. */
export function binariesIn(folders: string[]): Binaries {
  return {
    folders,
    of: (name) => {
      const path = folders.map((folder) => join(folder, name)).find((each) => existsSync(each));
      if (path === undefined) throw new Error(`There is no binary ${name} at this level.`);
      return path;
    },
  };
}

async function buildGroup(group: Level, cacheDir: string, say: (line: string) => void, signal: AbortSignal | undefined): Promise<string> {
  const go = await findGo();
  if (go === undefined) throw new Error(await whyNoBuild());
  const { packages, names } = groups[group];
  const hash = createHash('sha256').update(`${await goVersion(go)}\n${linkerFlags()}\n${packages.join(' ')}\n`);
  for (const file of ['go.mod', 'go.sum', ...packages.filter((each) => each.startsWith('./')).map((each) => join(each, 'main.go'))]) hash.update(await readFile(join(sources, file)));
  const folder = join(cacheDir, `${group}-${hash.digest('hex').slice(0, 16)}`);
  if (await access(folder).then(() => true, () => false)) return folder;

  say(`building what the level ${group} needs (once; minutes)`);
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await compile(go, packages, partial, join(cacheDir, `build-${group}.log`), signal);
    for (const [name, target] of Object.entries(names)) await symlink(target, join(partial, name));
    // Somebody else may have been faster: what they made is the same.
    await rename(partial, folder).catch(async (error: NodeJS.ErrnoException) => { if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  await dropOlder(cacheDir, group, folder);
  return folder;
}

/** Older builds of a group go, but for those that a cluster runs from. */
async function dropOlder(cacheDir: string, group: Level, newest: string): Promise<void> {
  const states = await Promise.all((await readdir(join(cacheDir, 'up')).catch((): string[] => [])).map((name) => readFile(join(cacheDir, 'up', name, 'state.json'), 'utf8').catch(() => '')));
  for (const name of await readdir(cacheDir)) {
    const folder = join(cacheDir, name);
    if (name.startsWith(`${group}-`) && /-[0-9a-f]{16}$/.test(name) && folder !== newest && !states.some((state) => state.includes(folder))) await rm(folder, { recursive: true, force: true });
  }
}

function linkerFlags(): string {
  const set = (name: string, value: string): string => `-X ${name}=${value}`;
  const versions = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((place) => [
    set(`${place}.gitVersion`, kubernetes.version), set(`${place}.gitMajor`, kubernetes.major), set(`${place}.gitMinor`, kubernetes.minor),
    set(`${place}.gitTreeState`, 'clean'), set(`${place}.buildDate`, '2026-01-01T00:00:00Z'),
  ]);
  // Without these `helm template` of a chart with a kubeVersion believes in Kubernetes 1.20.
  const helm = ['helm.sh/helm/v4/pkg/chart/common', 'helm.sh/helm/v4/pkg/chart/v2/lint/rules'].flatMap((place) => [
    set(`${place}.k8sVersionMajor`, kubernetes.major), set(`${place}.k8sVersionMinor`, kubernetes.minor),
  ]);
  return ['-s', '-w', ...versions, ...helm, set('helm.sh/helm/v4/internal/version.version', helmVersion),
    set('helm.sh/helm/v4/internal/version.kubeClientVersionMajor', kubernetes.major), set('helm.sh/helm/v4/internal/version.kubeClientVersionMinor', kubernetes.minor)].join(' ');
}

/** One go command for all packages: both cores stay busy, and what they share is compiled once. */
async function compile(go: string, packages: string[], into: string, logFile: string, signal: AbortSignal | undefined): Promise<void> {
  const log = createWriteStream(logFile);
  const lastLines: string[] = [];
  const child = spawn(go, ['build', '-trimpath', '-gcflags=all=-dwarf=false', '-ldflags', linkerFlags(), '-o', `${into}/`, ...packages], {
    cwd: sources, stdio: ['ignore', 'ignore', 'pipe'], ...(signal === undefined ? {} : { signal }), env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false' },
  });
  child.stderr.on('data', (chunk: Buffer) => {
    log.write(chunk);
    lastLines.push(...chunk.toString('utf8').split('\n').filter((line) => line !== '' && !line.startsWith('go: downloading')));
    lastLines.splice(0, Math.max(0, lastLines.length - 8));
  });
  const code = await new Promise<number | null>((resolve, reject) => { child.once('error', reject); child.once('close', resolve); });
  log.end();
  if (code !== 0) throw new Error(`go build ended with ${String(code)}: ${lastLines.join(' | ')} (all of it: ${logFile})`);
}

/** Why nothing can be built here, or undefined. */
export async function whyNoBuild(): Promise<string | undefined> {
  return (await findGo()) === undefined ? 'the Go toolchain is needed to build a cluster: neither on PATH nor in /usr/local/go' : undefined;
}

/** The Go compiler, on PATH or where its archive puts it. */
export async function findGo(): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/go/bin']) {
    const go = join(folder, 'go');
    if (folder !== '' && (await access(go).then(() => true, () => false))) return go;
  }
  return undefined;
}

async function goVersion(go: string): Promise<string> {
  const child = spawn(go, ['env', 'GOVERSION'], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, GOTOOLCHAIN: 'local' } });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString('utf8'); });
  await new Promise((resolve, reject) => { child.once('error', reject); child.once('close', resolve); });
  return text.trim();
}
