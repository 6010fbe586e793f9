import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { ownTrust } from './own-trust.ts';

/** buildah with a store of its own: no daemon, no registry, steps run in a chroot. */
export interface Buildah {
  /** Runs a verb and gives its output. */
  run(args: string[], timeoutMs?: number): Promise<string>;
  build(order: BuildOrder): Promise<void>;
}

export interface BuildOrder {
  context: string;
  dockerfile: string;
  target: string;
  tag: string;
  args: Record<string, string>;
  log: string;
}

const buildLimitMs = 1_200_000;

/** Opens the store under the folder of images. */
export async function openBuildah(folder: string): Promise<Buildah> {
  const npmCache = join(folder, 'npm');
  await mkdir(npmCache, { recursive: true });
  const store = ['--root', join(folder, 'store'), '--runroot', '/run/csms-images', '--storage-driver', 'overlay'];
  // What is mounted is there while a step runs and in no layer: the machine's trust and the packages that npm has fetched before.
  const trust = await ownTrust();
  const npmrc = join(folder, 'npmrc');
  await writeFile(npmrc, trust.npmrc, { mode: 0o600 });
  const mounts = [`${npmrc}:/root/.npmrc:ro`, `${npmCache}:/root/.npm`, ...(trust.certificates === undefined ? [] : [`${trust.certificates}:${trust.inside}:ro`])];
  const run = (args: string[], timeoutMs = 60_000): Promise<string> => runCommand('buildah', [...store, ...args], { timeoutMs });
  return {
    run,
    build: async ({ context, dockerfile, target, tag, args, log }) => {
      const parameters = [
        ...store, 'bud', '--isolation', 'chroot', '--format', 'docker', '--layers', '--pull=never', '--file', dockerfile, '--target', target, '--tag', tag,
        ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]), ...mounts.flatMap((mount) => ['--volume', mount]), context,
      ];
      await logged('buildah', parameters, log);
    },
  };
}

/** Runs a program whose output is long: it goes to a file, and its last lines into the error. */
export async function logged(program: string, args: string[], logFile: string, options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Promise<void> {
  const log = createWriteStream(logFile);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: buildLimitMs, ...options });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log.write(chunk);
      last.push(...chunk.toString('utf8').split('\n').filter((line) => line.trim() !== ''));
      last.splice(0, Math.max(0, last.length - 8));
    });
  }
  const code = await new Promise<number | string>((resolve, reject) => { child.once('error', reject); child.once('close', (status, signal) => resolve(status ?? signal ?? 'a signal')); });
  log.end();
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${last.join(' | ')} (all of it: ${logFile})`);
}
