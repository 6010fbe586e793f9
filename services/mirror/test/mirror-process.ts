import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** services/mirror as it is deployed. */
export interface MirrorProcess {
  child: ChildProcess;
  /** Every line that it wrote, on both of its outputs. */
  lines: string[];
  ended: Promise<number | null>;
  /** The value of a gauge or counter, by its name with labels as printed; null: it is not there. */
  metric(name: string): Promise<number | null>;
  ready(): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

const Listening = z.object({ event: z.literal('listening'), adminPort: z.number() });

/** Starts it with these settings; resolves when it listens, rejects with its words when it ends before. */
export async function startMirrorProcess(settings: Record<string, string>): Promise<MirrorProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], { env: { PATH: process.env['PATH'], ADMIN_PORT: '0', CSMS_MODE: 'lab', ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"event":"listening"')) resolve(Listening.parse(JSON.parse(line)).adminPort);
    });
    void ended.then((code) => reject(new Error(`the mirror ended with ${code}: ${lines.join('\n')}`)));
  });
  const ask = async (path: string): Promise<string> => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  return {
    child, lines, ended,
    async metric(name) {
      const line = (await ask('/metrics')).split('\n').find((each) => each.startsWith(`${name} `) || each.startsWith(`${name.replace(/}$/, '')},`) || each.startsWith(`${name}{`));
      return line === undefined ? null : Number(line.slice(line.lastIndexOf(' ') + 1));
    },
    ready: () => ask('/readyz'),
    async kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
