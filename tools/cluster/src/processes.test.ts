import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { placeOf, type Place } from './place.ts';
import { endProcesses, note, notedProcesses, startTicksOf } from './processes.ts';

let folder: string;
let place: Place;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'csms-place-')); place = placeOf(folder, 'test'); });
afterEach(() => rm(folder, { recursive: true, force: true }));

const started = async (...argv: [string, ...string[]]): Promise<{ pid: number; gone: Promise<unknown> }> => {
  const child = spawn(argv[0], argv.slice(1), { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  await new Promise((resolve) => child.once('spawn', resolve));
  return { pid: child.pid ?? 0, gone };
};

it('ends a noted process by its number and the moment of its start, and forgets it', async () => {
  const { pid, gone } = await started('sleep', '600');
  await note(place, 'etcd', pid);
  expect(await notedProcesses(place)).toMatchObject([{ name: 'etcd', runs: true }]);
  await endProcesses(place, ['etcd']);
  expect(await gone).toBe('SIGTERM');
  expect(await notedProcesses(place)).toEqual([]);
});

it('leaves a process alone whose number was somebody else\'s before', async () => {
  const { pid, gone } = await started('sleep', '600');
  await note(place, 'etcd', pid);
  await writeFile(join(place.folder, 'pids', 'etcd'), JSON.stringify({ pid, startTicks: '1' }));
  await endProcesses(place, ['etcd']);
  expect(await startTicksOf(pid)).toBeDefined();
  process.kill(pid, 'SIGKILL');
  await gone;
  expect(await startTicksOf(pid)).toBeUndefined();
});

it('places of two names share nothing that lies outside their folders, and sockets have room in their paths', () => {
  const other = placeOf(folder, 'other');
  expect(new Set([place.id, place.runFolder, other.id, other.runFolder]).size).toBe(4);
  expect(`${placeOf(`/a/very/${'long/'.repeat(60)}`, 'x').runFolder}/containerd/io.containerd.grpc.v1.cri`.length).toBeLessThan(108);
});
