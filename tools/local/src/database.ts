import { join } from 'node:path';
import { ConfigError } from '@csms/kit';
import { startEmbeddedPostgres } from '@csms/store/embedded-postgres';
import { appRole, busRole, migrate, ownerRole } from '@csms/store/migrate';
import pg from 'pg';
import type { LocalOptions } from './options.ts';
import type { Secrets } from './state-dir.ts';

export interface LocalDatabase {
  kind: 'embedded' | 'external';
  /** May create roles; the launcher alone has it. */
  adminUrl: string;
  appUrl: string;
  busUrl: string;
  pid: number | null;
  notes: string[];
  stop(): Promise<void>;
}

/**
 * The database that DATABASE_URL names, or an embedded one in the data folder; roles made, migrations run.
 * Throws ConfigError with one sentence when it cannot be reached or is too old.
 */
export async function openDatabase(options: LocalOptions, secrets: Secrets): Promise<LocalDatabase> {
  if (options.databaseUrl !== null) {
    await refuseUnusable(options.databaseUrl);
    const urls = await prepare(options.databaseUrl, new URL(options.databaseUrl).pathname.slice(1) || 'csms', secrets);
    return { kind: 'external', pid: null, notes: [], ...urls, stop: () => Promise.resolve() };
  }
  const server = await startEmbeddedPostgres({ dataDir: join(options.dataDir, 'postgres') });
  try {
    const urls = await prepare(server.superuserUrl, 'csms', secrets);
    return { kind: 'embedded', pid: server.pid, notes: server.notes, ...urls, stop: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function prepare(adminUrl: string, database: string, secrets: Secrets): Promise<{ adminUrl: string; appUrl: string; busUrl: string }> {
  const as = (role: string, password: string) => {
    const url = new URL(adminUrl);
    url.username = role;
    url.password = password;
    url.pathname = `/${database}`;
    return url.href;
  };
  await migrate({ adminUrl, ownerUrl: as(ownerRole, secrets.ownerPassword), appPassword: secrets.appPassword, busPassword: secrets.busPassword });
  const admin = new URL(adminUrl);
  admin.pathname = `/${database}`;
  return { adminUrl: admin.href, appUrl: as(appRole, secrets.appPassword), busUrl: as(busRole, secrets.busPassword) };
}

async function refuseUnusable(url: string): Promise<void> {
  const where = new URL(url).host;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>(`SELECT current_setting('server_version_num')::int AS version`);
    if ((rows[0]?.version ?? 0) < 150_000) throw new ConfigError(`the PostgreSQL at ${where} is version ${Math.floor((rows[0]?.version ?? 0) / 10_000)}; 15 or newer is needed`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`DATABASE_URL cannot be used: ${where} says "${error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error)}"`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
