import { readFile } from 'node:fs/promises';
import { tryCommand } from './run-command.ts';

/** Mount points at or under one of the folders, deepest first. */
export async function mountsUnder(folders: readonly string[]): Promise<string[]> {
  return mountPointsUnder(await readFile('/proc/self/mountinfo', 'utf8'), folders);
}

/** The same of a text of /proc/PID/mountinfo (proc(5): the fifth field, blanks and backslashes as octal). */
export function mountPointsUnder(mountinfo: string, folders: readonly string[]): string[] {
  return mountinfo.split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))))
    .filter((point) => folders.some((folder) => point === folder || point.startsWith(`${folder}/`)))
    .sort((a, b) => b.length - a.length);
}

/** Unmounts all of it, also what is mounted several times over; what is still used goes when its last user does. */
export async function unmountAll(folders: readonly string[]): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    const points = await mountsUnder(folders);
    if (points.length === 0) return;
    for (const point of points) await tryCommand('umount', ['--lazy', point]);
  }
}
