import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Binaries } from './binaries.ts';
import { pauseImage, writePauseImage } from './pause-image.ts';
import { addresses, type Place } from './place.ts';
import type { Processes } from './processes.ts';
import { runCommand, tryCommand } from './run-command.ts';

export const containerdSocket = (place: Place): string => join(place.runFolder, 'containerd.sock');

/** Starts a containerd of the cluster's own (nothing is shared with one of the machine) and gives it the image that pods are held by. */
export async function startContainerd(place: Place, binaries: Binaries, processes: Processes): Promise<void> {
  const cni = join(place.folder, 'cni');
  await mkdir(cni, { recursive: true });
  await writeFile(join(cni, '10-csms.conflist'), JSON.stringify(cniConfig(place)));
  const config = join(place.folder, 'containerd.toml');
  await writeFile(config, containerdConfig(place, cni));
  await processes.start('containerd', ['containerd', '--config', config]);
  await processes.until('containerd', async () => (await tryCommand('ctr', ['-a', containerdSocket(place), 'version'])) !== undefined);
  await importImage(place, await writePauseImage(binaries.of('pause'), place.folder));
}

/** Imports an image archive for pods. There is no registry: an image is in here or nowhere. */
export async function importImage(place: Place, archive: string): Promise<void> {
  await runCommand('ctr', ['-a', containerdSocket(place), '-n', 'k8s.io', 'images', 'import', archive], { timeoutMs: 120_000 });
}

/** Ends every container; each shim ends with its last task. */
export async function endContainers(place: Place): Promise<void> {
  // Without a socket ctr would wait for one.
  if (!(await access(containerdSocket(place)).then(() => true, () => false))) return;
  const ctr = ['-a', containerdSocket(place), '-n', 'k8s.io', '--timeout', '5s'];
  const tasks = (await tryCommand('ctr', [...ctr, 'tasks', 'ls', '-q']))?.split('\n').filter((line) => line !== '') ?? [];
  if (tasks.length > 0) await tryCommand('ctr', [...ctr, 'tasks', 'rm', '-f', ...tasks]);
}

/** Each pod hangs on its own veth and is routed (`ptp`): a pod reaches its own Service, and pods of the same node, without bridge settings of the kernel. */
function cniConfig(place: Place): unknown {
  return {
    cniVersion: '0.4.0', name: 'csms',
    plugins: [{
      type: 'ptp', ipMasq: false, mtu: 1500,
      ipam: { type: 'host-local', dataDir: join(place.runFolder, 'ipam'), ranges: [[{ subnet: addresses.podRange }]], routes: [{ dst: '0.0.0.0/0' }] },
    }],
  };
}

function containerdConfig(place: Place, cniFolder: string): string {
  const quoted = (...parts: string[]): string => JSON.stringify(join(...parts));
  return `version = 2
root = ${quoted(place.folder, 'containerd')}
state = ${quoted(place.runFolder, 'containerd')}
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.aufs"]
[grpc]
  address = ${quoted(containerdSocket(place))}
[plugins."io.containerd.internal.v1.opt"]
  path = ${quoted(place.folder, 'opt')}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  # Every sandbox wants an oom_score_adj that only CAP_SYS_RESOURCE may set; where that is missing, no pod would start.
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
        Root = ${quoted(place.runFolder, 'runc')}
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${quoted(cniFolder)}
`;
}
