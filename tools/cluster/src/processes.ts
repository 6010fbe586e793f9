import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Place } from './place.ts';

const Noted = z.object({ pid: z.number().int().positive(), startTicks: z.string() });
/** A process by its number and the moment of its start, so that a number that was given away again is not mistaken for it. */
export type Noted = z.infer<typeof Noted>;

const killAfterMs = 2_000;

/** The parts of one cluster as processes: each with a note of its pid and a log of its own. */
export class Processes {
  #place: Place;
  #exited = new Map<string, string>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Starts `argv` as a child that the kernel kills should this process die without a word. */
  async start(name: string, argv: [string, ...string[]], env: Record<string, string> = {}): Promise<void> {
    await mkdir(join(this.#place.folder, 'logs'), { recursive: true });
    const log = openSync(this.logFile(name), 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], { detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...env } });
    closeSync(log);
    child.once('exit', (code, signal) => this.#exited.set(name, signal ?? `exit ${String(code)}`));
    await new Promise<void>((resolve, reject) => { child.once('error', reject); child.once('spawn', resolve); });
    if (child.pid !== undefined) await note(this.#place, name, child.pid);
  }

  logFile(name: string): string {
    return join(this.#place.folder, 'logs', `${name}.log`);
  }

  /** Waits for a fact about a process; throws with the end of its log when it exits or when the fact does not come. */
  async until(name: string, fact: () => Promise<boolean>, limitMs = 120_000): Promise<void> {
    const endMs = Date.now() + limitMs;
    while (!(await fact().catch(() => false))) {
      const ended = this.#exited.get(name);
      if (ended !== undefined) throw new Error(`${name} ended (${ended}): ${await this.#lastWords(name)}`);
      if (Date.now() > endMs) throw new Error(`${name} is not ready after ${limitMs / 1000} s: ${await this.#lastWords(name)}`);
      await pause(50);
    }
  }

  async #lastWords(name: string): Promise<string> {
    return (await readFile(this.logFile(name), 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' | ');
  }
}

const notesFolder = (place: Place): string => join(place.folder, 'pids');

/** Keeps what a process is, for whoever takes the cluster down. */
export async function note(place: Place, name: string, pid: number): Promise<void> {
  const startTicks = await startTicksOf(pid);
  if (startTicks === undefined) return;
  await mkdir(notesFolder(place), { recursive: true });
  await writeFile(join(notesFolder(place), name), JSON.stringify({ pid, startTicks } satisfies Noted));
}

/** The noted processes of a place, and whether each still runs. */
export async function notedProcesses(place: Place): Promise<{ name: string; noted: Noted; runs: boolean }[]> {
  const names = await readdir(notesFolder(place)).catch(() => []);
  const all = await Promise.all(names.map(async (name) => {
    const text = await readFile(join(notesFolder(place), name), 'utf8').catch(() => '');
    const read = Noted.safeParse(text === '' ? undefined : JSON.parse(text));
    return read.success ? [{ name, noted: read.data, runs: await runs(read.data) }] : [];
  }));
  return all.flat();
}

/** When a process began, in the kernel's ticks; undefined for one that is gone or a zombie (proc(5), stat: fields 3 and 22). */
export async function startTicksOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name in parentheses may itself hold blanks and parentheses.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}

export const runs = async (noted: Noted): Promise<boolean> => (await startTicksOf(noted.pid)) === noted.startTicks;

/** Ends the named processes together: asked first, killed after two seconds. Only what is still the process that was noted is touched. */
export async function endProcesses(place: Place, names: readonly string[]): Promise<void> {
  const found = (await notedProcesses(place)).filter((each) => names.includes(each.name));
  await Promise.all(found.map(async ({ name, noted }) => {
    await endProcess(noted, killAfterMs);
    await rm(join(notesFolder(place), name), { force: true });
  }));
}

/** Ends one process; resolves when it is gone. */
export async function endProcess(noted: Noted, graceMs: number): Promise<void> {
  const send = async (signal: NodeJS.Signals): Promise<void> => {
    try {
      if (await runs(noted)) process.kill(noted.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  await send('SIGTERM');
  const killAtMs = Date.now() + graceMs;
  while (await runs(noted)) {
    if (Date.now() >= killAtMs) await send('SIGKILL');
    await pause(20);
  }
}
