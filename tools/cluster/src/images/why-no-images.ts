import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { loadConfig } from '@csms/kit';
import { z } from 'zod';
import { findGo } from '../binaries.ts';
import { runCommand } from '../run-command.ts';

/** Programs that a build of images needs, and the Debian package of each. */
const programs: Record<string, string> = { buildah: 'buildah', debootstrap: 'debootstrap', flock: 'util-linux', npm: 'npm', mvn: 'maven' };

async function missing(): Promise<string[]> {
  const { PATH } = loadConfig({ PATH: z.string().default('') });
  const folders = [...PATH.split(delimiter), '/usr/sbin'].filter((folder) => folder !== '');
  const found = async (program: string): Promise<boolean> => (await Promise.all(folders.map((folder) => access(join(folder, program)).then(() => true, () => false)))).includes(true);
  const states = await Promise.all(Object.keys(programs).map(found));
  return Object.values(programs).filter((_, index) => states[index] !== true);
}

/** Why no image can be built on this machine, or undefined. */
export async function whyNoImages(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'images are built on Linux';
  if (process.getuid?.() !== 0) return 'a chroot and overlay mounts need root';
  if ((await findGo()) === undefined) return 'the Go toolchain is needed for the image of the log store: neither on PATH nor in /usr/local/go';
  const lacking = await missing();
  if (lacking.length === 0 || (await access('/usr/bin/apt-get').then(() => true, () => false))) return undefined;
  return `${lacking.join(', ')} would be needed, and there is no apt-get`;
}

/** Installs what is missing. */
export async function installBuildPrograms(say: (line: string) => void): Promise<void> {
  const lacking = await missing();
  if (lacking.length === 0) return;
  say(`installing ${lacking.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { timeoutMs: 180_000, env });
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...lacking], { timeoutMs: 600_000, env });
}
