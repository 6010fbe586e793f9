import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rename, rm, chmod, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres.ts';
import { migrate, migrationsFolder, ownerRole } from './migrate.ts';

/*
 * Real PostgreSQL for tests. The first test on a machine initialises a data folder with a migrated template database and keeps it in the
 * temporary folder under a name made from the migrations; every later server is a copy of it (a fifth of a second instead of three).
 */

export interface TestDatabase {
  /** csms_owner, owner of the schema, no superuser. */
  ownerUrl: string;
  /** csms_app, what the services are. */
  appUrl: string;
  /** csms_bus, on the same database. */
  busUrl: string;
  /** A superuser, on the same database: for catalogue tests and audits only. */
  adminUrl: string;
  /** The server's process id; null where the server is not ours. */
  pid: number | null;
  /** Drops the database, and stops the server when it was the last one in this process. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** True: commits wait for the disk, as in production. Default false; a process has one server for each of the two. */
  fsync?: boolean;
}

const password = 'test-only';
const run = promisify(execFile);

interface Server { adminUrl: string; template: string; pid: number | null; users: number; stop(): Promise<void> }
const servers = new Map<string, Promise<Server>>();

/**
 * A fresh, migrated database for one test file, in a server of this process's own (or in the one that CSMS_TEST_DATABASE_URL names, as superuser).
 * Call `close` in afterAll.
 */
export async function startTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const fsync = options.fsync ?? false;
  const key = fsync ? 'fsync' : 'fast';
  let starting = servers.get(key);
  if (!starting) {
    const given = process.env['CSMS_TEST_DATABASE_URL'];
    starting = given ? useServer(given) : startServer(fsync);
    servers.set(key, starting);
    starting.catch(() => servers.delete(key));
  }
  const server = await starting;
  server.users += 1;
  const name = `csms_${randomBytes(6).toString('hex')}`;
  await asAdmin(server.adminUrl, (admin) => admin.query(`CREATE DATABASE ${name} TEMPLATE ${server.template} OWNER ${ownerRole}`));
  return {
    ownerUrl: withLogin(server.adminUrl, ownerRole, name), appUrl: withLogin(server.adminUrl, 'csms_app', name),
    busUrl: withLogin(server.adminUrl, 'csms_bus', name), adminUrl: withDatabase(server.adminUrl, name), pid: server.pid,
    async close() {
      server.users -= 1;
      await untilDisconnected(server.adminUrl, name);
      if (server.users === 0 && server.pid !== null) {
        servers.delete(key);
        await server.stop();
      } else {
        await asAdmin(server.adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
      }
    },
  };
}

/** Clients that have said goodbye may still be on their way out; cut off by the server they would end the test run with an error. */
async function untilDisconnected(adminUrl: string, database: string): Promise<void> {
  await asAdmin(adminUrl, async (admin) => {
    for (let i = 0; i < 2_000; i++) {
      const { rows } = await admin.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1', [database]);
      if (rows[0]!.n === 0) return;
      await new Promise((resolve) => { setTimeout(resolve, 10); });
    }
  });
}

async function startServer(fsync: boolean): Promise<Server> {
  const [uid] = process.getuid ? [process.getuid()] : [0];
  const template = join(tmpdir(), `csms-test-postgres-${uid}-${await migrationsHash()}`);
  if (!(await exists(template))) await makeTemplateFolder(template);
  const folder = await openFolder('csms-test-data-');
  await run('cp', ['-a', `${template}/.`, folder]);
  const started = await startEmbeddedPostgres({ dataDir: folder, durable: fsync });
  return {
    adminUrl: started.superuserUrl, template: 'csms_template', pid: started.pid, users: 0,
    async stop() { await started.stop(); await rm(folder, { recursive: true, force: true }); },
  };
}

/** initdb, roles, one migrated database, then moved to its name in one step, so that a half-made template is never seen. */
async function makeTemplateFolder(template: string): Promise<void> {
  const folder = await openFolder('csms-test-template-');
  try {
    const server = await startEmbeddedPostgres({ dataDir: folder, durable: false });
    try {
      await makeTemplateDatabase(server.superuserUrl, 'csms_template');
    } finally {
      await server.stop();
    }
    // Another process may have been first: its template is as good as ours.
    await rename(folder, template).catch(async (error: unknown) => { if (!(await exists(template))) throw error; });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder that the account of the server may enter, whatever this process's umask is. */
async function openFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  await chmod(folder, 0o755);
  return folder;
}

/** A server that is there already: the template database is made in it once per version of the migrations. */
async function useServer(adminUrl: string): Promise<Server> {
  const template = `csms_template_${await migrationsHash()}`;
  await asAdmin(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock(7241865325823966)');
    const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [template]);
    if (rowCount !== 0) return;
    const draft = `${template}_${randomBytes(4).toString('hex')}`;
    await makeTemplateDatabase(adminUrl, draft);
    await admin.query(`ALTER DATABASE ${draft} RENAME TO ${template}`);
  });
  return { adminUrl, template, pid: null, users: 0, stop: () => Promise.resolve() };
}

async function makeTemplateDatabase(adminUrl: string, name: string): Promise<void> {
  await migrate({ adminUrl, ownerUrl: withLogin(adminUrl, ownerRole, name), appPassword: password, busPassword: password });
}

async function migrationsHash(): Promise<string> {
  const hash = createHash('sha256').update('4');
  for (const file of (await readdir(migrationsFolder)).filter((name) => name.endsWith('.sql')).sort()) {
    hash.update(file).update(await readFile(join(migrationsFolder, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try { return await work(admin); } finally { await admin.end(); }
}

function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.href;
}

function withLogin(url: string, user: string, database: string): string {
  const parsed = new URL(withDatabase(url, database));
  parsed.username = user;
  parsed.password = password;
  return parsed.href;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, () => false);
}
