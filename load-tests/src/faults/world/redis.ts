import { accessSync, constants, copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '@csms/store/embedded-postgres';
import { eventually, startChild, type Child } from './child.ts';

/** A Redis (or Valkey) of a run, on a port that stays when it is started anew. */
export interface RedisServer {
  port: number;
  child(): Child;
  /** Starts it again over its folder: with the dump that lies there, or with none. */
  start(): Promise<void>;
  /** One command by the inline protocol; resolves with the first line of the answer. */
  ask(command: string): Promise<string>;
  /** Writes a dump now and keeps a copy of it. */
  keepDump(): Promise<void>;
  /** Puts the kept copy where the next start finds it; false: nothing, so that it starts empty. */
  restoreDump(kept: boolean): void;
  close(): Promise<void>;
}

/** Where a server program is on PATH; null: nowhere. */
export function findProgram(names: string[]): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      try { accessSync(join(folder, name), constants.X_OK); return join(folder, name); } catch { /* not here */ }
    }
  }
  return null;
}

export async function startRedis(options: { bind?: string } = {}): Promise<RedisServer> {
  const program = findProgram(['redis-server', 'valkey-server']);
  if (program === null) throw new Error('there is no redis-server or valkey-server on PATH');
  const folder = mkdtempSync(join(tmpdir(), 'csms-faults-redis-'));
  const port = await freePort();
  const dump = join(folder, 'dump.rdb');
  let child: Child;
  const ask = (command: string): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`));
    socket.setTimeout(2_000, () => socket.destroy(new Error('no answer')));
    socket.once('error', reject);
    socket.once('data', (data) => { resolve(data.toString().split('\r\n')[0] ?? ''); socket.destroy(); });
  });
  const start = async (): Promise<void> => {
    child = startChild(program, ['--port', String(port), '--bind', options.bind ?? '127.0.0.1', '--protected-mode', 'no', '--save', '', '--appendonly', 'no', '--dir', folder]);
    await eventually('Redis answers', async () => (await ask('PING').catch(() => '')) === '+PONG', 15_000);
  };
  await start();
  return {
    port, child: () => child, start, ask,
    keepDump: async () => {
      const answer = await ask('SAVE');
      if (answer !== '+OK') throw new Error(`Redis made no dump: ${answer}`);
      copyFileSync(dump, `${dump}.kept`);
    },
    restoreDump: (kept) => { if (kept) copyFileSync(`${dump}.kept`, dump); else rmSync(dump, { force: true }); },
    close: async () => { await child.kill(); rmSync(folder, { recursive: true, force: true }); },
  };
}
