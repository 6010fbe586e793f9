import { access } from 'node:fs/promises';
import { runCommand } from './run-command.ts';

/** Programs that a node needs, and the Debian package of each. */
const programs: Record<string, string> = {
  '/usr/bin/containerd': 'containerd', '/usr/sbin/runc': 'runc', '/usr/lib/cni/ptp': 'containernetworking-plugins', '/usr/sbin/nft': 'nftables',
};

/** Installs what a node needs and the machine lacks. They are never removed again: others may hang on them. */
export async function installDebianPackages(say: (line: string) => void): Promise<void> {
  const missing: string[] = [];
  for (const [file, name] of Object.entries(programs)) if (!(await access(file).then(() => true, () => false))) missing.push(name);
  if (missing.length === 0) return;
  say(`installing ${missing.join(', ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { timeoutMs: 180_000, env });
  // A service that a package would start of itself has no business here: ours run beside it, with their own sockets.
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { timeoutMs: 600_000, env });
}
