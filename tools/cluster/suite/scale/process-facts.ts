import { readFile, readdir, readlink } from 'node:fs/promises';

/** What the kernel says of a process. CPU in seconds since its start, sizes in MB (10^6 bytes). */
export interface ProcessFacts {
  cpuSeconds: number;
  residentMb: number;
  residentMaxMb: number;
  files: number;
}

/** The kernel's clock ticks a second, the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

export async function factsOf(pid: number): Promise<ProcessFacts> {
  const [stat, status, files] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/status`, 'utf8'), readdir(`/proc/${pid}/fd`)]);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    residentMb: (kib('VmRSS') * 1024) / 1e6,
    residentMaxMb: (kib('VmHWM') * 1024) / 1e6,
    files: files.length,
  };
}

/** How many TCP connections a process has open to a port. */
export async function connectionsTo(pid: number, port: number): Promise<number> {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
  const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')));
  return tables.join('\n').split('\n').map((line) => line.trim().split(/\s+/)).filter((fields) => {
    const [, , remote, state] = fields;
    // 01 is ESTABLISHED (include/net/tcp_states.h).
    return state === '01' && Number.parseInt(remote?.split(':')[1] ?? '', 16) === port && inodes.has(fields[9] ?? '');
  }).length;
}
