import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A real gateway process of a test. */
export interface GatewayProcess {
  /** Where stations connect. */
  port: number;
  /** Its name on the bus, new at every start. */
  name: string;
  pid: number;
  /** Sends a signal; SIGKILL resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** What it logged at level error. */
  errors: string[];
  /** Every line that it wrote. */
  heard: string[];
}

const Listening = z.object({ event: z.literal('listening'), port: z.number(), gateway: z.string() });

/** Starts services/ocpp-gateway/src/main.ts with these settings over usual ones; resolves when stations may come, rejects with its last words. */
export async function startGatewayProcess(settings: Record<string, string>): Promise<GatewayProcess> {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL('../../main.ts', import.meta.url))], {
    env: { PATH: process.env['PATH'], ADMIN_PORT: '0', CSMS_OCPP_PORT: '0', CSMS_MODE: 'lab', LOG_LEVEL: 'info', CSMS_DRAIN_SECONDS: '1', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const errors: string[] = [];
  const heard: string[] = [];
  const hear = (line: string): void => {
    heard.push(line);
    if (line.includes('"level":"error"')) errors.push(line);
  };
  createInterface({ input: child.stderr! }).on('line', hear);
  const { port, gateway } = await new Promise<z.infer<typeof Listening>>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      hear(line);
      const parsed = Listening.safeParse(parse(line));
      if (parsed.success) resolve(parsed.data);
    });
    void ended.then(() => reject(new Error(`the gateway ended before it listened:\n${heard.slice(-20).join('\n')}`)));
  });
  return {
    port, name: gateway, pid: child.pid!, errors, heard,
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      if (signal === 'SIGKILL' || signal === 'SIGTERM') await ended;
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
