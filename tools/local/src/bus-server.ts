import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigError } from '@csms/kit';
import { freePort } from '@csms/store/embedded-postgres';
import { connect } from 'node:net';
import pg from 'pg';
import type { LocalDatabase } from './database.ts';
import type { LocalOptions } from './options.ts';
import type { ProcessSet } from './processes.ts';

export interface LocalBus {
  kind: 'postgres' | 'redis';
  said: string;
  /** The variables that the platform's processes get. */
  env: Record<string, string>;
  /** For the lab: takes the bus away from everyone, and gives it back. Null: it is not ours to stop. */
  outage: { stop(): Promise<void>; start(): Promise<void>; stopped(): boolean } | null;
}

/** REDIS_URL, else a server binary on PATH, else PostgreSQL carries the bus. */
export async function openBusServer(options: LocalOptions, database: LocalDatabase, processes: ProcessSet): Promise<LocalBus> {
  if (options.redisUrl !== null) {
    await refuseUnreachable(options.redisUrl);
    return { kind: 'redis', said: `Redis at ${new URL(options.redisUrl).host}`, env: { REDIS_URL: options.redisUrl }, outage: null };
  }
  const binary = onPath(['valkey-server', 'redis-server']);
  if (binary !== null) {
    const port = await freePort();
    const folder = join(options.dataDir, 'redis');
    mkdirSync(folder, { recursive: true });
    const spec = {
      name: 'redis', kind: 'redis' as const, restart: false, readyUrl: null, env: { PATH: process.env['PATH'] ?? '' },
      command: [binary, '--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    };
    await processes.start(spec);
    let stopped = false;
    return {
      kind: 'redis', said: `${binary} on port ${port}`, env: { REDIS_URL: `redis://127.0.0.1:${port}` },
      outage: {
        stop: async () => { stopped = true; await processes.stop('redis'); },
        start: async () => { await processes.start(spec); stopped = false; },
        stopped: () => stopped,
      },
    };
  }
  return { kind: 'postgres', said: 'PostgreSQL (no Redis was found)', env: { BUS_DATABASE_URL: database.busUrl }, outage: postgresOutage(database) };
}

/** The bus has a login of its own, so that it can be taken away while the books stay open. */
function postgresOutage(database: LocalDatabase): NonNullable<LocalBus['outage']> {
  let stopped = false;
  const asAdmin = async (statements: string[]) => {
    const client = new pg.Client({ connectionString: database.adminUrl });
    client.on('error', () => undefined);
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    stop: async () => { stopped = true; await asAdmin(['ALTER ROLE csms_bus NOLOGIN', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'csms_bus'`]); },
    start: async () => { await asAdmin(['ALTER ROLE csms_bus LOGIN']); stopped = false; },
    stopped: () => stopped,
  };
}

function onPath(names: string[]): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) if (folder && existsSync(join(folder, name))) return join(folder, name);
  }
  return null;
}

function refuseUnreachable(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 6379), timeout: 3_000 }, () => { socket.destroy(); resolve(); });
    const refuse = (reason: string) => { socket.destroy(); reject(new ConfigError(`REDIS_URL cannot be used: ${hostname}:${port || 6379} ${reason}`)); };
    socket.once('error', (error) => refuse(`says "${(error as NodeJS.ErrnoException).code ?? error.message}"`));
    socket.once('timeout', () => refuse('does not answer'));
  });
}
