import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A process of a run, which ends with it. */
export interface Child {
  pid: number;
  alive(): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  exited: Promise<number | null>;
  /** Its last lines, for whoever must explain a failure. */
  lastWords(): string;
}

/** Whatever ends this process ends its children: a frozen gateway would stay for ever. */
const children = new Set<ChildProcess>();
process.once('exit', () => { for (const child of children) child.kill('SIGKILL'); });

/** Starts a program; with `onLine` each line of its output is told. */
export function startChild(command: string, args: string[], options: { env?: Record<string, string>; cwd?: string; onLine?: (line: string) => void } = {}): Child {
  const child: ChildProcess = spawn(command, args, { cwd: options.cwd, env: { PATH: process.env['PATH'] ?? '', ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  const words: string[] = [];
  for (const stream of [child.stdout!, child.stderr!]) {
    createInterface({ input: stream }).on('line', (line) => {
      words.push(line);
      if (words.length > 40) words.shift();
      options.onLine?.(line);
    });
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', (error) => { words.push(error.message); resolve(null); });
    child.once('exit', (code) => resolve(code));
  });
  const alive = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    pid: child.pid ?? 0, alive, exited, lastWords: () => words.join('\n'),
    signal: (name) => { if (alive()) child.kill(name); },
    kill: async () => { if (alive()) { child.kill('SIGKILL'); await exited; } },
  };
}

/** A process and every process that it has forked. */
export function family(parent: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try { return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ')[1]) === parent; } catch { return false; }
  });
  return [parent, ...children];
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024;
}

/** Waits for a fact; rejects with a sentence when it does not come in `limitMs`. */
export async function eventually(what: string, holds: () => boolean | Promise<boolean>, limitMs = 60_000): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
}
