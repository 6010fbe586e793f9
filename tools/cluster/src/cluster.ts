import { spawn } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { buildBinaries } from './binaries.ts';
import { installDebianPackages } from './debian-packages.ts';
import type { Orders } from './keeper.ts';
import { makeNamespace, netnsFile } from './network-namespace.ts';
import { placeOf, type Level, type Place } from './place.ts';
import { endProcess, notedProcesses, startTicksOf } from './processes.ts';
import { readState, type ClusterState } from './state.ts';
import { takeDown } from './take-down.ts';

const bootLimitMs = 240_000;
const downLimitMs = 60_000;

export interface UpOptions {
  name: string;
  level: Level;
  cacheDir: string;
  fakeNodes: number;
  /** The cluster is taken down when this process is gone; absent: it stays until `down`. */
  ownerPid?: number;
  say: (line: string) => void;
}

/** Why no cluster can be made on this machine, or undefined. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'a cluster of our own needs Linux; set KUBECONFIG to use another one';
  if (process.getuid?.() !== 0) return 'network namespaces and cgroups need root; set KUBECONFIG to use another cluster';
  return undefined;
}

/** Builds what is missing and boots a cluster; a cluster of that name that is there is used as it is, and what a killed one left is taken down first. */
export async function up(options: UpOptions): Promise<{ place: Place; state: ClusterState }> {
  const place = placeOf(options.cacheDir, options.name);
  const present = await readState(place).catch(() => undefined);
  if (present?.phase === 'ready' && (await keeperOf(place)) !== undefined) {
    if (options.level === 'node' && present.level !== 'node') throw new Error(`The cluster ${options.name} is up with the level ${present.level}: take it down first.`);
    return { place, state: present };
  }
  await down(place);
  const binaries = await buildBinaries(options.level, options.cacheDir, options.say);
  if (options.level === 'node') await installDebianPackages(options.say);
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  await mkdir(place.runFolder, { recursive: true, mode: 0o711 });
  await makeNamespace(place);
  const ownerTicks = options.ownerPid === undefined ? undefined : await startTicksOf(options.ownerPid);
  if (options.ownerPid !== undefined && ownerTicks === undefined) throw new Error(`There is no process ${options.ownerPid} that could own the cluster.`);
  const orders: Orders = {
    place, level: options.level, nodeName: 'csms-node', fakeNodes: options.fakeNodes, binFolders: binaries.folders,
    owner: options.ownerPid === undefined || ownerTicks === undefined ? null : { pid: options.ownerPid, startTicks: ownerTicks },
  };
  const state = await bootWith(place, orders);
  if (state.phase === 'ready') return { place, state };
  const reason = state.reason ?? 'its keeper ended';
  await down(place);
  throw new Error(`The cluster did not come up: ${reason}`);
}

async function bootWith(place: Place, orders: Orders): Promise<ClusterState> {
  const log = openSync(join(place.folder, 'keeper.log'), 'a');
  const child = spawn('nsenter', [`--net=${netnsFile(place)}`, '--', process.execPath, join(import.meta.dirname, 'keeper.ts'), JSON.stringify(orders)], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let exited = false;
  child.once('exit', () => { exited = true; });
  await new Promise<void>((resolve, reject) => { child.once('error', reject); child.once('spawn', resolve); });
  child.unref();
  const endMs = Date.now() + bootLimitMs;
  for (;;) {
    const state = await readState(place).catch(() => undefined);
    if (state?.phase === 'ready' || state?.phase === 'failed') return state;
    if (exited || Date.now() > endMs) return { phase: 'failed', level: orders.level, binFolders: [], reason: exited ? `its keeper ended (${join(place.folder, 'keeper.log')})` : 'it took too long' };
    await pause(50);
  }
}

async function keeperOf(place: Place) {
  return (await notedProcesses(place)).find(({ name, runs }) => name === 'keeper' && runs)?.noted;
}

/** Takes a cluster down, through its keeper where that lives; true when there was anything. */
export async function down(place: Place): Promise<boolean> {
  const keeper = await keeperOf(place);
  if (keeper !== undefined) await endProcess(keeper, downLimitMs);
  const left = (await readdir(dirname(place.folder)).catch((): string[] => [])).includes(place.name);
  if (left) await takeDown(place);
  return keeper !== undefined || left;
}

/** The names of all clusters of a cache folder. */
export async function clusterNames(cacheDir: string): Promise<string[]> {
  return readdir(dirname(placeOf(cacheDir, 'any').folder)).catch(() => []);
}

export interface ClusterStatus {
  name: string;
  phase: ClusterState['phase'] | 'absent' | 'broken';
  level: Level | null;
  bootMs: number | null;
  kubeconfig: string | null;
  namespace: string | null;
  logs: string | null;
  processes: { name: string; pid: number; runs: boolean }[];
}

/** What there is of a cluster. `broken`: something is left of one whose keeper is gone, or a part of it has ended. */
export async function statusOf(place: Place): Promise<ClusterStatus> {
  const state = await readState(place).catch(() => undefined);
  const processes = (await notedProcesses(place)).map(({ name, noted, runs }) => ({ name, pid: noted.pid, runs })).sort((a, b) => a.name.localeCompare(b.name));
  if (state === undefined) return { name: place.name, phase: 'absent', level: null, bootMs: null, kubeconfig: null, namespace: null, logs: null, processes };
  return {
    name: place.name, phase: processes.some(({ runs }) => !runs) || !processes.some(({ name }) => name === 'keeper') ? 'broken' : state.phase, level: state.level, bootMs: state.bootMs ?? null,
    kubeconfig: place.kubeconfig, namespace: netnsFile(place), logs: join(place.folder, 'logs'), processes,
  };
}
