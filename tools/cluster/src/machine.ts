import { mkdir, mkdtemp, rm, rmdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, tryCommand } from './run-command.ts';

/**
 * Why this machine cannot hold a cluster of our own, or undefined: each of the kernel's parts that a cluster stands on is tried once, for itself.
 * So a cluster that does not boot where all of these work is a fault of ours, and not of the machine.
 */
export async function whyNotHere(level: 'control-plane' | 'node'): Promise<string | undefined> {
  const probes: [what: string, probe: (id: string) => Promise<void>][] = [
    ['network namespaces with a bridge in them', probeNamespace],
    ...(level === 'node' ? [['overlay mounts', probeOverlay], ['cgroups', probeCgroups], ['nftables', probeNft]] as [string, (id: string) => Promise<void>][] : []),
  ];
  for (const [what, probe] of probes) {
    try {
      await probe(`csms-probe-${process.pid}`);
    } catch (error) {
      return `this machine does not offer ${what}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
    }
  }
  return undefined;
}

async function probeNamespace(id: string): Promise<void> {
  await runCommand('ip', ['netns', 'add', id]);
  try {
    await runCommand('ip', ['netns', 'exec', id, 'ip', 'link', 'add', 'probe0', 'type', 'bridge']);
  } finally {
    await tryCommand('ip', ['netns', 'del', id]);
  }
}

async function probeNft(id: string): Promise<void> {
  await runCommand('ip', ['netns', 'add', id]);
  try {
    await runCommand('ip', ['netns', 'exec', id, 'nft', 'add', 'table', 'ip', 'probe']);
  } finally {
    await tryCommand('ip', ['netns', 'del', id]);
  }
}

async function probeOverlay(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'csms-overlay-'));
  try {
    for (const each of ['lower', 'upper', 'work', 'merged']) await mkdir(join(folder, each));
    await runCommand('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${folder}/lower,upperdir=${folder}/upper,workdir=${folder}/work`, join(folder, 'merged')]);
    await runCommand('umount', [join(folder, 'merged')]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function probeCgroups(id: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const entries = await readdir(root, { withFileTypes: true });
  const parents = entries.some(({ name }) => name === 'cgroup.controllers') ? [root] : ['memory', 'pids', 'cpu'].map((name) => join(root, name));
  for (const parent of parents) {
    await mkdir(join(parent, id));
    await rmdir(join(parent, id));
  }
}
