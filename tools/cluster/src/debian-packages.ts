import { access } from 'node:fs/promises';
import { runCommand } from './run-command.ts';

/** Programs that a node needs, and the Debian package of each. */
const programs: Record<string, string> = {
  '/usr/bin/containerd': 'containerd', '/usr/sbin/runc': 'runc', '/usr/lib/cni/ptp': 'containernetworking-plugins', '/usr/sbin/nft': 'nftables',
};

/** Why this machine cannot have a node, or undefined: what a node needs is not there and cannot be installed. */
export async function whyNoNode(): Promise<string | undefined> {
  const missing = await missingPackages();
  if (missing.length === 0 || (await exists('/usr/bin/apt-get'))) return undefined;
  return `${missing.join(', ')} of Debian would be needed, and there is no apt-get`;
}

const exists = (file: string): Promise<boolean> => access(file).then(() => true, () => false);

async function missingPackages(): Promise<string[]> {
  const present = await Promise.all(Object.keys(programs).map(exists));
  return Object.values(programs).filter((_, index) => !present[index]);
}

/** Installs what a node needs and the machine lacks. They are never removed again: others may hang on them. */
export async function installDebianPackages(say: (line: string) => void): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  say(`installing ${missing.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { timeoutMs: 180_000, env });
  // A service that a package would start of itself has no business here: ours run beside it, with their own sockets.
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { timeoutMs: 600_000, env });
}
