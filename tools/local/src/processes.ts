import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

export interface ProcessSpec {
  name: string;
  kind: 'api' | 'operator' | 'mirror' | 'identity' | 'fleet' | 'redis';
  command: string[];
  env: Record<string, string>;
  /** GET this until 200 before the process counts as started; null where the process has no health path. */
  readyUrl: string | null;
  /** Restart it when it ends by itself. */
  restart: boolean;
}

export interface ProcessView { name: string; kind: string; pid: number | null; ready: boolean; restarts: number }

/** A process that did not come up; `message` is its own last sentence. */
export class StartError extends Error { override name = 'StartError'; }

/**
 * The launcher's own children: each in a process group of its own, so that Ctrl-C reaches the launcher alone, which then stops them in order.
 * Their output goes to <logDir>/<name>.log.
 */
export class ProcessSet {
  #running = new Map<string, { spec: ProcessSpec; child: ChildProcess | null; ready: boolean; restarts: number; log: WriteStream }>();
  #stopping = false;
  readonly #logDir: string;
  readonly #cwd: string;
  readonly #asked: AbortSignal;

  /** `asked` aborted: a wait for readiness ends. */
  constructor(options: { logDir: string; cwd: string; asked: AbortSignal }) {
    this.#logDir = options.logDir;
    this.#cwd = options.cwd;
    this.#asked = options.asked;
  }

  /** Starts it and waits until it is ready; throws StartError when it ends first or is not ready within `limitMs`. */
  async start(spec: ProcessSpec, limitMs = 60_000): Promise<void> {
    const log = createWriteStream(join(this.#logDir, `${spec.name}.log`), { flags: 'a' });
    const entry = { spec, child: null as ChildProcess | null, ready: false, restarts: 0, log };
    this.#running.set(spec.name, entry);
    this.#spawn(entry);
    const until = Date.now() + limitMs;
    while (!(entry.ready = await isReady(spec.readyUrl))) {
      this.#asked.throwIfAborted();
      if (entry.child?.exitCode != null || entry.child?.signalCode != null || entry.restarts > 0) throw new StartError(this.lastWords(spec.name) || `${spec.name} ended at its start`);
      if (Date.now() > until) throw new StartError(`${spec.name} was not ready within ${limitMs / 1000} s; its log is ${join(this.#logDir, `${spec.name}.log`)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  #spawn(entry: { spec: ProcessSpec; child: ChildProcess | null; ready: boolean; restarts: number; log: WriteStream }): void {
    const [program, ...args] = entry.spec.command;
    const child = spawn(program!, args, { cwd: this.#cwd, env: entry.spec.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout?.pipe(entry.log, { end: false });
    child.stderr?.pipe(entry.log, { end: false });
    entry.child = child;
    child.once('error', (error) => entry.log.write(`${entry.spec.name}: ${error.message}\n`));
    child.once('exit', () => {
      entry.ready = false;
      if (this.#stopping || !entry.spec.restart || this.#running.get(entry.spec.name) !== entry) return;
      const delayMs = Math.min(10_000, 250 * 2 ** entry.restarts++);
      setTimeout(() => { if (!this.#stopping) { this.#spawn(entry); void this.#watchReady(entry.spec.name); } }, delayMs).unref();
    });
  }

  async #watchReady(name: string): Promise<void> {
    for (let i = 0; i < 400; i++) {
      const entry = this.#running.get(name);
      if (!entry || this.#stopping) return;
      if ((entry.ready = await isReady(entry.spec.readyUrl))) return;
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  view(): ProcessView[] {
    return [...this.#running.values()].map(({ spec, child, ready, restarts }) => ({ name: spec.name, kind: spec.kind, pid: child?.exitCode == null && child?.signalCode == null ? (child?.pid ?? null) : null, ready, restarts }));
  }

  /** Signals one process by name; the restart rule of its spec then applies. False: there is none. */
  kill(name: string, signal: NodeJS.Signals): boolean {
    const child = this.#running.get(name)?.child;
    return child?.exitCode == null && child?.signalCode == null ? (child?.kill(signal) ?? false) : false;
  }

  async stop(name: string, graceMs = 4_000): Promise<void> {
    const entry = this.#running.get(name);
    if (!entry) return;
    this.#running.delete(name);
    const child = entry.child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((done) => child.once('exit', () => done()));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(timer);
    }
    entry.log.end();
  }

  async stopAll(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name)));
  }

  /** The last line that a person can read in a process's log. */
  lastWords(name: string): string {
    const text = readFileSync(join(this.#logDir, `${name}.log`), 'utf8').trim().split('\n').slice(-40);
    const sentences = text.filter((line) => line.trim() && !line.startsWith('{') && !/^(\s+at |Node\.js v|\}|\s)/.test(line));
    return (sentences.findLast((line) => /\w*Error\b.*: /.test(line)) ?? sentences.at(-1) ?? '').replace(/^(Uncaught )?\w*Error( \[\w+\])?: /, `${name}: `);
  }
}

async function isReady(url: string | null): Promise<boolean> {
  if (url === null) return true;
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
