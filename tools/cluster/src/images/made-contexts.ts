import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findGo } from '../binaries.ts';
import { runCommand } from '../run-command.ts';
import { logged } from './buildah.ts';
import type { Image } from './image-list.ts';
import { pins, rootDir } from './pins.ts';

/** Lays into a context what an image needs and no repository holds. */
type Maker = (context: string, logFile: string) => Promise<void>;

const makers: Record<string, Maker> = {
  debian: async (context, logFile) => {
    const root = join(context, 'root');
    await logged('debootstrap', ['--variant=minbase', '--include=ca-certificates,tzdata,libstdc++6', pins.debian, root], logFile);
    // The mirror that debootstrap knows has the updates beside it.
    const sources = join(root, 'etc/apt/sources.list');
    const mirror = /^deb (\S+)\/debian /m.exec(await readFile(sources, 'utf8'))?.[1];
    if (mirror === undefined) throw new Error(`There is no mirror in ${sources}.`);
    await writeFile(sources, [`/debian ${pins.debian}`, `/debian ${pins.debian}-updates`, `/debian-security ${pins.debian}-security`].map((each) => `deb ${mirror}${each} main\n`).join(''));
    await runCommand('chroot', [root, 'sh', '-c', 'apt-get update -qq && apt-get upgrade -qq -y --no-install-recommends && apt-get clean'], { timeoutMs: 600_000, env: { DEBIAN_FRONTEND: 'noninteractive' } });
    const useless = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'var/cache/apt', 'var/lib/apt/lists', 'var/log', 'etc/resolv.conf', 'etc/hostname'];
    for (const path of useless) await rm(join(root, path), { recursive: true, force: true });
    for (const path of ['var/cache/apt/archives/partial', 'var/lib/apt/lists/partial', 'var/log/apt']) await mkdir(join(root, path), { recursive: true });
    await runCommand('tar', ['-C', root, '--numeric-owner', '-cf', join(context, 'root.tar'), '.'], { timeoutMs: 120_000 });
    await rm(root, { recursive: true, force: true });
  },
  node: async (context) => {
    await cp(join(rootDir, 'node_modules/node/bin/node'), join(context, 'node'));
    const version = (await runCommand(join(context, 'node'), ['--version'])).trim();
    if (version !== `v${pins.node}`) throw new Error(`node_modules holds Node.js ${version}, and package.json wants ${pins.node}: npm ci`);
    const archive = (await runCommand('npm', ['pack', `npm@${pins.npm}`, '--silent', '--pack-destination', context], { timeoutMs: 120_000 })).trim();
    await mkdir(join(context, 'npm'), { recursive: true });
    await runCommand('tar', ['-xzf', join(context, archive), '--strip-components=1', '-C', join(context, 'npm')]);
  },
  keycloak: async (context, logFile) => {
    const artifact = `org.keycloak:keycloak-quarkus-dist:${pins.keycloak}:zip`;
    await logged('mvn', ['--batch-mode', '--quiet', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${context}`, '-Dmdep.stripVersion=true'], logFile, { cwd: context });
    await rename(join(context, 'keycloak-quarkus-dist.zip'), join(context, 'keycloak.zip'));
  },
  logs: async (context, logFile) => {
    const go = (await findGo()) ?? 'go';
    const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false' };
    const args = ['build', '-trimpath', '-ldflags', '-s -w', '-o', join(context, 'victoria-logs'), 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs'];
    await mkdir(join(context, 'module'), { recursive: true });
    for (const file of ['go.mod', 'go.sum']) await cp(join(context, 'victoria-logs', file), join(context, 'module', file));
    await rm(join(context, 'victoria-logs'), { recursive: true });
    await logged(go, args, logFile, { cwd: join(context, 'module'), env });
  },
};

/**
 * The folder that an image is built from: the repository for ours, else a fresh one with what is made on the machine. `use` gets it; it is gone afterwards.
 */
export async function withContext<T>(image: Image, folder: string, logFile: string, use: (context: string) => Promise<T>): Promise<T> {
  if (image.kind === 'own') return use(image.source);
  const context = join(folder, `context-${image.name}`);
  await rm(context, { recursive: true, force: true });
  try {
    await cp(image.source, context, { recursive: true });
    await makers[image.name]?.(context, logFile);
    return await use(context);
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}
